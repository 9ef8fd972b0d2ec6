"""What GitHub answers in these tests, and the cards that are made of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from providers.github import github
from tests.providers.kit import card_of
from unfurler.sdk import Card

FOLDER = Path(__file__).parent / "github"
SHA = "6dcb09b5b57875f334f61aebed695e2e4193db5e"
NEWER = "7638417db6d59f3c431d3e1f261cc637155684cd"
REPO = "https://github.com/o/r"
AT = {"owner": "o", "repo": "r"}


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


def run(**changes: Any) -> Any:
    return reply("run", **{"status": "completed", "conclusion": "success", **changes})


def buttons(card: Card) -> list[str]:
    return [button.text for button in card.buttons]
