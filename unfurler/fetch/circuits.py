"""Who fails so often that nobody is sent there for a while.

A circuit opens after some failures in a row. When its time is over one caller at a time tries it; an answer closes it,
a failure opens it for longer.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from random import random

import structlog
from cachetools import LRUCache

from unfurler.fetch.memory import Memory, NoMemory, key
from unfurler.fetch.pacing import utc_now
from unfurler.sdk.errors import Paused, UpstreamDown, UpstreamSlow

log = structlog.stdlib.get_logger(__name__)

OPENS_AFTER = 5
FIRST_PAUSE_S = 5.0
LONGEST_PAUSE_S = 60.0
# How many failing ones are remembered.
_FAILING = 10_000
# Nobody was asked, or somebody answered.
_NOT_ITS_FAULT = frozenset({"fetch-busy", "certificate-invalid"})


@dataclass(slots=True)
class _Circuit:
    """Failures in a row; how often it opened in a row; until when nobody, and then until when only one, is let in."""

    kind: str
    failures: int = 0
    opened: int = 0
    until: float = 0.0
    tried_until: float = 0.0


class Circuits:
    """Circuits by what they lead to. With a shared `memory` all processes stay away together.

    `trial_s` is how long the one who tries is waited for, the longest that a call takes. `reason` is that of the
    error while one is open.
    """

    def __init__(
        self,
        memory: Memory | None = None,
        *,
        now: Callable[[], datetime] = utc_now,
        chance: Callable[[], float] = random,
        trial_s: float = 20.0,
        reason: str = "circuit-open",
    ) -> None:
        self._memory = memory or NoMemory()
        self._now = now
        self._chance = chance
        self._trial_s = trial_s
        self._reason = reason
        self._lock = threading.Lock()
        # Only those that fail are in it.
        self._failing: LRUCache[str, _Circuit] = LRUCache(_FAILING)

    @contextmanager
    def watching(self, kind: str, *whom: str) -> Iterator[Callable[[], None]]:
        """Around a call. Raises Paused while the circuit is open.

        A failure is `UpstreamDown` or `UpstreamSlow`, or a call of what this gives, for an answer that is one.
        """
        self.enter(kind, *whom)
        failed = False

        def fail() -> None:
            nonlocal failed
            failed = True

        try:
            yield fail
        except (UpstreamDown, UpstreamSlow) as error:
            failed = error.reason not in _NOT_ITS_FAULT
            raise
        finally:
            self.note(kind, *whom, failed=failed)

    def enter(self, kind: str, *whom: str) -> None:
        """Raises Paused where nobody is to be sent there now."""
        name, now = _name(kind, whom), self._now().timestamp()
        with self._lock:
            circuit = self._failing.get(name)
        if circuit is None or not circuit.opened:
            circuit = self._learn(name, kind) or circuit
        if circuit is None:
            return
        with self._lock:
            closed_until = max(circuit.until, circuit.tried_until)
            if closed_until <= now:
                if circuit.opened:
                    circuit.tried_until = now + self._trial_s
                return
            # While one tries, the others come back soon: it may take much shorter than it may take at most.
            until = circuit.until if circuit.until > now else now + FIRST_PAUSE_S / 2
        raise Paused(
            "It failed several times in a row, and is left alone for a moment.",
            reason=self._reason,
            retry_at=datetime.fromtimestamp(until, UTC),
        )

    def note(self, kind: str, *whom: str, failed: bool) -> None:
        """What came of one call."""
        name, now = _name(kind, whom), self._now().timestamp()
        with self._lock:
            circuit = self._failing.get(name)
            if not failed:
                self._failing.pop(name, None)
                opened = circuit is not None and circuit.opened > 0
            else:
                if circuit is None:
                    circuit = self._failing[name] = _Circuit(kind)
                circuit.failures += 1
                circuit.tried_until = 0.0
                if circuit.until > now or (circuit.opened == 0 and circuit.failures < OPENS_AFTER):
                    return
                pause_s = min(FIRST_PAUSE_S * 2.0 ** min(circuit.opened, 10), LONGEST_PAUSE_S)
                circuit.opened += 1
                circuit.until = now + pause_s * (0.5 + self._chance() / 2)
                kept = f"{circuit.until} {circuit.opened}".encode()
                pause_s = circuit.until - now
        if failed:
            self._memory.put(name, kept, pause_s + self._trial_s)
            log.warning("circuit.opened", kind=kind, seconds=round(pause_s, 1))
        elif opened:
            self._memory.put(name, b"", 1.0)
            log.info("circuit.closed", kind=kind)

    def states(self) -> Counter[str]:
        """How many are open, or tried, by kind."""
        with self._lock:
            return Counter(circuit.kind for circuit in self._failing.values() if circuit.opened)

    def _learn(self, name: str, kind: str) -> _Circuit | None:
        """What another process found out."""
        until, _, opened = (self._memory.get(name) or b"").partition(b" ")
        try:
            learnt = _Circuit(kind, OPENS_AFTER, int(opened), float(until))
        except ValueError:
            return None
        with self._lock:
            self._failing[name] = learnt
        return learnt


def _name(kind: str, whom: tuple[str, ...]) -> str:
    return "circuit:" + key(kind, *whom)
