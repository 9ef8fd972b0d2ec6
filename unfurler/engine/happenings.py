"""What is worth counting or a line: said once, when it is over, to whoever was handed in to observe.

None of it names a link, a person or a token.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from unfurler.engine.facts import Cache, Facts


@dataclass(frozen=True, slots=True)
class LinkEnded:
    """A queue item ended after `tries` tries. `ms` is from the notification; the facts are of the last try."""

    organization: str
    end: str
    reason: str | None
    tries: int
    ms: int
    facts: Facts

    @property
    def line(self) -> dict[str, Any]:
        """For the log."""
        own = {"organization": self.organization, "end": self.end, "reason": self.reason, "tries": self.tries}
        return own | self.facts.line | {"ms": self.ms}


@dataclass(frozen=True, slots=True)
class ClickDone:
    """A press of a button is done with, or what was written after one."""

    organization: str
    action: str
    outcome: str
    ms: int
    facts: Facts

    @property
    def line(self) -> dict[str, Any]:
        """For the log."""
        own = {"organization": self.organization, "action": self.action[:64], "outcome": self.outcome}
        return own | self.facts.line | {"ms": self.ms}


@dataclass(frozen=True, slots=True)
class DrainBegan:
    """A pass over a queue is under way."""


@dataclass(frozen=True, slots=True)
class DrainDone:
    """It is over: `outcome` is "done", or the reason of what stopped it."""

    outcome: str
    ms: int


@dataclass(frozen=True, slots=True)
class CardLookedUp:
    """A card was wanted."""

    cache: Cache


@dataclass(frozen=True, slots=True)
class SourceAsked:
    """A provider's function was called: `reason` says why it gave no card."""

    provider: str
    reason: str | None
    ms: float


Happening = LinkEnded | ClickDone | DrainBegan | DrainDone | CardLookedUp | SourceAsked
Observe = Callable[[Happening], None]


def nobody(_: Happening) -> None:
    """Does not look."""
