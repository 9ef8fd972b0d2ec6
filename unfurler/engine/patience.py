"""When an organization's queue may be looked at again: after trouble, after nothing, beside others of its server."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from unfurler.engine.ports import HostTrouble
from unfurler.limits import Limits

_FIRST_WAIT_S = 2.0
_LONGEST_WAIT_S = 60.0
# Of the drains that run at once, those of one server: one that hangs does not take all places.
_DRAINS_AT_ONE_PLACE = 32
# A queue that was looked at for nothing rests for a moment, each time for longer: notifications without links, however
# many, must not take the time of those that bring some.
_REST_S = 0.005
_LONGEST_REST_S = 0.1


class Patience:
    """Kept by organization, in this process. `chance` gives a number from 0 to 1."""

    def __init__(
        self, limits: Limits, chance: Callable[[], float], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._limits = limits
        self._chance = chance
        self._monotonic = monotonic
        self._not_before: dict[str, float] = {}
        self._troubles: dict[str, int] = {}
        self._rests: dict[str, float] = {}
        self._lock = threading.Lock()
        self._at_place: Counter[str] = Counter()

    def left_alone_s(self, id: str) -> float:
        """For how many more seconds nobody is to look, notification or not."""
        wait_s = self._not_before.get(id, 0.0) - self._monotonic()
        if wait_s <= 0:
            self._not_before.pop(id, None)
        return max(0.0, wait_s)

    @contextmanager
    def place_at(self, server: str) -> Iterator[bool]:
        """In the block one of the places that a server has is taken; False where there is none."""
        with self._lock:
            free = self._at_place[server] < _DRAINS_AT_ONE_PLACE
            self._at_place[server] += free
        try:
            yield free
        finally:
            with self._lock:
                self._at_place[server] -= free
                if not self._at_place[server]:
                    del self._at_place[server]

    def note_done(self, id: str, *, found: bool) -> None:
        """The queue was looked at, and something was `found` in it or not."""
        self._troubles.pop(id, None)
        if found:
            self._rests.pop(id, None)
            return
        rest_s = self._rests[id] = min(2 * self._rests.get(id, _REST_S / 2), _LONGEST_REST_S)
        self._not_before[id] = self._monotonic() + rest_s

    def note_trouble(self, id: str, trouble: HostTrouble) -> float:
        """The chat side was no help; after how many seconds to try again."""
        count = self._troubles[id] = self._troubles.get(id, 0) + 1
        # The exponent is bounded: a chat side that is away for a day must not overflow it.
        wait_s = min(_FIRST_WAIT_S * 2.0 ** min(count - 1, 10), _LONGEST_WAIT_S) * (0.5 + self._chance() / 2)
        if trouble.retry_after_s is not None:
            # Said by the chat side itself: a notification does not shorten it.
            asked_s = min(trouble.retry_after_s, self._limits.retry_after_s)
            wait_s = max(wait_s, asked_s)
            self._not_before[id] = self._monotonic() + asked_s
        return wait_s

    def forget(self, id: str) -> None:
        """The organization is gone."""
        for kept in (self._not_before, self._troubles, self._rests):
            kept.pop(id, None)
