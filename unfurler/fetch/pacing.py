"""Who asked for patience, until when."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime

from cachetools import LRUCache

from unfurler.fetch.memory import Memory, NoMemory, key
from unfurler.sdk.errors import RateLimited


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


class Pacing:
    """Not-before times by place, or by origin and credential.

    With a shared `memory` all processes keep to them; without one, this process.
    """

    def __init__(
        self, memory: Memory | None = None, *, now: Callable[[], datetime] = utc_now, entries: int = 10_000
    ) -> None:
        self._memory = memory or NoMemory()
        self._now = now
        self._held: LRUCache[str, datetime] = LRUCache(entries)
        self._lock = threading.Lock()

    @property
    def now(self) -> datetime:
        """The time that all not-before times are compared with."""
        return self._now()

    def hold(self, until: datetime, *whom: str) -> None:
        """Ask nothing of them before `until`; a later time that is known already stays."""
        name = "pace:" + key(*whom)
        with self._lock:
            if (held := self._held.get(name)) is not None and held >= until:
                return
            self._held[name] = until
        self._memory.put(name, until.isoformat().encode(), max(1.0, (until - self._now()).total_seconds()))

    def check(self, *whom: str) -> None:
        """Raises RateLimited, at once and with the time, while they are not to be asked."""
        name = "pace:" + key(*whom)
        with self._lock:
            until = self._held.get(name)
        now = self._now()
        if until is None or until <= now:
            until = _parse(self._memory.get(name))
        if until is not None and until > now:
            raise patience(until)


def patience(until: datetime | None) -> RateLimited:
    """The error that says when to come again."""
    when = f" It can be tried again at {until:%H:%M} UTC." if until is not None else ""
    return RateLimited(f"The site asks for patience.{when}", retry_at=until)


def _parse(stored: bytes | None) -> datetime | None:
    if not stored:
        return None
    try:
        return datetime.fromisoformat(stored.decode("ascii"))
    except ValueError:
        return None
