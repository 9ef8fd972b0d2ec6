"""GitHub: which links it claims, what their cards say, what each costs."""

from __future__ import annotations

import pytest

from providers.github import github
from tests.providers.github_replies import AT, FOLDER, REPLIES, REPO, SHA, card, pull
from tests.providers.kit import RecordedApi, assert_golden, card_of, match
from unfurler.sdk import AccessDenied, NotFound, RateLimited, Status

CLAIMS = [
    ("https://github.com/o/r", "repository", AT),
    ("https://www.github.com/o/r/", "repository", AT),
    ("https://github.com/o/r.git", "repository", {"owner": "o", "repo": "r.git"}),
    ("https://github.com/o/r?tab=readme-ov-file#install", "repository", AT),
    ("https://github.com/o/r/issues/7", "issue", {**AT, "number": 7}),
    ("https://github.com/o/r/issues/7#issuecomment-1", "issue", {**AT, "number": 7}),
    ("https://github.com/o/r/pull/7", "pull", {**AT, "number": 7}),
    ("https://github.com/o/r/pull/7/files", "pull", {**AT, "number": 7}),
    ("https://github.com/o/r/pull/7/changes", "pull", {**AT, "number": 7}),
    ("https://github.com/o/r/pull/7/commits", "pull", {**AT, "number": 7}),
    ("https://github.com/o/r/pull/7/checks", "pull", {**AT, "number": 7}),
    (f"https://github.com/o/r/commit/{SHA}", "commit", {**AT, "sha": SHA}),
    ("https://github.com/o/r/blob/main/README.md", "file", {**AT, "ref": "main", "path": "README.md"}),
    ("https://github.com/o/r/blob/main/src/app.py#L2-L3", "file", {**AT, "ref": "main", "path": "src/app.py"}),
    ("https://github.com/o/r/tree/main", "root", {**AT, "ref": "main"}),
    ("https://github.com/o/r/tree/main/src/", "folder", {**AT, "ref": "main", "path": "src/"}),
    ("https://github.com/o/r/releases/latest", "latest_release", AT),
    ("https://github.com/o/r/releases/tag/v1.0.0", "release", {**AT, "tag": "v1.0.0"}),
    ("https://github.com/o/r/releases/tag/@o/r@1.0.0", "release", {**AT, "tag": "@o/r@1.0.0"}),
    ("https://github.com/o/r/actions/runs/5", "run", {**AT, "run": 5}),
    ("https://github.com/o/r/actions/runs/5/workflow", "run", {**AT, "run": 5}),
    ("https://github.com/o/r/actions/runs/5/usage", "run", {**AT, "run": 5}),
    ("https://github.com/o/r/actions/runs/5/attempts/2", "attempt", {**AT, "run": 5, "attempt": 2}),
    ("https://github.com/o/r/actions/runs/5/job/6#step:4:1", "job", {**AT, "run": 5, "job": 6}),
    ("https://github.com/o/r/discussions/9#discussioncomment-11", "discussion", {**AT, "number": 9}),
    ("https://github.com/o/r/compare/main...feature/x", "comparison", {**AT, "span": "main...feature/x"}),
    ("https://github.com/o/r/milestone/1", "milestone", {**AT, "number": 1}),
    ("https://github.com/octocat", "profile", {"owner": "octocat"}),
    ("https://github.com/orgs/octokit", "profile", {"owner": "octokit"}),
]


REFUSES = [
    "https://github.com/",
    "https://github.com/explore",
    "https://github.com/notifications",
    "https://github.com/o/r/compare",
    "https://github.com/o/r/compare/main",
    "https://github.com/o/r/compare/...main",
    "https://github.com/o/r/actions",
    "https://github.com/o/r/actions/workflows/ci.yml",
    "https://github.com/o/r/issues",
    "https://github.com/o/r/issues/new",
    "https://github.com/o/r/issues/7/x",
    "https://github.com/o/r/issues/-7",
    "https://github.com/o/r/wiki",
    "https://github.com/o/r/blob/main",
    "https://github.com/settings/profile",
    "https://github.com/orgs/settings",
    "https://github.com/marketplace/actions",
    "https://github.com/Features/actions",
    "https://github.com/login/oauth",
    "https://github.com/topics/python",
    "https://github.com/sponsors/octocat",
    "https://github.com/not a name/r".replace(" ", "%20"),
    "https://github.com/-o/r",
    "https://github.com.evil.example/o/r/issues/7",
    "https://api.github.com/repos/o/r",
    "https://gist.github.com/octocat/1",
]


# Golden cards


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("repository", ""),
        ("issue", "/issues/7"),
        ("issue-comment", "/issues/7#issuecomment-1"),
        ("pull", "/pull/7"),
        ("commit", f"/commit/{SHA}"),
        ("lines", "/blob/main/src/app.py#L10-L20"),
        ("file", "/blob/main/README.md"),
        ("folder", "/tree/main/src"),
        ("release", "/releases/tag/v1.0.0"),
        ("run", "/actions/runs/5"),
        ("job", "/actions/runs/5/job/6"),
        ("comparison", "/compare/main...feature/x"),
        ("milestone", "/milestone/1"),
        ("discussion", "/discussions/9"),
    ],
)
def test_the_card_is_the_agreed_one(name: str, path: str):
    assert_golden(card(path), FOLDER / f"{name}.card.json")


# Requests


@pytest.mark.parametrize(
    ("path", "calls"),
    [
        ("", 2),
        ("/issues/7", 1),
        ("/issues/7#issuecomment-1", 2),
        ("/pull/7", 4),
        ("/pull/7/files#issuecomment-1", 5),
        (f"/commit/{SHA}", 3),
        ("/blob/main/src/app.py#L3", 2),
        (f"/blob/{SHA}/src/app.py#L3", 3),
        ("/blob/main/README.md", 2),
        ("/tree/main", 2),
        ("/releases/latest", 1),
        ("/releases/tag/v1.0.0", 1),
        ("/actions/runs/5", 2),
        ("/actions/runs/5/attempts/2", 2),
        ("/actions/runs/5/job/6", 2),
        ("/compare/main...feature/x", 1),
        ("/milestone/1", 1),
        ("/discussions/9", 1),
    ],
)
def test_a_link_costs_no_more_requests_than_it_must(path: str, calls: int):
    api = RecordedApi(REPLIES)
    card_of(github, f"{REPO}{path}", api=api)
    assert len(api.calls) == calls


def test_a_decided_pull_request_costs_one_request():
    api = RecordedApi({"/repos/o/r/pulls/7": pull(number=7, state="closed", merged=True)})
    assert card_of(github, f"{REPO}/pull/7", api=api).status == Status("Merged", "info")
    assert api.calls == ["GET /repos/o/r/pulls/7"]


@pytest.mark.parametrize("path", ["", "/issues/7", "/pull/7", f"/commit/{SHA}", "/tree/main", "/releases/latest"])
@pytest.mark.parametrize(("status", "error"), [(403, AccessDenied), (404, NotFound), (429, RateLimited)])
def test_what_github_says_of_the_thing_itself_is_passed_on(path: str, status: int, error: type[Exception]):
    with pytest.raises(error):
        card_of(github, f"{REPO}{path}", dict.fromkeys(REPLIES, status))


def test_an_enterprise_instance_is_matched_below_its_own_path():
    found = match(github, "https://git.acme.example/github/o/r/issues/7", "https://git.acme.example/github")
    assert found is not None
    assert found.site.api_url == "https://git.acme.example/github/api/v3"
    assert found.arguments == {**AT, "number": 7}
