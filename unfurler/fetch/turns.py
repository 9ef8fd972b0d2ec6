"""How many requests run at once, in all or to one place.

First come, first served among those whose place has room: many links to one slow host wait for each other, not for
the rest, and nobody overtakes within a place.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager

from unfurler.fetch.deadline import TooSlow

_BUSY = "Too much is being fetched; no turn came within {} seconds."


class _Waiter:
    __slots__ = ("granted", "place")

    def __init__(self, place: Hashable) -> None:
        self.place = place
        self.granted = threading.Event()


class Turns:
    """Slots for `total` requests, `per_place` of them to the same place."""

    def __init__(self, total: int, per_place: int) -> None:
        self._total = total
        self._per_place = per_place
        self._lock = threading.Lock()
        self._running: Counter[Hashable] = Counter()
        self._count = 0
        self._queue: list[_Waiter] = []

    @contextmanager
    def take(self, place: Hashable, wait_s: float) -> Iterator[None]:
        """Hold a slot. Raises UpstreamSlow (`fetch-busy`) where none comes free within `wait_s` seconds."""
        self.enter(place, wait_s)
        try:
            yield
        finally:
            self.leave(place)

    def enter(self, place: Hashable, wait_s: float) -> None:
        """Take a slot that somebody else gives back with `leave`; raises as `take` does."""
        with self._lock:
            # Whoever waits already has a place or a total without room, so a newcomer that fits overtakes nobody.
            if self._fits(place):
                self._start(place)
                return
            waiter = _Waiter(place)
            self._queue.append(waiter)
        if waiter.granted.wait(max(0.0, wait_s)):
            return
        with self._lock:
            if waiter.granted.is_set():
                return
            self._queue.remove(waiter)
        raise TooSlow(_BUSY, wait_s, "fetches", reason="fetch-busy")

    def leave(self, place: Hashable) -> None:
        """Give a slot back, to the first in line that fits."""
        with self._lock:
            self._count -= 1
            self._running[place] -= 1
            if not self._running[place]:
                del self._running[place]
            for waiter in self._queue:
                if self._fits(waiter.place):
                    self._queue.remove(waiter)
                    self._start(waiter.place)
                    waiter.granted.set()
                    break

    def _fits(self, place: Hashable) -> bool:
        return self._count < self._total and self._running[place] < self._per_place

    def _start(self, place: Hashable) -> None:
        self._count += 1
        self._running[place] += 1
