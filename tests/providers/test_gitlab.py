"""GitLab: which links it claims, what their cards say, what a missing or failing reply changes."""

from __future__ import annotations

import base64
import time
from pathlib import Path
from typing import Any

import pytest

from providers.gitlab import gitlab
from tests.providers.kit import RecordedApi, assert_golden, card_of, match
from unfurler.sdk import AccessDenied, Card, Fact, NotFound, NothingToShow, RateLimited, Status
from unfurler.sdk.errors import LimitExceeded
from unfurler.sdk.link import MAX_LINK_CHARS

FOLDER = Path(__file__).parent / "gitlab"
SHA = "6104942438c14ec7bd21c6cd5bd995272b3faff6"
SITE = "https://gitlab.com"
PROJECT = f"{SITE}/group/sub/project"
AT = {"project": "group/sub/project"}
API = "/projects/group%2Fsub%2Fproject"

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

ADA, BEN = {"id": 1, "username": "ada", "name": "Ada"}, {"id": 2, "username": "ben", "name": "Ben"}
ISSUE: dict[str, Any] = {
    "id": 76,
    "iid": 7,
    "project_id": 4,
    "title": "Crash on start",
    "description": "It crashes.\n\n<!-- template -->",
    "state": "opened",
    "confidential": False,
    "issue_type": "issue",
    "author": ADA,
    "assignees": [BEN],
    "labels": ["bug", "ui"],
    "milestone": {"title": "2.0"},
    "epic": {"iid": 5, "title": "Stability"},
    "weight": 3,
    "due_date": "2026-02-03",
    "user_notes_count": 2,
    "merge_requests_count": 1,
    "upvotes": 4,
    "subscribed": False,
    "created_at": "2026-01-02T03:04:05.678Z",
    "updated_at": "2026-01-03T03:04:05.678Z",
    "closed_at": None,
}
NOTE: dict[str, Any] = {
    "id": 1,
    "body": "Me too.",
    "author": BEN,
    "system": False,
    "internal": False,
    "created_at": "2026-01-02T04:00:00.000Z",
}
PIPELINE: dict[str, Any] = {
    "id": 46,
    "iid": 11,
    "project_id": 4,
    "name": "Build",
    "status": "success",
    "source": "push",
    "ref": "main",
    "sha": SHA,
    "user": ADA,
    "coverage": "98.5",
    "duration": 123.4,
    "created_at": "2026-01-02T03:00:00.000Z",
    "started_at": "2026-01-02T03:00:10.000Z",
    "finished_at": "2026-01-02T03:02:13.000Z",
}
REQUEST: dict[str, Any] = {
    "id": 77,
    "iid": 8,
    "title": "Start without a crash",
    "description": "Closes #7",
    "state": "opened",
    "draft": False,
    "author": ADA,
    "source_branch": "no-crash",
    "target_branch": "main",
    "source_project_id": 4,
    "target_project_id": 4,
    "sha": SHA,
    "labels": [{"name": "bug"}],
    "assignees": [],
    "reviewers": [BEN],
    "milestone": None,
    "changes_count": "2",
    "user_notes_count": 1,
    "has_conflicts": False,
    "blocking_discussions_resolved": True,
    "detailed_merge_status": "mergeable",
    "merge_when_pipeline_succeeds": False,
    "head_pipeline": PIPELINE,
    "merge_user": None,
    "subscribed": False,
    "user": {"can_merge": True},
    "merged_at": None,
    "closed_at": None,
    "created_at": "2026-01-02T03:04:05.678Z",
    "updated_at": "2026-01-03T03:04:05.678Z",
}
APPROVALS: dict[str, Any] = {
    "approved": False,
    "approvals_required": 2,
    "approvals_left": 1,
    "approved_by": [{"user": BEN}],
    "user_has_approved": False,
    "user_can_approve": True,
}
COMMIT: dict[str, Any] = {
    "id": SHA,
    "title": "Start without a crash",
    "message": "Start without a crash\n\nIt was the clock.",
    "author_name": "Ada",
    "authored_date": "2026-01-02T03:04:05.000+01:00",
    "committed_date": "2026-01-02T03:04:05.000+01:00",
    "stats": {"additions": 12, "deletions": 3, "total": 15},
    "last_pipeline": {"id": 46, "status": "failed"},
}
CONTENT = "".join(f"line {number}\n" for number in range(1, 41)).encode()
FILE: dict[str, Any] = {
    "file_name": "app.py",
    "file_path": "src/app.py",
    "size": len(CONTENT),
    "encoding": "base64",
    "content": base64.b64encode(CONTENT).decode(),
    "ref": "main",
    "last_commit_id": SHA,
}
JOB: dict[str, Any] = {
    "id": 9,
    "name": "unit",
    "stage": "test",
    "status": "failed",
    "ref": "main",
    "allow_failure": False,
    "failure_reason": "script_failure",
    "user": ADA,
    "commit": {"id": SHA, "title": "Start without a crash"},
    "pipeline": {"id": 46},
    "artifacts_file": {"filename": "artifacts.zip", "size": 1_234},
    "duration": 42.1,
    "created_at": "2026-01-02T03:00:00.000Z",
    "started_at": "2026-01-02T03:00:10.000Z",
    "finished_at": "2026-01-02T03:00:52.000Z",
}
JOBS = [
    {**JOB, "id": 11, "name": "ship", "stage": "deploy", "status": "manual"},
    JOB,
    {**JOB, "id": 8, "name": "compile", "stage": "build", "status": "success"},
]
LOG = (
    b"\x1b[0KRunning with runner\x1b[0;m\n"
    b"section_start:1700000000:step_script\r\x1b[0K\x1b[0K\x1b[36;1mExecuting\x1b[0;m\n"
    b"10 %\r100 %\r\n\x1b[31;1mERROR: Job failed: exit code 1\x1b[0;m\n\n"
)
PROJECT_REPLY: dict[str, Any] = {
    "id": 4,
    "path_with_namespace": "group/sub/project",
    "description": "Starts things.",
    "visibility": "public",
    "archived": False,
    "default_branch": "main",
    "topics": ["python", "start"],
    "star_count": 1_204,
    "forks_count": 1,
    "open_issues_count": 3,
    "license": {"name": "MIT License"},
    "last_activity_at": "2026-01-03T03:04:05.678Z",
}
RELEASE: dict[str, Any] = {
    "tag_name": "v1.0",
    "name": "The first",
    "description": "## Notes\n\nIt starts.",
    "author": ADA,
    "upcoming_release": False,
    "released_at": "2026-01-03T03:04:05.678Z",
    "assets": {
        "count": 3,
        "links": [
            {"name": "app.zip", "url": "https://elsewhere.example/app.zip", "direct_asset_url": f"{PROJECT}/-/app.zip"},
            {"name": "evil.zip", "url": "https://gitlab.com.evil.example/x"},
        ],
    },
    "milestones": [{"title": "1.0"}],
    "evidences": [{"sha": "760d6cdfb0879c3ffedec13af470e0f71cf52c6cde4d"}],
}
SNIPPET: dict[str, Any] = {
    "id": 3,
    "title": "How to start",
    "file_name": "start.py",
    "description": "Like this",
    "visibility": "public",
    "author": ADA,
    "files": [{"path": "start.py"}, {"path": "stop.py"}],
    "created_at": "2026-01-02T03:04:05.678Z",
    "updated_at": "2026-01-03T03:04:05.678Z",
}
EPIC: dict[str, Any] = {
    "iid": 5,
    "title": "Stability",
    "state": "opened",
    "confidential": False,
    "description": "Nothing crashes.",
    "author": ADA,
    "labels": ["goal"],
    "start_date": "2026-01-01",
    "due_date": "2026-06-30",
    "created_at": "2026-01-02T03:04:05.678Z",
    "updated_at": "2026-01-03T03:04:05.678Z",
}
IN_REPOSITORY = f"{API}/repository"
REPLIES: dict[str, Any] = {
    API: PROJECT_REPLY,
    "/projects/group%2Fproject": PROJECT_REPLY,
    f"{API}/issues/7": ISSUE,
    f"{API}/issues/7/notes/1": NOTE,
    f"{API}/merge_requests/8": REQUEST,
    f"{API}/merge_requests/8/approvals": APPROVALS,
    f"{API}/merge_requests/8/notes/2": NOTE,
    f"{IN_REPOSITORY}/commits/{SHA}": COMMIT,
    f"{IN_REPOSITORY}/commits/{SHA}/merge_requests": [{"iid": 8, "title": "Start without a crash"}],
    f"{IN_REPOSITORY}/commits": [COMMIT],
    f"{IN_REPOSITORY}/files/src%2Fapp.py": FILE,
    f"{IN_REPOSITORY}/tree": [{"name": "a.py", "type": "blob"}, {"name": "src", "type": "tree"}],
    f"{IN_REPOSITORY}/tags/pkg%2Fv1.0": {"name": "pkg/v1.0", "message": "", "protected": True, "commit": COMMIT},
    f"{IN_REPOSITORY}/compare": {"commits": [COMMIT], "diffs": [{"new_path": "a"}], "compare_timeout": False},
    f"{API}/releases/v1.0": RELEASE,
    f"{API}/pipelines/46": PIPELINE,
    f"{API}/pipelines/46/jobs": JOBS,
    f"{API}/jobs/9": JOB,
    f"{API}/jobs/9/trace": LOG,
    f"{API}/snippets/3": SNIPPET,
    f"{API}/snippets/3/raw": CONTENT,
    "/snippets/3": SNIPPET,
    "/snippets/3/raw": CONTENT,
    "/groups/group%2Fsub/epics/5": EPIC,
    "/groups/group/epics/5": EPIC,
}


def card(path: str, **replies: Any) -> Card:
    """The card of a page of the project; `replies` by what they are of."""
    return card_of(gitlab, f"{PROJECT}{path}", {**REPLIES, **{AT_OF[name]: value for name, value in replies.items()}})


AT_OF = {
    "project": API,
    "issue": f"{API}/issues/7",
    "note": f"{API}/issues/7/notes/1",
    "request": f"{API}/merge_requests/8",
    "approvals": f"{API}/merge_requests/8/approvals",
    "commit": f"{IN_REPOSITORY}/commits/{SHA}",
    "file": f"{IN_REPOSITORY}/files/src%2Fapp.py",
    "tree": f"{IN_REPOSITORY}/tree",
    "release": f"{API}/releases/v1.0",
    "pipeline": f"{API}/pipelines/46",
    "jobs": f"{API}/pipelines/46/jobs",
    "job": f"{API}/jobs/9",
    "trace": f"{API}/jobs/9/trace",
    "snippet": f"{API}/snippets/3",
}


def words(card: Card) -> list[str]:
    return [fact.text for fact in card.facts]


def values(card: Card) -> dict[str, str]:
    return {field.name: field.value for field in card.fields}


def labels(card: Card) -> list[str]:
    return [button.text for button in card.buttons]


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


# Issues


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, Status("Open", "success")),
        ({"state": "closed"}, Status("Closed", "info")),
        ({"state": "frozen"}, Status("Frozen", "neutral")),
    ],
)
def test_an_issue_says_its_state(changes: dict[str, Any], status: Status):
    assert card("/-/issues/7", issue={**ISSUE, **changes}).status == status


@pytest.mark.parametrize("said", [True, None, "odd"])
def test_a_confidential_issue_says_so_and_so_does_one_that_does_not_say(said: Any):
    made = card("/-/issues/7", issue={**ISSUE, "confidential": said})
    assert made.confidential
    assert Fact("Confidential", tone="warning") in made.facts
    assert not card("/-/issues/7").confidential


def test_a_confidential_epic_says_so():
    replies = {**REPLIES, "/groups/group/epics/5": {**EPIC, "confidential": True}}
    assert card_of(gitlab, f"{SITE}/groups/group/-/epics/5", replies).confidential


def test_an_incident_says_how_severe_it_is():
    made = card("/-/issues/7", issue={**ISSUE, "issue_type": "incident", "severity": "CRITICAL"})
    assert {"Incident", "Severity: Critical"} <= set(words(made))


def test_three_labels_are_shown_and_the_others_counted():
    made = card("/-/issues/7", issue={**ISSUE, "labels": ["a", {"name": "b"}, {"name": None}, "c", "d", "e"]})
    assert [fact.text for fact in made.facts if fact.tone == "neutral"] == ["a", "b", "c"]
    assert "+2" in words(made)


@pytest.mark.parametrize(
    "note", [404, 429, 500, {**NOTE, "internal": True}, {**NOTE, "internal": None}, {**NOTE, "system": True}]
)
def test_a_comment_that_may_not_be_shown_does_not_lose_the_card(note: Any):
    made = card("/-/issues/7#note_1", note=note)
    assert (made.title, made.quote) == ("Crash on start", None)


# Merge requests


@pytest.mark.parametrize(
    ("changes", "approvals", "status"),
    [
        ({}, {}, Status("Open", "success")),
        ({}, {"approved": True, "approvals_left": 0}, Status("Approved", "success")),
        ({}, {"approved": True, "approvals_required": 0, "approved_by": []}, Status("Open", "success")),
        ({"draft": True}, {"approved": True}, Status("Draft", "neutral")),
        ({"state": "merged"}, {}, Status("Merged", "info")),
        ({"state": "closed"}, {}, Status("Closed", "error")),
        ({"state": "locked"}, {}, Status("Locked", "neutral")),
    ],
)
def test_a_merge_request_says_its_state(changes: dict[str, Any], approvals: dict[str, Any], status: Status):
    made = card("/-/merge_requests/8", request={**REQUEST, **changes}, approvals={**APPROVALS, **approvals})
    assert made.status == status


@pytest.mark.parametrize("failure", [401, 403, 404, 429, 500, 504, b"not JSON", []])
def test_a_merge_request_is_shown_without_its_approvals(failure: Any):
    assert card("/-/merge_requests/8", approvals=failure).status == Status("Open", "success")


def test_a_decided_merge_request_costs_one_request():
    api = RecordedApi({f"{API}/merge_requests/8": {**REQUEST, "state": "merged"}})
    card_of(gitlab, f"{PROJECT}/-/merge_requests/8", api=api)
    assert api.calls == [f"GET {API}/merge_requests/8"]


def test_what_stands_in_the_way_is_said():
    changes = {
        "has_conflicts": True,
        "blocking_discussions_resolved": False,
        "merge_when_pipeline_succeeds": True,
        "source_project_id": 5,
        "changes_count": "1000+",
    }
    said = words(card("/-/merge_requests/8", request={**REQUEST, **changes}))
    assert {"Conflicts", "Unresolved threads", "Auto-merge", "main ← no-crash (fork)", "1000+ files"} <= set(said)
    assert {"1/2 approvals", "Pipeline passed"} <= set(said)


# Projects, releases, snippets


@pytest.mark.parametrize(
    ("visibility", "public"), [("public", True), ("internal", False), ("private", False), (None, False), (7, False)]
)
def test_only_what_says_so_is_public(visibility: Any, public: bool):
    assert card("", project={**PROJECT_REPLY, "visibility": visibility}).public is public
    replies = {**REPLIES, "/snippets/3": {**SNIPPET, "visibility": visibility}}
    assert card_of(gitlab, f"{SITE}/-/snippets/3", replies).public is public
    assert not card("/-/snippets/3", snippet={**SNIPPET, "visibility": visibility}).public


def test_a_group_in_a_group_is_shown_as_one():
    group = {"full_path": "group/sub/project", "visibility": "public", "description": "Things that start."}
    made = card_of(gitlab, PROJECT, {"/groups/group%2Fsub%2Fproject": group})
    assert (made.kicker, made.title, made.public) == ("Group", "group/sub/project", True)


def test_an_archived_project_says_so():
    assert card("", project={**PROJECT_REPLY, "archived": True}).status == Status("Archived", "warning")


def test_only_files_of_the_site_itself_are_offered():
    made = card("/-/releases/v1.0")
    assert [(button.text, button.url) for button in made.buttons] == [("Download app.zip", f"{PROJECT}/-/app.zip")]


def test_a_release_to_come_says_so():
    made = card("/-/releases/v1.0", release={**RELEASE, "upcoming_release": True})
    assert made.status == Status("Upcoming", "warning")


def test_a_snippet_shows_its_first_lines():
    code = card("/-/snippets/3").code
    assert code is not None
    assert (code.text.count("\n"), code.more_lines) == (7, 32)


# Files


@pytest.mark.parametrize(
    ("anchor", "first", "shown", "more"),
    [("L20", 17, 7, 0), ("L10-14", 10, 5, 0), ("L10-L20", 10, 10, 1), ("L20-10", 10, 10, 1), ("L38-99", 38, 3, 0)],
)
def test_the_linked_lines_are_shown(anchor: str, first: int, shown: int, more: int):
    code = card(f"/-/blob/main/src/app.py#{anchor}").code
    assert code is not None
    assert (code.first_line, code.more_lines) == (first, more)
    assert code.text.split("\n") == [f"line {number}" for number in range(first, first + shown)]


@pytest.mark.parametrize(
    ("file", "about"),
    [
        ({**FILE, "content": base64.b64encode(b"\x89PNG\r\n\x1a\n\0\0\0").decode()}, "Binary, 11 B"),
        ({**FILE, "content": "abcde"}, "0 lines"),
        (LimitExceeded("The answer is longer than 5 MiB.", limit="api_bytes"), "Too large to show"),
    ],
)
def test_a_file_without_lines_says_why(file: Any, about: str):
    made = card("/-/blob/main/src/app.py#L3", file=file)
    assert (made.code, words(made)[0]) == (None, about)


@pytest.mark.parametrize("anchor", ["", "#L3"])
def test_a_ref_with_a_slash_is_found_at_the_second_try(anchor: str):
    api = RecordedApi({
        f"{IN_REPOSITORY}/files/src%2Fapp.py?ref=feature%2Fsearch": FILE,
        f"{IN_REPOSITORY}/commits/{SHA}": COMMIT,
    })  # fmt: skip
    made = card_of(gitlab, f"{PROJECT}/-/blob/feature/search/src/app.py{anchor}", api=api)
    assert made.kicker == "group/sub/project@feature/search"
    assert len(api.calls) == 3


def test_a_pinned_file_has_no_permalink():
    made = card(f"/-/blob/{SHA}/src/app.py#L3")
    assert (made.kicker, labels(made)) == ("group/sub/project@61049424", ["Blame"])


def test_a_full_page_of_entries_may_not_be_all():
    made = card("/-/tree/main", tree=[{"name": f"f{n:03}", "type": "blob"} for n in range(100)])
    assert words(made)[0] == "100+ entries"
    assert made.text.endswith(" · +92+ more")


# Pipelines and jobs


@pytest.mark.parametrize(
    ("state", "status", "offered"),
    [
        ("running", Status("Running", "info"), ["Cancel"]),
        ("success", Status("Passed", "success"), []),
        ("failed", Status("Failed", "error"), ["Retry"]),
        ("canceled", Status("Cancelled", "neutral"), ["Retry"]),
        ("manual", Status("Waits for a person", "warning"), []),
        ("new_word", Status("New word", "neutral"), []),
    ],
)
def test_a_pipeline_says_its_state(state: str, status: Status, offered: list[str]):
    made = card("/-/pipelines/46", pipeline={**PIPELINE, "status": state})
    assert (made.status, labels(made)) == (status, offered)


def test_a_pipeline_shows_its_stages_in_their_order():
    made = card("/-/pipelines/46")
    assert made.text == "build ✔ · test ✖ · deploy ●"
    assert (values(made)["Failed jobs"], values(made)["Manual jobs"]) == ("unit", "ship")


@pytest.mark.parametrize(
    ("state", "offered"),
    [
        ("failed", ["Retry", "Download artifacts"]),
        ("success", ["Retry", "Download artifacts"]),
        ("running", ["Cancel", "Download artifacts"]),
        ("manual", ["Run", "Download artifacts"]),
        ("skipped", ["Download artifacts"]),
    ],
)
def test_a_job_has_the_buttons_of_its_state(state: str, offered: list[str]):
    assert labels(card("/-/jobs/9", job={**JOB, "status": state})) == offered
    assert labels(card("/-/jobs/9", job={**JOB, "status": state, "artifacts_file": None})) == offered[:-1]


def test_a_failed_job_shows_the_end_of_its_log_as_people_see_it():
    code = card("/-/jobs/9").code
    assert code is not None
    assert code.text.split("\n") == ["Running with runner", "Executing", "100 %", "ERROR: Job failed: exit code 1"]
    long = card("/-/jobs/9", trace="".join(f"{n}\n" for n in range(1, 31)).encode()).code
    assert long is not None
    assert (long.first_line, long.text.split("\n")[0], long.text.split("\n")[-1]) == (21, "21", "30")


@pytest.mark.parametrize("trace", [404, 403, b"", LimitExceeded("Too long.", limit="api_bytes")])
def test_a_job_without_a_log_is_shown_all_the_same(trace: Any):
    made = card("/-/jobs/9", trace=trace)
    assert (made.title, made.code) == ("unit", None)


def test_the_log_of_a_job_that_did_not_fail_is_not_asked_for():
    api = RecordedApi({**REPLIES, f"{API}/jobs/9": {**JOB, "status": "success"}})
    assert card_of(gitlab, f"{PROJECT}/-/jobs/9", api=api).code is None
    assert api.calls == [f"GET {API}/jobs/9"]
