"""What a process keeps and does by itself where it is the only one; `unfurler/web/shared.py` is for several."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor

from unfurler.config import Settings
from unfurler.engine.resolve import Alone, OneMaker
from unfurler.engine.tracing import UNTRACED, Tracing
from unfurler.engine.work import LocalWork, Work
from unfurler.limits import Limits
from unfurler.store.cache import LocalMemory, Memory
from unfurler.store.secrets import Vault


class Sharing:
    """Builds the pieces that several processes would share."""

    several = False
    # How long after a loss of messages asking for work may still be absorbed by one of them.
    settles_s = 0.0
    # What remembered times are told by.
    clock: Callable[[], float] = staticmethod(time.monotonic)

    def __init__(self, limits: Limits) -> None:
        self.limits = limits

    def memory(self) -> Memory:
        """For cards and replies."""
        return self.memory_of(self.limits.cache_entries, self.limits.cache_bytes)

    def small_memory(self) -> Memory:
        """For many small things that must not push each other out."""
        return self.memory_of(50_000, 4_194_304)

    def memory_of(self, max_entries: int, max_bytes: int) -> Memory:
        """For what has bounds of its own."""
        return LocalMemory(max_entries=max_entries, max_bytes=max_bytes, clock=time.monotonic)

    def one_maker(self) -> OneMaker:
        """Who asks a source for what several processes want at once."""
        return Alone()

    def work(self, _name: str, run: Callable[[str], float | None], pool: Executor, tracing: Tracing = UNTRACED) -> Work:
        """Work of that name for organizations; `pool` does what this process does by itself."""
        return LocalWork(run, pool, time.monotonic, tracing)

    def trouble(self) -> str | None:
        """Why work is not shared just now though it should be, in a sentence; None where all is well."""
        return None

    def watch(self, _lost: threading.Event, *, works: bool) -> None:
        """Set the event whenever messages may have been lost; a process that `works` says that it lives."""


def build_sharing(settings: Settings, limits: Limits, vault: Vault, *, works: bool = False) -> Sharing:
    """With UNFURLER_REDIS_URL for several processes; `works` for a worker. Connects to nothing."""
    if settings.redis_url is None:
        return Sharing(limits)
    # Only here: its libraries take some megabytes and a third of a second, which one process alone need not pay.
    from unfurler.web.shared import Together

    return Together(settings.redis_url.get_secret_value(), limits, vault, works=works)
