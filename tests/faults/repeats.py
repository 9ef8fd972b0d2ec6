"""Repeats told apart: those that no record could have prevented, and those that one could have.

An item may be posted twice only where, between its first posting and the record of its end, something happened that
kept the record from being made: its process died, the answer was lost, the database was away.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise

from tests.world.space import Organization

# From Space's answer to the record of it: longer than a commit takes on a busy machine, shorter than any try again.
MOMENT_MS = 500

ON_ITS_WAY = "on its way"
JUST_ANSWERED = "just answered"
ANSWER_LOST = "answer lost"


@dataclass(frozen=True)
class Trouble:
    """Something that may keep a record from being made; in milliseconds since 1970."""

    what: str
    began_ms: float
    ended_ms: float


@dataclass
class Troubles:
    """What a test did to the service, and when."""

    seen: list[Trouble] = field(default_factory=list)

    @contextmanager
    def during(self, what: str) -> Iterator[None]:
        """It happens in the block, and is over at its end."""
        began = time.time() * 1_000
        try:
            yield
        finally:
            self.seen.append(Trouble(what, began, time.time() * 1_000))

    def at(self, what: str, moments_s: list[float]) -> None:
        """It happened at these moments, in seconds since 1970."""
        self.seen += [Trouble(what, moment * 1_000, moment * 1_000) for moment in moments_s]

    def count(self, what: str) -> int:
        return sum(trouble.what == what for trouble in self.seen)


@dataclass
class Answers:
    """Item → when each posting of it was answered, and with which status; heard on the way, for logs have an end."""

    of: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    _heard_until: dict[str, int] = field(default_factory=dict)

    def hear(self, organization: Organization) -> None:
        """What was answered since it was heard last."""
        since = self._heard_until.get(organization.id, 0)
        asked = {"clientId": organization.id, "path": "unfurls/queue/content", "since": since}
        for one in organization.server.get("requests", **asked)["requests"]:
            # Another may come within that millisecond: what is heard twice does no harm.
            self._heard_until[organization.id] = one["at_ms"]
            if one["method"] == "POST" and isinstance(one["body"], dict):
                for unfurl in one["body"].get("unfurls", ()):
                    self.of.setdefault(unfurl["queueItemId"], []).append((one["at_ms"], one["status"]))


@dataclass
class Repeats:
    """How many repeats have which explanation; `unexplained` are those that the record could have prevented.

    `latest_ms` is the longest that any trouble came after the answer of a posting that was repeated for it.
    """

    explained: Counter[str] = field(default_factory=Counter)
    unexplained: list[str] = field(default_factory=list)
    latest_ms: float = 0.0

    def __len__(self) -> int:
        return self.explained.total() + len(self.unexplained)

    def judge(
        self, organization: Organization, ended_ms: dict[str, float], troubles: list[Trouble], answers: Answers
    ) -> None:
        """Every repeat in that organization; `ended_ms` says when each item's end was recorded."""
        for item in organization.items:
            at, heard = [post["at_ms"] for post in item["posts"]], answers.of.get(item["id"], [])
            for earlier, later in pairwise(at):
                self._judge_one(item, earlier, later, heard, ended_ms.get(item["id"]), troubles)

    def _judge_one(self, item, earlier, later, answers, ended_ms, troubles) -> None:
        # The log has whole milliseconds.
        if ended_ms is not None and later > ended_ms + 1:
            self.unexplained.append(f"{item['target']}: posted {later - ended_ms:.0f} ms after its end was recorded")
            return
        answered, status = next(((at, status) for at, status in answers if at >= earlier), (later, None))
        met = [one for one in troubles if one.ended_ms >= earlier and one.began_ms <= answered + MOMENT_MS]
        if status is not None and status != 200:
            self.explained[ANSWER_LOST] += 1
        elif not met:
            self.unexplained.append(f"{item['target']}: posted at {earlier}, answered at {answered}, again at {later}")
        else:
            first = min(met, key=lambda one: one.began_ms)
            late_ms = first.began_ms - answered
            self.latest_ms = max(self.latest_ms, late_ms)
            self.explained[f"{JUST_ANSWERED if late_ms > 0 else ON_ITS_WAY}: {first.what}"] += 1
