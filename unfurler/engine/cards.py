"""Cards that are remembered: fresh for a lifetime, and for one more in case the source fails."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import NewType, Protocol

from pydantic import TypeAdapter

from unfurler.engine.registry import Match
from unfurler.sdk.card import Card
from unfurler.sdk.errors import UnfurlError

Viewer = NewType("Viewer", str)
EVERYONE = Viewer("")
"""Seen without anybody's account: anonymously, or with the operator's service account."""


class Memory(Protocol):
    """Bytes under a key, for a while."""

    def get(self, key: str) -> bytes | None: ...
    def put(self, key: str, value: bytes, lifetime_s: float) -> None: ...
    def forget(self, key: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Failure:
    """A failure that is remembered instead of a card."""

    sentence: str
    reason: str
    retry: bool

    def again(self) -> UnfurlError:
        """The failure as the error it was."""
        return UnfurlError(self.sentence, reason=self.reason, retry=self.retry)


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is known of a link: a card or a failure, and until when it counts as fresh."""

    fresh_until: float
    card: Card | None = None
    failure: Failure | None = None


_FORM = TypeAdapter(Remembered)


class CardMemory:
    """Cards by link and viewer; nobody is served what was seen with another's account."""

    def __init__(self, memory: Memory, clock: Callable[[], float]) -> None:
        self._memory = memory
        self._clock = clock

    def recall(self, match: Match, viewer: Viewer) -> Remembered | None:
        """What is remembered, stale or fresh."""
        kept = self._memory.get(_key(match, viewer))
        return None if kept is None else _FORM.validate_json(kept)

    def is_fresh(self, remembered: Remembered) -> bool:
        """Whether it may be served without asking the source."""
        return self._clock() < remembered.fresh_until

    def keep(self, match: Match, viewer: Viewer, card: Card, lifetime_s: float) -> None:
        """Fresh for `lifetime_s`, and there for as long again."""
        remembered = Remembered(self._clock() + lifetime_s, card=card)
        self._memory.put(_key(match, viewer), _FORM.dump_json(remembered), 2 * lifetime_s)

    def keep_failure(self, match: Match, viewer: Viewer, error: UnfurlError, lifetime_s: float) -> None:
        """Served as it is for `lifetime_s`."""
        remembered = Remembered(self._clock() + lifetime_s, failure=Failure(str(error), error.reason, error.retry))
        self._memory.put(_key(match, viewer), _FORM.dump_json(remembered), lifetime_s)

    def forget(self, match: Match, viewer: Viewer) -> None:
        """The next one who asks goes to the source."""
        self._memory.forget(_key(match, viewer))


def _key(match: Match, viewer: Viewer) -> str:
    parts = (match.provider.name, match.provider.version, match.link.url, viewer)
    return "card:" + hashlib.sha256("\0".join(parts).encode()).hexdigest()
