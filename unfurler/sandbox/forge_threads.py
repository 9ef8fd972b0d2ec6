"""What people may do to an issue or pull request of the forge, and what that changes in its replies.

Source: https://docs.github.com/rest/issues and https://docs.github.com/rest/pulls
"""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass
from typing import Any

from .contract import JsonObject
from .recorded import RecordedGitHub

NUMBERS = itertools.count(9_900_001)
REVIEWS = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}
WAYS = ("merge", "squash", "rebase")


class Refused(Exception):
    """GitHub would say no, with this status and message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


@dataclass(frozen=True, slots=True)
class Thread:
    """An issue, or a pull request, which is an issue as well; `at` is its repository's address, `repos/o/r`."""

    replies: RecordedGitHub
    at: str
    number: int

    @property
    def issue(self) -> Any:
        return self.replies.find(f"{self.at}/issues/{self.number}")

    @property
    def pull(self) -> Any:
        return self.replies.find(f"{self.at}/pulls/{self.number}")

    def comments(self) -> list[JsonObject]:
        return self.replies.find(f"{self.at}/issues/{self.number}/comments") or []

    def reviews(self) -> list[JsonObject]:
        return self.replies.find(f"{self.at}/pulls/{self.number}/reviews") or []

    def edit(self, asked: JsonObject, who: JsonObject) -> None:
        """State, reason and assignees, as far as they are asked for."""
        state = asked.get("state")
        if state not in (None, "open", "closed"):
            raise Refused(422, "Validation Failed: state is open or closed")
        if state is not None and self.pull is not None and self.pull["merged"]:
            raise Refused(422, "Validation Failed: a merged pull request stays closed")
        if state == "closed":
            self._change({"state": "closed", "closed_at": now()})
            self._change_issue({"state_reason": asked.get("state_reason") or "completed", "closed_by": who})
        elif state == "open":
            self._change({"state": "open", "closed_at": None})
            self._change_issue({"state_reason": "reopened", "closed_by": None})
        if "assignees" in asked:
            known = {one["login"]: one for one in [*self.issue["assignees"], who]}
            self._assign([known[login] for login in asked["assignees"] if login in known])

    def add_assignees(self, logins: list[str], who: JsonObject) -> None:
        """Whom it may not assign GitHub leaves out silently; here that is everybody but oneself."""
        have = self.issue["assignees"]
        if who["login"] in logins and who["login"] not in [one["login"] for one in have]:
            self._assign([*have, who])

    def comment(self, body: str, who: JsonObject) -> JsonObject:
        said = {
            "id": next(NUMBERS),
            "user": who,
            "body": body,
            "created_at": now(),
            "updated_at": now(),
            "author_association": "MEMBER",
            "issue_url": f"https://api.github.com/{self.at}/issues/{self.number}",
        }
        comments = [*self.comments(), said]
        self.replies.put(f"{self.at}/issues/{self.number}/comments", comments)
        self.replies.put(f"{self.at}/issues/comments/{said['id']}", said)
        self._change({"comments": self.issue["comments"] + 1})
        return said

    def review(self, event: str, who: JsonObject) -> JsonObject:
        if event not in REVIEWS:
            raise Refused(422, "Validation Failed: event is APPROVE, REQUEST_CHANGES or COMMENT")
        said = {
            "id": next(NUMBERS),
            "user": who,
            "body": "",
            "state": REVIEWS[event],
            "commit_id": self.pull["head"]["sha"],
            "submitted_at": now(),
            "author_association": "MEMBER",
        }
        self.replies.put(f"{self.at}/pulls/{self.number}/reviews", [*self.reviews(), said])
        self._change_pull({"requested_reviewers": self._others_asked(who)})
        return said

    def ask_for_review(self, logins: list[str], who: JsonObject) -> None:
        if logins != [who["login"]]:
            raise Refused(422, "Validation Failed: here people ask only themselves for a review")
        self._change_pull({"requested_reviewers": [*self._others_asked(who), who]})

    def merge(self, asked: JsonObject, who: JsonObject) -> JsonObject:
        pull = self.pull
        if pull["state"] != "open" or pull["draft"] or not pull["mergeable"] or asked.get("merge_method") not in WAYS:
            raise Refused(405, "Pull Request is not mergeable")
        if asked.get("sha", pull["head"]["sha"]) != pull["head"]["sha"]:
            raise Refused(409, "Head branch was modified. Review and try the merge again.")
        self._change({"state": "closed", "closed_at": now()})
        self._change_pull({"merged": True, "merged_at": now(), "merged_by": who, "mergeable": None})
        self._change_issue({"pull_request": {**self.issue["pull_request"], "merged_at": now()}})
        return {"sha": pull["merge_commit_sha"], "merged": True, "message": "Pull Request successfully merged"}

    def _others_asked(self, who: JsonObject) -> list[JsonObject]:
        return [one for one in self.pull["requested_reviewers"] if one["login"] != who["login"]]

    def _assign(self, people: list[JsonObject]) -> None:
        self._change({"assignees": people, "assignee": people[0] if people else None})

    def _change(self, patch: JsonObject) -> None:
        self._change_issue(patch)
        self._change_pull(patch)

    def _change_issue(self, patch: JsonObject) -> None:
        self.replies.put(f"{self.at}/issues/{self.number}", {**self.issue, **patch, "updated_at": now()})

    def _change_pull(self, patch: JsonObject) -> None:
        if self.pull is not None:
            self.replies.put(f"{self.at}/pulls/{self.number}", {**self.pull, **patch, "updated_at": now()})


def now() -> str:
    """As GitHub writes it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
