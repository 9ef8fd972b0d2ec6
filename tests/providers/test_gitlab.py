"""GitLab: which links it claims, what their cards say, what each costs."""

from __future__ import annotations

import time

import pytest

from providers.gitlab import gitlab
from tests.providers.gitlab_replies import AT, FOLDER, PROJECT, REPLIES, SHA, SITE, card
from tests.providers.kit import RecordedApi, assert_golden, card_of, match
from unfurler.sdk import AccessDenied, NotFound, NothingToShow, RateLimited
from unfurler.sdk.link import MAX_LINK_CHARS

CLAIMS = [
    (f"{SITE}/group/project", "place", {"place": "group/project"}),
    (f"{PROJECT}.git", "place", {"place": "group/sub/project.git"}),
    (f"{PROJECT}/-/issues/7", "issue", {**AT, "iid": 7}),
    (f"{PROJECT}/-/issues/7#note_1", "issue", {**AT, "iid": 7}),
    (f"{PROJECT}/-/issues/7/designs", "issue", {**AT, "iid": 7}),
    (f"{PROJECT}/-/issues/incident/7", "issue", {**AT, "iid": 7}),
    (f"{PROJECT}/-/work_items/7", "issue", {**AT, "iid": 7}),
    (f"{PROJECT}/-/merge_requests/8", "merge_request", {**AT, "iid": 8}),
    (f"{PROJECT}/-/merge_requests/8#note_2", "merge_request", {**AT, "iid": 8}),
    (f"{PROJECT}/-/merge_requests/8/diffs", "merge_request", {**AT, "iid": 8}),
    (f"{PROJECT}/-/merge_requests/8/commits", "merge_request", {**AT, "iid": 8}),
    (f"{PROJECT}/-/merge_requests/8/pipelines", "merge_request", {**AT, "iid": 8}),
    (f"{PROJECT}/-/merge_requests/8/reports", "merge_request", {**AT, "iid": 8}),
    (f"{PROJECT}/-/commit/{SHA}", "commit", {**AT, "sha": SHA}),
    (f"{PROJECT}/-/blob/main/src/app.py#L2-3", "place", {"place": "group/sub/project/-/blob/main/src/app.py"}),
    (f"{PROJECT}/-/blame/main/src/app.py", "place", {"place": "group/sub/project/-/blame/main/src/app.py"}),
    (f"{PROJECT}/-/tree/main", "place", {"place": "group/sub/project/-/tree/main"}),
    (f"{PROJECT}/-/tree/main/src?ref_type=heads", "place", {"place": "group/sub/project/-/tree/main/src"}),
    (f"{PROJECT}/-/releases/v1.0", "place", {"place": "group/sub/project/-/releases/v1.0"}),
    (f"{PROJECT}/-/tags/pkg/v1.0", "place", {"place": "group/sub/project/-/tags/pkg/v1.0"}),
    (f"{PROJECT}/-/compare/main...a/b", "place", {"place": "group/sub/project/-/compare/main...a/b"}),
    (f"{PROJECT}/-/pipelines/46", "pipeline", {**AT, "pipeline": 46}),
    (f"{PROJECT}/-/pipelines/46/builds", "pipeline", {**AT, "pipeline": 46}),
    (f"{PROJECT}/-/pipelines/46/failures", "pipeline", {**AT, "pipeline": 46}),
    (f"{PROJECT}/-/pipelines/46/test_report", "pipeline", {**AT, "pipeline": 46}),
    (f"{PROJECT}/-/jobs/9", "job", {**AT, "job": 9}),
    (f"{PROJECT}/-/snippets/3", "project_snippet", {**AT, "number": 3}),
    (f"{SITE}/-/snippets/3", "snippet", {"number": 3}),
    (f"{SITE}/snippets/3", "snippet", {"number": 3}),
    (f"{SITE}/groups/group/sub/-/epics/5", "epic", {"group": "group/sub", "iid": 5}),
    (f"{SITE}/groups/group/-/work_items/5", "epic", {"group": "group", "iid": 5}),
]


REFUSES = [
    f"{SITE}/",
    f"{SITE}/group",
    f"{SITE}/explore",
    f"{SITE}/explore/projects",
    f"{SITE}/users/sign_in",
    f"{SITE}/users/ada/projects",
    f"{SITE}/admin/users",
    f"{SITE}/dashboard/issues",
    f"{SITE}/help/user",
    f"{SITE}/groups/group",
    f"{SITE}/groups/group/-/issues",
    f"{SITE}/-/profile/preferences",
    f"{SITE}/-/user_settings/personal_access_tokens",
    f"{SITE}/api/v4/projects",
    f"{SITE}/oauth/authorize",
    f"{SITE}/Admin/users",
    f"{PROJECT}/-/issues",
    f"{PROJECT}/-/issues/new",
    f"{PROJECT}/-/issues/-7",
    f"{PROJECT}/-/merge_requests/new",
    f"{PROJECT}/-/pipelines",
    f"{PROJECT}/-/settings/ci_cd",
    f"{PROJECT}/-/blob/main",
    f"{PROJECT}/-/compare/main",
    f"{PROJECT}/-/compare/...main",
    f"{SITE}/group/pro%20ject",
    f"{SITE}/group/-/project",
    f"{SITE}/group//project",
    f"{SITE}/explore/-/issues/7",
    f"{SITE}/project/-/issues/7",
    "https://gitlab.com.evil.example/group/project/-/issues/7",
    "https://about.gitlab.com/pricing/",
]


# Golden cards


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("project", ""),
        ("issue", "/-/issues/7"),
        ("issue-note", "/-/issues/7#note_1"),
        ("merge-request", "/-/merge_requests/8"),
        ("commit", f"/-/commit/{SHA}"),
        ("lines", "/-/blob/main/src/app.py#L10-20"),
        ("file", "/-/blob/main/src/app.py"),
        ("folder", "/-/tree/main"),
        ("release", "/-/releases/v1.0"),
        ("tag", "/-/tags/pkg/v1.0"),
        ("comparison", "/-/compare/main...a/b"),
        ("snippet", "/-/snippets/3"),
        ("pipeline", "/-/pipelines/46"),
        ("job", "/-/jobs/9"),
    ],
)
def test_the_card_is_the_agreed_one(name: str, path: str):
    assert_golden(card(path), FOLDER / f"{name}.card.json")


def test_the_card_of_an_epic_is_the_agreed_one():
    assert_golden(card_of(gitlab, f"{SITE}/groups/group/sub/-/epics/5", REPLIES), FOLDER / "epic.card.json")


# Requests


@pytest.mark.parametrize(
    ("path", "calls"),
    [
        ("", 1),
        ("/-/issues/7", 1),
        ("/-/issues/7#note_1", 2),
        ("/-/merge_requests/8", 2),
        ("/-/merge_requests/8#note_2", 3),
        (f"/-/commit/{SHA}", 2),
        ("/-/blob/main/src/app.py#L3", 2),
        ("/-/tree/main", 2),
        ("/-/releases/v1.0", 1),
        ("/-/tags/pkg/v1.0", 1),
        ("/-/compare/main...a/b", 1),
        ("/-/snippets/3", 2),
        ("/-/pipelines/46", 2),
        ("/-/jobs/9", 2),
    ],
)
def test_a_link_costs_no_more_requests_than_it_must(path: str, calls: int):
    api = RecordedApi(REPLIES)
    card_of(gitlab, f"{PROJECT}{path}", api=api)
    assert len(api.calls) == calls


@pytest.mark.parametrize(
    "path", ["", "/-/issues/7", "/-/merge_requests/8", f"/-/commit/{SHA}", "/-/tree/main", "/-/jobs/9"]
)
@pytest.mark.parametrize(("status", "error"), [(403, AccessDenied), (404, NotFound), (429, RateLimited)])
def test_what_gitlab_says_of_the_thing_itself_is_passed_on(path: str, status: int, error: type[Exception]):
    with pytest.raises(error):
        card_of(gitlab, f"{PROJECT}{path}", dict.fromkeys(REPLIES, status))


@pytest.mark.parametrize("site", ["https://git.acme.example", "https://acme.example/dev/gitlab"])
def test_an_instance_is_matched_below_its_own_path(site: str):
    found = match(gitlab, f"{site}/group/sub/project/-/issues/7", site)
    assert found is not None
    assert found.site.api_url == f"{site}/api/v4"
    assert found.arguments == {**AT, "iid": 7}


def test_buttons_of_an_instance_lead_to_the_instance():
    site = "https://acme.example/dev/gitlab"
    made = card_of(gitlab, f"{site}/group/sub/project/-/blob/main/src/app.py#L3", REPLIES, site_url=site)
    assert made.buttons[-1].url == f"{site}/group/sub/project/-/blame/main/src/app.py#L3"


@pytest.mark.parametrize("path", ["a/" * 900, "a/-/" * 450, "a/-/issues/" * 180, "-/" * 900])
def test_a_hostile_path_is_matched_fast(path: str):
    began = time.thread_time()
    match(gitlab, f"{SITE}/{path}x"[:MAX_LINK_CHARS])
    assert time.thread_time() - began < 0.5


def test_a_path_never_chooses_another_endpoint():
    for path in ("/-/blob/main/x%2F..%2F..%2Fsecret", "/-/tags/..%2F..%2Fusers", "/-/releases/%2e%2e"):
        api = RecordedApi(REPLIES)
        found = match(gitlab, f"{PROJECT}{path}")
        if found is not None:
            with pytest.raises(Exception, match=r"path|preview|list|page"):
                found.rule.function(found.link, api, **found.arguments)
        assert api.calls == [], path


def test_too_deep_a_path_is_no_project():
    with pytest.raises(NothingToShow):
        card_of(gitlab, f"{SITE}/{'a/' * 22}b")
