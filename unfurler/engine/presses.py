"""Who acts on clicks, and how many at once: in order, bounded, and no organization takes more than its share."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import Executor

import structlog

log = structlog.get_logger(__name__)


class Overloaded(Exception):
    """More waits than can be taken on; whoever asks may ask again."""


class Presses:
    """Runs what each organization asks for on a pool, `share` at once; `room` of it wait, and no more are taken."""

    def __init__(self, pool: Executor, *, share: int = 8, room: int = 200) -> None:
        self._pool = pool
        self._share = share
        self._room = room
        self._changed = threading.Condition()
        self._waiting: dict[str, deque[Callable[[], None]]] = {}
        self._running: Counter[str] = Counter()
        self._stopped = False

    def ask(self, organization: str, act: Callable[[], None]) -> None:
        """Have it done soon; returns at once. Raises Overloaded."""
        with self._changed:
            waiting = self._waiting.setdefault(organization, deque())
            if self._stopped or len(waiting) >= self._room:
                raise Overloaded(organization)
            waiting.append(act)
            if self._running[organization] >= self._share:
                return
            self._running[organization] += 1
        try:
            self._pool.submit(self._until_none, organization)
        except RuntimeError as error:
            with self._changed:
                self._leave(organization)
                if act in waiting:
                    waiting.remove(act)
            raise Overloaded(organization) from error

    def stop(self, wait_s: float) -> bool:
        """Take no more, and wait for those taken; whether all were done in time."""
        with self._changed:
            self._stopped = True
            return self._changed.wait_for(lambda: not self._running, wait_s)

    def _until_none(self, organization: str) -> None:
        while True:
            with self._changed:
                waiting = self._waiting.get(organization)
                if not waiting:
                    self._leave(organization)
                    return
                act = waiting.popleft()
            try:
                act()
            except Exception:
                log.exception("press.failed")

    def _leave(self, organization: str) -> None:
        self._running[organization] -= 1
        if not self._running[organization]:
            del self._running[organization]
            if not self._waiting.get(organization):
                self._waiting.pop(organization, None)
        self._changed.notify_all()
