"""Connections that wait for the next request to the same place under the same rules."""

from __future__ import annotations

import threading
import time
from collections.abc import Hashable
from typing import TYPE_CHECKING

from urllib3.util.connection import is_connection_dropped

if TYPE_CHECKING:
    from unfurler.fetch.connect import Connection


class Idle:
    """The freshest first; at most `per_key` of a kind, `total` in all, none older than `rest_s` seconds."""

    def __init__(self, *, total: int = 64, per_key: int = 8, rest_s: float = 30.0) -> None:
        self._total = total
        self._per_key = per_key
        self._rest_s = rest_s
        self._lock = threading.Lock()
        self._kept: dict[Hashable, list[tuple[float, Connection]]] = {}

    def take(self, key: Hashable) -> Connection | None:
        """One that the other side has not closed, or None."""
        while True:
            with self._lock:
                stack = self._kept.get(key)
                if not stack:
                    self._kept.pop(key, None)
                    return None
                since, connection = stack.pop()
            if time.monotonic() - since < self._rest_s and not is_connection_dropped(connection):
                return connection
            connection.close()

    def put(self, key: Hashable, connection: Connection) -> None:
        """Keep it for later, in place of the oldest where there is no room."""
        now = time.monotonic()
        with self._lock:
            self._kept.setdefault(key, []).append((now, connection))
            over = self._past(now)
            if len(self._kept.get(key, ())) > self._per_key:
                over.append(self._kept[key].pop(0)[1])
            elif sum(map(len, self._kept.values())) > self._total:
                oldest = min((stack for stack in self._kept.values() if stack), key=lambda stack: stack[0][0])
                over.append(oldest.pop(0)[1])
        for one in over:
            one.close()

    def close(self) -> None:
        """Let go of all."""
        with self._lock:
            kept, self._kept = self._kept, {}
        for stack in kept.values():
            for _, connection in stack:
                connection.close()

    def _past(self, now: float) -> list[Connection]:
        past: list[Connection] = []
        for key, stack in list(self._kept.items()):
            while stack and now - stack[0][0] >= self._rest_s:
                past.append(stack.pop(0)[1])
            if not stack:
                del self._kept[key]
        return past
