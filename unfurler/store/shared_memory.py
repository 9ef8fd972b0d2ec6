"""The memory of several processes: in Redis, sealed; in this process while Redis is away."""

from __future__ import annotations

import threading
from collections.abc import Callable

from cachetools import LRUCache

from unfurler.store.cache import Memory
from unfurler.store.secrets import CannotOpen, Vault
from unfurler.store.shared import Away, Shared

# Of each outage: things that have to be forgotten in Redis as soon as it is back.
_OWED = 10_000


class SharedMemory:
    """`Memory` in Redis. What is put there only those with our keys can read, or make up, and under no other key.

    While Redis is away a memory of this process stands in, made anew for each outage by `stand_in`.
    """

    def __init__(self, shared: Shared, vault: Vault, stand_in: Callable[[], Memory]) -> None:
        self._shared = shared
        self._vault = vault
        self._make = stand_in
        self._near = stand_in()
        # What was added here is known here, whatever Redis lost or never heard of.
        self._added = stand_in()
        self._lock = threading.Lock()
        self._owed: LRUCache[str, bool] = LRUCache(_OWED)
        shared.when_back(self._catch_up)

    def get(self, key: str) -> bytes | None:
        """What was put there, while it lives."""
        try:
            sealed = self._shared.attempt(lambda client: client.get(_name(key)))
        except Away:
            return self._near.get(key)
        return self._open(key, sealed) if isinstance(sealed, bytes) else None

    def put(self, key: str, value: bytes, lifetime_s: float) -> None:
        """Keep it for so long, or less where room is short."""
        if lifetime_s <= 0:
            self.forget(key)
            return
        sealed = self._seal(key, value)
        try:
            self._shared.attempt(lambda client: client.set(_name(key), sealed, px=_ms(lifetime_s)))
        except Away:
            self._near.put(key, value, lifetime_s)

    def add(self, key: str, value: bytes, lifetime_s: float) -> bool:
        """Keep it unless something is there already; whether it was kept."""
        if not self._added.add(key, value, lifetime_s):
            return False
        sealed = self._seal(key, value)
        try:
            return bool(
                self._shared.attempt(lambda client: client.set(_name(key), sealed, px=_ms(lifetime_s), nx=True))
            )
        except Away:
            return True

    def forget(self, key: str) -> None:
        """Drop it; in Redis too, once it is back."""
        self._near.forget(key)
        self._added.forget(key)
        try:
            self._shared.attempt(lambda client: client.delete(_name(key)))
        except Away:
            with self._lock:
                self._owed[key] = True

    def _catch_up(self) -> None:
        """Redis is back: drop what was forgotten meanwhile, and what stood in for it."""
        with self._lock:
            owed = [_name(key) for key in self._owed]
            self._owed.clear()
            self._near = self._make()
        if not owed:
            return
        try:
            self._shared.attempt(lambda client: client.delete(*owed))
        except Away:
            with self._lock:
                self._owed.update((name.removeprefix(_PREFIX), True) for name in owed)

    def _seal(self, key: str, value: bytes) -> bytes:
        return self._vault.seal_bytes(key.encode() + b"\0" + value)

    def _open(self, key: str, sealed: bytes) -> bytes | None:
        try:
            name, _, value = self._vault.open_bytes(sealed).partition(b"\0")
        except CannotOpen:
            return None
        return value if name == key.encode() else None


_PREFIX = "unfurler:"


def _name(key: str) -> str:
    return _PREFIX + key


def _ms(lifetime_s: float) -> int:
    return max(1, int(lifetime_s * 1000))
