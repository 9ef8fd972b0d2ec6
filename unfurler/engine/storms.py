"""How fast one person may press buttons: a few a second, then a polite no. A repeat of the same click is no press."""

from __future__ import annotations

import threading
from collections.abc import Callable

from cachetools import TTLCache

_BURST = 5
_PEOPLE = 10_000
_PRESSES = 50_000
_SAID_FOR_S = 30.0


class Storms:
    """Counts presses by organization and person; remembers nobody for longer than it takes to be calm again."""

    def __init__(self, per_second: float, monotonic: Callable[[], float], *, same_for_s: float = 30.0) -> None:
        self._per_second = per_second
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._left: TTLCache[tuple[str, str], tuple[float, float]] = TTLCache(
            _PEOPLE, ttl=max(1.0, 2 * _BURST / per_second), timer=monotonic
        )
        self._seen: TTLCache[tuple[str, str, tuple[str, str]], bool] = TTLCache(
            _PRESSES, ttl=same_for_s, timer=monotonic
        )
        self._told: TTLCache[tuple[str, str], bool] = TTLCache(_PEOPLE, ttl=_SAID_FOR_S, timer=monotonic)

    def calm(self, organization: str, person: str, same: tuple[str, str] | None = None) -> bool:
        """Whether this press is within what one person may do; counts it, unless the `same` came before."""
        key, now = (organization, person), self._monotonic()
        with self._lock:
            if same is not None and (*key, same) in self._seen:
                return True
            left, at = self._left.get(key, (float(_BURST), now))
            left = min(float(_BURST), left + (now - at) * self._per_second)
            self._left[key] = (max(left - 1, 0.0), now)
            if same is not None and left >= 1:
                self._seen[*key, same] = True
        return left >= 1

    def worth_saying(self, organization: str, person: str) -> bool:
        """Whether the person has not been told so just now; counts as telling."""
        key = (organization, person)
        with self._lock:
            first = key not in self._told
            if first:
                self._told[key] = True
        return first
