"""GitHub: which links it claims, what their cards say, what a missing or failing reply changes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from providers.github import github
from tests.providers.kit import RecordedApi, assert_golden, card_of, match
from unfurler.sdk import AccessDenied, Card, Fact, NotFound, NothingToShow, RateLimited, Status, UpstreamOdd
from unfurler.sdk.errors import LimitExceeded

FOLDER = Path(__file__).parent / "github"
SHA = "6dcb09b5b57875f334f61aebed695e2e4193db5e"
NEWER = "7638417db6d59f3c431d3e1f261cc637155684cd"
REPO = "https://github.com/o/r"
AT = {"owner": "o", "repo": "r"}

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


def reply(name: str, **changes: Any) -> Any:
    """A recorded reply, with what the test is about changed."""
    value = json.loads((FOLDER / f"{name}.reply.json").read_text(encoding="utf-8"))
    return {**value, **changes} if changes else value


def issue(**changes: Any) -> Any:
    return reply("issue", **{"pull_request": None, "state_reason": None, **changes})


def pull(**changes: Any) -> Any:
    return reply("pull", **{"merged_at": None, "closed_at": None, "merged": False, "mergeable": True, **changes})


def lines(count: int) -> bytes:
    return "".join(f"line {number}\n" for number in range(1, count + 1)).encode()


COMMIT = f"/repos/o/r/commits/{SHA}"
COMMENT = reply("issue-comment", issue_url="https://api.github.com/repos/o/r/issues/7")
PULL_REPLIES: dict[str, Any] = {
    "/repos/o/r/pulls/7": pull(number=7),
    "/repos/o/r/pulls/7/reviews": reply("reviews"),
    f"{COMMIT}/check-runs": reply("check-runs"),
    f"{COMMIT}/status": reply("status"),
}
RUN = "/repos/o/r/actions/runs/5"
ANSWER = {"databaseId": 10, "body": "Use the API.", "createdAt": "2026-01-03T00:00:00Z", "author": {"login": "ada"}}
DISCUSSION = {
    "number": 9,
    "title": "How do I?",
    "body": "I want to know.",
    "isAnswered": True,
    "closed": False,
    "createdAt": "2026-01-02T00:00:00Z",
    "updatedAt": "2026-01-04T00:00:00Z",
    "upvoteCount": 3,
    "author": {"login": "octocat"},
    "category": {"name": "Q&A", "isAnswerable": True},
    "answer": ANSWER,
    "comments": {"totalCount": 2, "nodes": [ANSWER, {**ANSWER, "databaseId": 11, "body": "Thanks!", "author": None}]},
}
RUN_REPLIES: dict[str, Any] = {
    RUN: reply("run"),
    f"{RUN}/jobs": reply("jobs"),
    f"{RUN}/attempts/2": reply("run"),
    f"{RUN}/attempts/2/jobs": reply("jobs"),
    f"{RUN}/pending_deployments": reply("pending-deployments"),
    "/repos/o/r/actions/jobs/6": reply("job"),
}
REPLIES: dict[str, Any] = {
    **RUN_REPLIES,
    "Discussion": {"repository": {"visibility": "PUBLIC", "discussion": DISCUSSION}},
    "/repos/o/r/compare/main...feature%2Fx": reply("comparison"),
    "/repos/o/r/milestones/1": reply("milestone"),
    "/users/octocat": reply("profile"),
    "/users/octokit": reply("profile"),
    "/repos/o/r": reply("repository"),
    "/repos/o/r/releases/latest": reply("release"),
    "/repos/o/r/releases/tags/v1.0.0": reply("release"),
    "/repos/o/r/releases/tags/%40o%2Fr%401.0.0": reply("release"),
    "/repos/o/r/issues/7": issue(number=7),
    "/repos/o/r/issues/comments/1": COMMENT,
    **PULL_REPLIES,
    COMMIT: reply("commit"),
    f"{COMMIT}/pulls": reply("pulls-of-commit"),
    "/repos/o/r/commits": reply("commits"),
    "/repos/o/r/contents": reply("folder"),
    "/repos/o/r/contents/src": reply("folder"),
    "/repos/o/r/contents/README.md": reply("file"),
    "/repos/o/r/contents/src/app.py": lines(40),
}


def card(path: str, **more: Any) -> Card:
    return card_of(github, f"{REPO}{path}", {**REPLIES, **more.pop("replies", {})}, **more)


def words(card: Card) -> list[str]:
    return [fact.text for fact in card.facts]


def values(card: Card) -> dict[str, str]:
    return {field.name: field.value for field in card.fields}


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


# Issues


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, Status("Open", "success")),
        ({"state": "open", "state_reason": "reopened"}, Status("Open", "success")),
        ({"state": "closed"}, Status("Closed", "info")),
        ({"state": "closed", "state_reason": "completed"}, Status("Closed as completed", "info")),
        ({"state": "closed", "state_reason": "not_planned"}, Status("Closed as not planned", "neutral")),
        ({"state": "closed", "state_reason": "duplicate"}, Status("Closed as duplicate", "neutral")),
        ({"state": "closed", "state_reason": "new_word"}, Status("Closed", "info")),
        ({"pull_request": {"merged_at": None}}, Status("Open", "success")),
        ({"pull_request": {"merged_at": None}, "draft": True}, Status("Draft", "neutral")),
        ({"pull_request": {"merged_at": None}, "state": "closed"}, Status("Closed", "error")),
        ({"pull_request": {"merged_at": "2020-01-01T00:00:00Z"}, "state": "closed"}, Status("Merged", "info")),
        ({"state": "frozen"}, Status("Frozen", "neutral")),
    ],
)
def test_an_issue_says_its_state(changes: dict[str, Any], status: Status):
    assert card("/issues/7", replies={"/repos/o/r/issues/7": issue(**changes)}).status == status


def test_an_author_who_is_gone_is_a_ghost():
    assert words(card("/issues/7", replies={"/repos/o/r/issues/7": issue(user=None)}))[0] == "ghost"


def test_an_issue_as_it_was_recorded_becomes_a_card():
    made = card("/issues/7", replies={"/repos/o/r/issues/7": reply("new-issue")})
    assert made.title == "Issue without a label"
    assert words(made) == ["octokit-fixture-user-a", "opened", "42 comments"]


def test_three_labels_are_shown_and_the_others_counted():
    labels = ["a", {"name": "b"}, {"name": None}, {"name": "c"}, {"name": "d"}, {"name": "e"}]
    made = card("/issues/7", replies={"/repos/o/r/issues/7": issue(labels=labels)})
    assert [fact.text for fact in made.facts if fact.tone == "neutral"] == ["a", "b", "c"]
    assert "+2" in words(made)
    assert values(made)["Labels"] == "a, b, c, d, e"


def test_a_linked_comment_comes_first():
    quote = card("/issues/7#issuecomment-1").quote
    assert quote is not None
    assert (quote.author, quote.text) == ("octocat", "Me too")


@pytest.mark.parametrize(
    "comment",
    [
        404,
        429,
        500,
        {**COMMENT, "issue_url": "https://api.github.com/repos/o/r/issues/8"},
        {**COMMENT, "minimized": {"reason": "spam"}},
        {**COMMENT, "body": "<!-- nothing -->"},
    ],
)
def test_a_comment_that_cannot_be_shown_does_not_lose_the_card(comment: Any):
    made = card("/issues/7#issuecomment-1", replies={"/repos/o/r/issues/comments/1": comment})
    assert (made.title, made.quote) == ("Found a bug", None)


# Pull requests


@pytest.mark.parametrize("failure", [403, 404, 429, 500, 504, b"not JSON", {}])
def test_a_pull_request_is_shown_without_what_does_not_answer(failure: Any):
    failing = {path: failure for path in PULL_REPLIES if path != "/repos/o/r/pulls/7"}
    made = card("/pull/7", replies=failing)
    assert (made.title, made.status) == ("Amazing new feature", Status("Open", "success"))
    assert not any("✔" in text or "✖" in text for text in words(made))


def test_checks_and_statuses_are_counted_together():
    made = card("/pull/7")
    assert Fact("✔ 2 ✖ 1", tone="error") in made.facts
    assert values(made)["First failing check"] == "example/1"


def test_checks_that_did_not_fit_into_the_reply_are_not_called_good():
    runs = {"total_count": 130, "check_runs": [{"name": f"c{n}", "conclusion": "success"} for n in range(100)]}
    made = card("/pull/7", replies={f"{COMMIT}/check-runs": runs, f"{COMMIT}/status": 404})
    assert Fact("✔ 100 ● 30", tone="warning") in made.facts


def review(login: str, state: str, association: str = "MEMBER") -> dict[str, Any]:
    return {"user": {"login": login}, "state": state, "author_association": association}


@pytest.mark.parametrize(
    ("reviews", "status"),
    [
        ([review("ada", "APPROVED")], "Approved"),
        ([review("ada", "APPROVED"), review("ada", "COMMENTED")], "Approved"),
        ([review("ada", "CHANGES_REQUESTED"), review("ada", "APPROVED")], "Approved"),
        ([review("ada", "APPROVED"), review("ben", "CHANGES_REQUESTED")], "Changes requested"),
        ([review("ada", "APPROVED"), review("ada", "DISMISSED")], "Open"),
        ([review("passer-by", "APPROVED", "NONE")], "Open"),
        ([review("octocat", "APPROVED")], "Open"),
        ([review("other_user", "APPROVED")], "Open"),
        ([review(f"r{n}", "APPROVED") for n in range(100)], "Open"),
        ([], "Open"),
    ],
)
def test_a_verdict_is_the_last_word_of_those_who_decide(reviews: list[Any], status: str):
    asked = pull(number=7, requested_reviewers=[{"login": "other_user"}])
    made = card("/pull/7", replies={"/repos/o/r/pulls/7": asked, "/repos/o/r/pulls/7/reviews": reviews})
    assert made.status is not None and made.status.text == status


@pytest.mark.parametrize(("private", "visibility"), [(True, "private"), (True, "internal"), (None, None)])
def test_only_what_says_so_is_public(private: bool | None, visibility: str | None):
    repository = reply("repository", private=private, visibility=visibility)
    assert card("").public
    assert not card("", replies={"/repos/o/r": repository}).public
    closed = pull(number=7, base={**pull()["base"], "repo": repository})
    assert not card("/pull/7", replies={"/repos/o/r/pulls/7": closed}).public
    assert not card("/issues/7").public


def test_conflicts_auto_merge_and_forks_are_said():
    head = {**pull()["head"], "label": "fan:topic", "ref": "topic", "repo": None}
    found = pull(number=7, mergeable=False, auto_merge={"merge_method": "squash"}, head=head)
    made = card("/pull/7", replies={"/repos/o/r/pulls/7": found})
    assert {"Conflicts", "Auto-merge", "master ← fan:topic"} <= set(words(made))


# Runs


def run(**changes: Any) -> Any:
    return reply("run", **{"status": "completed", "conclusion": "success", **changes})


def buttons(card: Card) -> list[str]:
    return [button.text for button in card.buttons]


@pytest.mark.parametrize(
    ("changes", "status", "offered"),
    [
        ({"status": "queued", "conclusion": None}, Status("Queued", "info"), ["Cancel"]),
        ({"status": "in_progress", "conclusion": None}, Status("Running", "info"), ["Cancel"]),
        ({}, Status("Success", "success"), ["Re-run all"]),
        ({"conclusion": "failure"}, Status("Failed", "error"), ["Re-run failed", "Re-run all"]),
        ({"conclusion": "cancelled"}, Status("Cancelled", "neutral"), ["Re-run failed", "Re-run all"]),
        ({"conclusion": "action_required"}, Status("Needs approval", "warning"), ["Approve run"]),
        ({"conclusion": "new_word"}, Status("New word", "neutral"), ["Re-run failed", "Re-run all"]),
    ],
)
def test_a_run_says_its_state(changes: dict[str, Any], status: Status, offered: list[str]):
    made = card("/actions/runs/5", replies={RUN: run(**changes)})
    assert (made.status, buttons(made)) == (status, offered)


def test_a_run_that_waits_for_approval_names_the_environments():
    made = card("/actions/runs/5", replies={RUN: run(status="waiting", conclusion=None)})
    assert made.status == Status("Waiting for approval", "warning")
    assert buttons(made) == ["Approve deployment", "Reject deployment", "Cancel"]
    assert values(made)["Waiting for approval"] == "staging"


def test_a_failed_run_names_the_first_job_and_step_that_failed():
    job = {"id": 2, "name": "test", "status": "completed", "conclusion": "failure"}
    jobs = {
        "total_count": 3,
        "jobs": [
            {"id": 1, "name": "build", "status": "completed", "conclusion": "success"},
            {**job, "steps": [{"name": "Set up", "conclusion": "success"}, {"name": "Run", "conclusion": "failure"}]},
        ],
    }
    made = card("/actions/runs/5", replies={RUN: run(conclusion="failure"), f"{RUN}/jobs": jobs})
    assert made.text == "test failed at Run"
    assert Fact("✔ 1 ✖ 1 ● 1", tone="error") in made.facts


@pytest.mark.parametrize(
    ("ended", "said"),
    [("00:00:42", "42 s"), ("00:03:05", "3 min 5 s"), ("02:04:59", "2 h 4 min")],
)
def test_a_run_says_how_long_it_took(ended: str, said: str):
    took = run(run_started_at="2026-01-01T00:00:00Z", updated_at=f"2026-01-01T{ended}Z")
    assert said in words(card("/actions/runs/5", replies={RUN: took}))


@pytest.mark.parametrize(("private", "public"), [(False, True), (True, False), (None, False)])
def test_a_run_is_as_public_as_its_repository(private: bool | None, public: bool):
    found = run(repository={"full_name": "o/r", "private": private})
    assert card("/actions/runs/5", replies={RUN: found}).public is public


def test_a_failed_job_can_be_run_again():
    job = reply("job", status="completed", conclusion="failure")
    made = card("/actions/runs/5/job/6", replies={RUN: run(conclusion="failure"), "/repos/o/r/actions/jobs/6": job})
    assert buttons(made) == ["Re-run job", "Re-run failed", "Re-run all"]


# Discussions


def test_a_discussion_shows_its_answer_or_the_linked_comment():
    answered, linked = card("/discussions/9").quote, card("/discussions/9#discussioncomment-11").quote
    assert answered is not None and linked is not None
    assert (answered.author, answered.text) == ("Answer by ada", "Use the API.")
    assert (linked.author, linked.text) == ("ghost", "Thanks!")


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, "Answered"),
        ({"isAnswered": False}, "Unanswered"),
        ({"isAnswered": None, "category": {"name": "Ideas", "isAnswerable": False}}, None),
        ({"isAnswered": False, "closed": True}, "Closed"),
    ],
)
def test_a_discussion_says_its_state(changes: dict[str, Any], status: str | None):
    asked = {"repository": {"visibility": "PRIVATE", "discussion": {**DISCUSSION, **changes}}}
    made = card("/discussions/9", replies={"Discussion": asked})
    assert (made.status.text if made.status else None, made.public) == (status, False)


def test_a_discussion_wants_an_account():
    with pytest.raises(AccessDenied):
        card("/discussions/9", replies={"Discussion": 401})


# People


def test_an_address_of_nobody_asks_for_no_account():
    with pytest.raises(NothingToShow) as nothing:
        card_of(github, "https://github.com/nobody-there", {})
    assert not isinstance(nothing.value, NotFound)


def test_a_person_and_an_organization_are_told_apart():
    person = card_of(github, "https://github.com/octocat", REPLIES)
    found = {**reply("profile"), "type": "Organization", "name": None}
    organization = card_of(github, "https://github.com/orgs/octokit", {**REPLIES, "/users/octokit": found})
    assert (person.kicker, person.title) == ("Person", "monalisa octocat (octocat)")
    assert (organization.kicker, organization.title) == ("Organization", "octocat")


# Comparisons


def test_a_comparison_says_when_there_is_nothing_to_compare():
    path = "/repos/o/r/compare/main...feature%2Fx"
    same = reply("comparison", status="identical", total_commits=0, behind_by=0, commits=[], files=[])
    made = card("/compare/main...feature/x", replies={path: same})
    assert made.status == Status("Identical")
    assert words(made) == ["0 commits"]


# Files


@pytest.mark.parametrize(
    ("anchor", "first", "shown", "more"),
    [
        ("L20", 17, 7, 0),
        ("L2", 1, 5, 0),
        ("L40", 37, 4, 0),
        ("L10-L14", 10, 5, 0),
        ("L10-L19", 10, 10, 0),
        ("L10-L20", 10, 10, 1),
        ("L20-L10", 10, 10, 1),
        ("L10-20", 10, 10, 1),
        ("L10C3-L12C5", 10, 3, 0),
        ("L1-L40", 1, 10, 30),
        ("L38-L99", 38, 3, 0),
    ],
)
def test_the_linked_lines_are_shown(anchor: str, first: int, shown: int, more: int):
    code = card(f"/blob/main/src/app.py#{anchor}").code
    assert code is not None
    assert (code.first_line, code.more_lines) == (first, more)
    assert code.text.split("\n") == [f"line {number}" for number in range(first, first + shown)]


@pytest.mark.parametrize(("content", "about"), [(lines(40), "40 lines"), (b"one", "1 line"), (b"", "0 lines")])
def test_lines_beyond_the_end_are_not_shown(content: bytes, about: str):
    made = card("/blob/main/src/app.py#L41-L50", replies={"/repos/o/r/contents/src/app.py": content})
    assert (made.code, words(made)[0]) == (None, about)


@pytest.mark.parametrize("anchor", ["L0", "L", "L99999999999", "readme", "L1-", "diff-1"])
def test_another_anchor_is_no_line(anchor: str):
    assert card(f"/blob/main/README.md#{anchor}").code is None


def test_line_ends_and_tabs_are_kept_as_they_count():
    content = b"\xef\xbb\xbfone\r\n\ttwo\r\n\x0cthree \xe2\x80\xa8still three\nfo\xffur"
    code = card("/blob/main/src/app.py#L1-L9", replies={"/repos/o/r/contents/src/app.py": content}).code
    assert code is not None
    assert code.text == "one\n\ttwo\n\x0cthree \u2028still three\nfo\ufffdur"


@pytest.mark.parametrize(
    ("content", "about"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0", "Binary, 11 B"),
        (LimitExceeded("The answer is longer than 5 MiB.", limit="api_bytes"), "Too large to show"),
    ],
)
def test_a_file_without_lines_says_why(content: Any, about: str):
    made = card("/blob/main/src/app.py#L3", replies={"/repos/o/r/contents/src/app.py": content})
    assert (made.code, words(made)[0]) == (None, about)


@pytest.mark.parametrize("anchor", ["", "#L3"])
def test_a_ref_with_a_slash_is_found_at_the_second_try(anchor: str):
    api = RecordedApi({
        "/repos/o/r/contents/src/app.py?ref=feature%2Fsearch": lines(9) if anchor else reply("file"),
        "/repos/o/r/commits": reply("commits"),
    })  # fmt: skip
    made = card_of(github, f"{REPO}/blob/feature/search/src/app.py{anchor}", api=api)
    assert made.kicker == "o/r@feature/search"
    assert made.title.startswith("src/app.py")
    assert len(api.calls) == 3


def test_a_branch_with_a_slash_is_shown_as_a_folder():
    replies = {"/repos/o/r/contents?ref=feature%2Fsearch": reply("folder")}
    made = card_of(github, f"{REPO}/tree/feature/search", replies)
    assert (made.kicker, made.title) == ("o/r@feature/search", "o/r")


def test_a_pinned_file_says_that_it_was_changed_since():
    then, now = reply("commits"), reply("commits")
    now[0]["sha"] = NEWER
    now[0]["commit"]["committer"]["date"] = "2020-01-01T00:00:00Z"
    replies = {f"/repos/o/r/commits?path=src%2Fapp.py&sha={SHA}&per_page=1": then, "/repos/o/r/commits": now}
    made = card(f"/blob/{SHA}/src/app.py#L3", replies=replies)
    assert "Changed since" in words(made)
    assert made.kicker == "o/r@6dcb09b"
    assert [button.text for button in made.buttons] == ["Blame"]


def test_buttons_of_lines_lead_to_the_same_lines():
    made = card("/blob/main/src/app.py#L3-L4", replies={"/repos/o/r/contents/src/app.py": lines(9)})
    assert [(button.text, button.url) for button in made.buttons] == [
        ("Permalink", f"{REPO}/blob/{SHA}/src/app.py#L3-L4"),
        ("Blame", f"{REPO}/blame/main/src/app.py#L3-L4"),
    ]


def test_a_name_with_odd_letters_is_quoted_in_what_a_button_opens():
    replies = {"/repos/o/r/contents/a%20%23b%3F.py": lines(9)}
    made = card("/blob/main/a%20%23b%3F.py#L3", replies=replies)
    assert made.buttons[-1].url == f"{REPO}/blame/main/a%20%23b%3F.py#L3"


def test_a_path_never_chooses_another_endpoint():
    api = RecordedApi()
    found = match(github, f"{REPO}/blob/main/x%2F..%2F..%2Fsecret#L1")
    if found is not None:
        with pytest.raises(Exception, match="cannot stand in a path"):
            found.rule.function(found.link, api, **found.arguments)
    assert api.calls == []


def test_a_folder_names_its_folders_first_and_counts_the_rest():
    entries = [{"name": f"f{n}"} for n in range(9)] + [{"name": "src", "type": "dir"}]
    text = card("/tree/main/src", replies={"/repos/o/r/contents/src": entries}).text
    assert text.startswith("src/ · f0 · ")
    assert text.endswith(" · +2 more")


# Commits, releases, repositories


def test_a_commit_without_an_account_has_the_name_written_in_it():
    made = card(f"/commit/{SHA}", replies={COMMIT: reply("commit", author=None)})
    assert words(made)[0] == "Monalisa Octocat"
    assert card(f"/commit/{SHA}", replies={COMMIT: {"sha": SHA, "author": {}}}).facts[0].text == "ghost"


def test_a_verified_commit_says_so():
    found = reply("commit")
    found["commit"]["verification"]["verified"] = True
    assert Fact("Verified", tone="success") in card(f"/commit/{SHA}", replies={COMMIT: found}).facts


@pytest.mark.parametrize(
    ("path", "changes", "status"),
    [
        ("/releases/latest", {}, Status("Latest", "success")),
        ("/releases/tag/v1.0.0", {}, None),
        ("/releases/tag/v1.0.0", {"prerelease": True}, Status("Pre-release", "warning")),
        ("/releases/tag/v1.0.0", {"draft": True, "published_at": None}, Status("Draft", "warning")),
    ],
)
def test_a_release_says_its_state(path: str, changes: dict[str, Any], status: Status | None):
    replies = dict.fromkeys(
        ["/repos/o/r/releases/latest", "/repos/o/r/releases/tags/v1.0.0"], reply("release", **changes)
    )
    assert card(path, replies=replies).status == status


def test_only_files_of_the_site_itself_are_offered():
    asset = reply("release")["assets"][0]
    assets = [
        {**asset, "name": "evil", "browser_download_url": "https://github.com.evil.example/x"},
        {**asset, "name": "app.zip.sha256"},
        {**asset, "name": "half.zip", "state": "open"},
        {**asset, "name": "app.zip"},
    ]
    made = card("/releases/latest", replies={"/repos/o/r/releases/latest": reply("release", assets=assets)})
    assert [button.text for button in made.buttons] == ["Download app.zip"]


def test_a_repository_without_a_release_is_shown_all_the_same():
    made = card("", replies={"/repos/o/r/releases/latest": 404})
    assert made.title == "octokit-fixture-org/hello-world"
    assert "Latest release" not in values(made)


def test_an_archived_repository_says_so():
    made = card("", replies={"/repos/o/r": reply("repository", archived=True)})
    assert made.status == Status("Archived", "warning")


def test_a_reply_without_what_a_card_needs_is_odd():
    with pytest.raises(UpstreamOdd, match="Issue at title"):
        card("/issues/7", replies={"/repos/o/r/issues/7": {"number": 7, "state": "open"}})
