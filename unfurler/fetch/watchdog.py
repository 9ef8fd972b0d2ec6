"""One shared timer that cuts what has outlived its deadline.

A timeout on a socket is per system call at best, and inside TLS under gevent not even that; cutting the connection
from outside ends every kind of waiting on it. One thread serves everything under watch, and is there only once
something is.
"""

from __future__ import annotations

import heapq
import itertools
import os
import threading
import time
from collections.abc import Callable

import structlog

log = structlog.get_logger(__name__)


class Ticket:
    """One thing under watch."""

    __slots__ = ("_cut", "_lock", "fired")

    def __init__(self, cut: Callable[[], None]) -> None:
        self._cut: Callable[[], None] | None = cut
        self._lock = threading.Lock()
        self.fired = False

    def cancel(self) -> None:
        """Afterwards nothing is cut any more."""
        with self._lock:
            self._cut = None

    def fire(self) -> None:
        """Cut now, once."""
        with self._lock:
            cut, self._cut = self._cut, None
            if cut is not None:
                self.fired = True
                cut()

    @property
    def idle(self) -> bool:
        """Whether nothing is left to cut."""
        return self._cut is None


class Watchdog:
    """Tickets by time."""

    def __init__(self) -> None:
        self._waiting: list[tuple[float, int, Ticket]] = []
        self._order = itertools.count()
        self._wake = threading.Condition()
        self._runs_in: int | None = None
        self._compact_at = 1_024

    def watch(self, at: float, cut: Callable[[], None]) -> Ticket:
        """Call `cut` at that moment of the monotonic clock unless the ticket is cancelled before."""
        ticket = Ticket(cut)
        with self._wake:
            self._drop_idle()
            heapq.heappush(self._waiting, (at, next(self._order), ticket))
            # In a process that was forked off there is no such thread.
            if self._runs_in != os.getpid():
                threading.Thread(target=self._run, name="watchdog", daemon=True).start()
                self._runs_in = os.getpid()
            elif self._waiting[0][2] is ticket:
                self._wake.notify()
        return ticket

    def _drop_idle(self) -> None:
        if len(self._waiting) >= self._compact_at:
            self._waiting = [entry for entry in self._waiting if not entry[2].idle]
            heapq.heapify(self._waiting)
            self._compact_at = max(1_024, 2 * len(self._waiting))

    def _run(self) -> None:
        while True:
            with self._wake:
                while not self._waiting or (left := self._waiting[0][0] - time.monotonic()) > 0:
                    self._wake.wait(left if self._waiting else None)
                _, _, ticket = heapq.heappop(self._waiting)
            try:
                ticket.fire()
            except Exception:  # whatever it is, the others are still to be cut
                log.exception("watchdog.cut-failed")
