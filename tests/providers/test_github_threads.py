"""GitHub's issues, pull requests and discussions: what a missing or failing reply changes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.providers.github_replies import (
    COMMENT,
    COMMIT,
    DISCUSSION,
    PULL_REPLIES,
    card,
    issue,
    pull,
    reply,
    values,
    words,
)
from unfurler.sdk import AccessDenied, Fact, Status, UpstreamOdd

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


def test_a_reply_without_what_a_card_needs_is_odd():
    with pytest.raises(UpstreamOdd, match="Issue at title"):
        card("/issues/7", replies={"/repos/o/r/issues/7": {"number": 7, "state": "open"}})


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
