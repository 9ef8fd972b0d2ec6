"""Cards that are remembered: fresh for a lifetime, and for one more in case the source fails."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol, Self

from pydantic import SecretStr, TypeAdapter

from unfurler.engine.registry import Match
from unfurler.sdk.card import Card
from unfurler.sdk.errors import AccessDenied, NotFound, UnfurlError


@dataclass(frozen=True, slots=True)
class Viewer:
    """On whose behalf something is fetched: `key` tells viewers apart, `token` proves their account.

    `language` is what sites are asked for. Without a key it is everyone: seen anonymously, or with the operator's
    service account.
    """

    key: str
    token: SecretStr | None = None
    language: str = "en"

    @property
    def is_everyone(self) -> bool:
        """Whether nobody's account is involved."""
        return not self.key


EVERYONE = Viewer("")


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
    kind: Literal["not-found", "access-denied", "other"] = "other"

    @classmethod
    def of(cls, error: UnfurlError) -> Self:
        """The failure that this error was."""
        kind: Literal["not-found", "access-denied", "other"] = "other"
        if isinstance(error, NotFound | AccessDenied):
            kind = "not-found" if isinstance(error, NotFound) else "access-denied"
        return cls(str(error), error.reason, error.retry, kind)

    def again(self) -> UnfurlError:
        """The failure as the error it was."""
        known = {"not-found": NotFound, "access-denied": AccessDenied, "other": UnfurlError}[self.kind]
        return known(self.sentence, reason=self.reason, retry=self.retry)


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is known of a link: a card or a failure, and until when it counts as fresh."""

    fresh_until: float
    card: Card | None = None
    failure: Failure | None = None


_FORM = TypeAdapter(Remembered)
# Longer than any asking of a source takes.
_FORGOTTEN_S = 120.0


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

    def keep(self, match: Match, viewer: Viewer, card: Card, lifetime_s: float, *, asked_at: float) -> None:
        """Fresh for `lifetime_s`, and there for as long again; not where the link was forgotten since `asked_at`.

        Raises ValueError for what is no card: what cannot be remembered cannot be shown either.
        """
        kept = _FORM.dump_json(Remembered(self._clock() + lifetime_s, card=card), warnings=False)
        if _FORM.validate_json(kept).card is None:
            raise ValueError("no card")
        if self.forgotten_at(match, viewer) < asked_at:
            self._memory.put(_key(match, viewer), kept, 2 * lifetime_s)

    def keep_failure(self, match: Match, viewer: Viewer, error: UnfurlError, lifetime_s: float) -> None:
        """Served as it is for `lifetime_s`."""
        remembered = Remembered(self._clock() + lifetime_s, failure=Failure.of(error))
        self._memory.put(_key(match, viewer), _FORM.dump_json(remembered), lifetime_s)

    def forget(self, match: Match, viewer: Viewer) -> None:
        """The next one who asks goes to the source; what is being asked just now is not kept."""
        key = _key(match, viewer)
        self._memory.forget(key)
        self._memory.put(key + ":forgotten", repr(self._clock()).encode(), _FORGOTTEN_S)

    def forgotten_at(self, match: Match, viewer: Viewer) -> float:
        """When the link was forgotten last, of late; long ago otherwise."""
        kept = self._memory.get(_key(match, viewer) + ":forgotten")
        return -math.inf if kept is None else float(kept)

    @property
    def now(self) -> float:
        """What `asked_at` is told by."""
        return self._clock()


def _key(match: Match, viewer: Viewer) -> str:
    parts = (match.provider.name, match.provider.version, match.link.url, viewer.language, viewer.key)
    return "card:" + hashlib.sha256("\0".join(parts).encode()).hexdigest()
