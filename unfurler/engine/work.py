"""Who runs a drain, and when: asked for by a notification, by the clock, or by what a drain left undone.

Asking for a drain that is asked for already is absorbed; asking for one that runs makes one more pass at its end.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Protocol

import structlog

from unfurler.engine.tracing import UNTRACED, Tracing

log = structlog.get_logger(__name__)

# How long work that failed through no fault of the chat side rests: a database may be away for a moment, or for long.
FIRST_REST_S, LONGEST_REST_S = 1.0, 15.0


class Work(Protocol):
    """One kind of work for organizations, one at a time for each; who does it is the matter of what stands behind."""

    def ask(self, organization: str) -> None:
        """Have it done soon; returns at once."""
        ...

    def ask_later(self, organization: str, after_s: float) -> None:
        """Have it done after so many seconds, or earlier where that was asked for before."""
        ...

    def asked_anew(self, organization: str) -> bool:
        """Whether it was asked for again since it began; whoever runs takes it up."""
        ...

    def waited_s(self, organization: str) -> float:
        """For how long what is done now, or was taken up last, has been asked for."""
        ...

    @property
    def stopped(self) -> bool:
        """Whether what runs has to come to its end."""
        ...

    def keep_time(self) -> None:
        """Ask for what falls due, until stopped. Meant for a thread of its own."""
        ...

    def stop(self, wait_s: float) -> bool:
        """Take no more, and wait for what runs; whether everything ended in time."""
        ...


class LocalWork:
    """Runs one kind of work for each organization, one at a time, on a pool.

    `run(organization)` does the work and returns after how many seconds to do it again, None for not by itself.
    """

    def __init__(
        self,
        run: Callable[[str], float | None],
        pool: Executor,
        monotonic: Callable[[], float],
        tracing: Tracing = UNTRACED,
    ) -> None:
        self._run = run
        self._pool = pool
        self._monotonic = monotonic
        self._changed = threading.Condition()
        self._tracing = tracing
        # When it was asked for first, and from which place.
        self._asked: dict[str, tuple[float, str]] = {}
        self._since: dict[str, float] = {}
        self._running: set[str] = set()
        self._later: dict[str, float] = {}
        self._failures: dict[str, int] = {}
        self._stopped = False

    def ask(self, organization: str) -> None:
        """Have it done soon; returns at once."""
        with self._changed:
            if self._stopped:
                return
            self._asked.setdefault(organization, (self._monotonic(), self._tracing.place()))
            if organization in self._running:
                return
            self._running.add(organization)
        try:
            self._pool.submit(self._until_unasked, organization)
        except RuntimeError:
            # No thread to be had. Left among those that run, it would never be begun again.
            log.error("work.not-begun", organization=organization)
            with self._changed:
                self._running.discard(organization)
                self._changed.notify_all()
            self.ask_later(organization, self._rest_s(organization))

    def asked_anew(self, organization: str) -> bool:
        """Whether it was asked for again since it began; whoever runs takes it up, and no further pass follows."""
        with self._changed:
            asked = self._asked.pop(organization, None)
            if asked is not None:
                self._since[organization] = asked[0]
            return asked is not None

    def waited_s(self, organization: str) -> float:
        """For how long what is done now, or was taken up last, has been asked for."""
        with self._changed:
            return max(0.0, self._monotonic() - self._since.get(organization, math.inf))

    @property
    def stopped(self) -> bool:
        """Whether what runs has to come to its end."""
        return self._stopped

    def ask_later(self, organization: str, after_s: float) -> None:
        """Have it done after so many seconds, or earlier where that was asked for before."""
        with self._changed:
            due = self._monotonic() + after_s
            self._later[organization] = min(due, self._later.get(organization, due))
            self._changed.notify_all()

    def keep_time(self) -> None:
        """Ask for what falls due, until stopped. Meant for a thread of its own."""
        while True:
            with self._changed:
                if self._stopped:
                    return
                organization = min(self._later, key=self._later.__getitem__, default=None)
                wait_s = None if organization is None else self._later[organization] - self._monotonic()
                if organization is None or wait_s is None or wait_s > 0:
                    self._changed.wait(wait_s)
                    continue
                del self._later[organization]
            self.ask(organization)

    def stop(self, wait_s: float) -> bool:
        """Take no more, and wait for what runs; whether everything ended in time."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
            return self._changed.wait_for(lambda: not self._running, wait_s)

    def _until_unasked(self, organization: str) -> None:
        while True:
            with self._changed:
                if self._stopped or organization not in self._asked:
                    self._running.discard(organization)
                    self._since.pop(organization, None)
                    self._changed.notify_all()
                    return
                self._since[organization], place = self._asked.pop(organization)
            try:
                with self._tracing.going_on(place):
                    again_s = self._run(organization)
                self._failures.pop(organization, None)
            except Exception:
                log.exception("work.failed", organization=organization)
                again_s = self._rest_s(organization)
            if again_s is not None:
                self.ask_later(organization, again_s)

    def _rest_s(self, organization: str) -> float:
        """Longer after each failure that follows another."""
        count = self._failures[organization] = self._failures.get(organization, 0) + 1
        return min(FIRST_REST_S * 2.0 ** min(count - 1, 10), LONGEST_REST_S)
