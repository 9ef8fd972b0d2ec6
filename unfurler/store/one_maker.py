"""The same thing wanted by several processes at once is made by one of them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from redis.exceptions import LockError
from redis.lock import Lock

from unfurler.store.secrets import fingerprint
from unfurler.store.shared import Away, Shared

Value = TypeVar("Value")
_LOOKS_EVERY_S = 0.03


class OneMaker:
    """Who makes holds a lock in Redis; who comes meanwhile waits, and looks before making it as well.

    The lock lives for `life_s`, so that a process that died holds nobody up for longer; what takes longer than that
    is made by the others too. Without Redis everybody makes.
    """

    def __init__(self, shared: Shared, life_s: float) -> None:
        self._shared = shared
        self._life_s = life_s

    def make(self, key: str, make: Callable[[], Value], look: Callable[[], Value | None]) -> Value:
        """The result of `make`, or what `look` finds after another process has made it."""
        lock = Lock(
            self._shared.client,
            "unfurler:making:" + fingerprint(key),
            timeout=self._life_s,
            sleep=_LOOKS_EVERY_S,
            thread_local=False,
        )
        try:
            at_once = self._shared.attempt(lambda _: lock.acquire(blocking=False))
            held = at_once or self._shared.attempt(lambda _: lock.acquire(blocking_timeout=self._life_s))
        except Away:
            return make()
        try:
            found = None if at_once else look()
            return make() if found is None else found
        finally:
            if held:
                self._release(lock)

    def _release(self, lock: Lock) -> None:
        # It may have run out, and be another's by now; and without Redis it runs out by itself.
        with suppress(Away, LockError):
            self._shared.attempt(lambda _: lock.release())
