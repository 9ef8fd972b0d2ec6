"""What is remembered for a while: bounded by entries and bytes, one making for many askers, stale only in need.

`Memory` is the seam: bytes under a key for so many seconds. In one process it is `LocalMemory`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from cachetools import TLRUCache

from unfurler.sdk.errors import UpstreamSlow

Value = TypeVar("Value")


class Memory(Protocol):
    """Bytes under a key, for a while."""

    def get(self, key: str) -> bytes | None:
        """What was put there, while it lives."""
        ...

    def put(self, key: str, value: bytes, lifetime_s: float) -> None:
        """Keep it for so long, or less where room is short."""
        ...

    def add(self, key: str, value: bytes, lifetime_s: float) -> bool:
        """Keep it unless something is there already; whether it was kept."""
        ...

    def forget(self, key: str) -> None:
        """Drop it."""
        ...


@dataclass(frozen=True, slots=True)
class _Kept:
    value: bytes
    lifetime_s: float


class LocalMemory:
    """Memory of one process: the least recently used goes first where entries or bytes run out."""

    def __init__(self, *, max_entries: int, max_bytes: int, clock: Callable[[], float]) -> None:
        self._lock = threading.Lock()
        # Room is counted in bytes; a floor for each entry bounds their number by the same measure.
        self._floor = max(1, max_bytes // max_entries)
        self._kept: TLRUCache[str, _Kept] = TLRUCache(
            maxsize=max_bytes,
            ttu=lambda _key, kept, now: now + kept.lifetime_s,
            timer=clock,
            getsizeof=lambda kept: max(len(kept.value), self._floor),
        )

    def get(self, key: str) -> bytes | None:
        """What was put there, while it lives."""
        with self._lock:
            kept = self._kept.get(key)
        return None if kept is None else kept.value

    def put(self, key: str, value: bytes, lifetime_s: float) -> None:
        """Keep it for so long; what alone is larger than all the room is not kept."""
        with self._lock:
            if lifetime_s > 0 and len(value) <= self._kept.maxsize:
                self._kept[key] = _Kept(value, lifetime_s)
            else:
                self._kept.pop(key, None)

    def add(self, key: str, value: bytes, lifetime_s: float) -> bool:
        """Keep it unless something is there already; whether it was kept."""
        with self._lock:
            if key in self._kept:
                return False
            self._kept[key] = _Kept(value, lifetime_s)
            return True

    def forget(self, key: str) -> None:
        """Drop it."""
        with self._lock:
            self._kept.pop(key, None)


class OneAtATime(Generic[Value]):
    """The same thing wanted by many at once is made once, and all of them get it, the failure as well.

    Who joins waits for `patience_s` at most: the one who makes it may hang.
    """

    def __init__(self, patience_s: float) -> None:
        self._patience_s = patience_s
        self._lock = threading.Lock()
        self._under_way: dict[str, Future[Value]] = {}

    def make(self, key: str, make: Callable[[], Value]) -> Value:
        """The result of `make`, or of the one that runs already for this key. Raises UpstreamSlow (`join-silent`)."""
        with self._lock:
            running = self._under_way.get(key)
            if running is None:
                mine: Future[Value] = Future()
                self._under_way[key] = mine
        if running is not None:
            try:
                return running.result(self._patience_s)
            except TimeoutError:
                if running.done():
                    raise
                raise UpstreamSlow("Somebody asks for it already, and no answer came.", reason="join-silent") from None
        try:
            result = make()
        except BaseException as error:
            self._finish(key)
            mine.set_exception(error)
            raise
        self._finish(key)
        mine.set_result(result)
        return result

    def _finish(self, key: str) -> None:
        with self._lock:
            del self._under_way[key]
