"""The clock of the emulated Space, which can be moved forward."""

from __future__ import annotations

import time


def real_ms() -> int:
    """Milliseconds since 1970 by the machine's clock."""
    return time.time_ns() // 1_000_000


def iso(ms: int) -> str:
    """The form of a date that Space uses: `2024-05-10T19:14:16.438Z`."""
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(ms // 1000)) + f".{ms % 1000:03d}Z"


class SandboxClock:
    """Real time plus what it was advanced by; lifetimes of items and tokens follow it."""

    def __init__(self) -> None:
        self.advanced_ms = 0

    def now_ms(self) -> int:
        return real_ms() + self.advanced_ms

    def advance(self, seconds: float) -> None:
        """Raises ValueError where time would run backwards."""
        if seconds < 0:
            raise ValueError("advance_s: time runs forwards only")
        self.advanced_ms += round(seconds * 1000)

    def reset(self) -> None:
        self.advanced_ms = 0
