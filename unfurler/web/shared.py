"""What several processes share through Redis: memories, locks, the queue of work."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import suppress

from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import Retries

from unfurler.engine.shared_work import PENDING_S, WORKER_ALIVE, SharedWork
from unfurler.engine.tracing import UNTRACED, Tracing
from unfurler.engine.work import LocalWork, Work
from unfurler.limits import Limits
from unfurler.store.cache import Memory
from unfurler.store.one_maker import OneMaker
from unfurler.store.secrets import Vault
from unfurler.store.shared import Away, Shared, build_client
from unfurler.store.shared_memory import SharedMemory
from unfurler.web.sharing import Sharing

# What a worker that died had taken is given to another after so long; a living one is heard of each second.
_HEARTBEAT_MS = 15_000
_DEAD_MESSAGES_MS = 3_600_000
_ALIVE_S = 5.0
_WATCHES_EVERY_S = 1.0
_PATIENT_S = 10.0


class Together(Sharing):
    """Builds the pieces that this process shares with others. Connects to nothing."""

    several = True
    settles_s = PENDING_S
    # Several machines have only the wall clock in common.
    clock = staticmethod(time.time)

    def __init__(self, url: str, limits: Limits, vault: Vault, *, works: bool) -> None:
        super().__init__(limits)
        self.redis = build_redis(url, limits)
        self._vault = vault
        self.broker = RedisBroker(  # type: ignore[no-untyped-call]
            # A message whose delivery is given up on would wait until its worker ends, so a worker is patient.
            client=build_client(url, _PATIENT_S) if works else self.redis.client,
            namespace="unfurler:queue",
            middleware=[Retries()],
            heartbeat_timeout=_HEARTBEAT_MS,
            dead_message_ttl=_DEAD_MESSAGES_MS,
        )

    def memory_of(self, max_entries: int, max_bytes: int) -> Memory:
        """In Redis; the bounds are those of what stands in for it."""
        return SharedMemory(self.redis, self._vault, lambda: Sharing.memory_of(self, max_entries, max_bytes))

    def one_maker(self) -> OneMaker:
        """One of all processes asks."""
        return OneMaker(self.redis, self.limits.one_maker_s)

    def work(self, name: str, run: Callable[[str], float | None], pool: Executor, tracing: Tracing = UNTRACED) -> Work:
        """Done by whichever worker takes the message; by `pool` while there is none."""
        return SharedWork(
            name,
            run,
            lambda run_here: LocalWork(run_here, pool, time.monotonic, tracing),
            self.redis,
            self.broker,
            lambda: secrets.token_hex(8),
            tracing,
        )

    def trouble(self) -> str | None:
        """Why work is not shared just now, in a sentence."""
        return self.redis.trouble() or (None if self.worker_lives() else "no worker is running; this process works")

    def watch(self, lost: threading.Event, *, works: bool) -> None:
        """For ever: messages may be lost when Redis was away, or when the last worker ended."""
        self.redis.when_back(lost.set)
        lived = False
        while True:
            if works:
                self.say_alive()
            lives = self.worker_lives()
            if lived and not lives:
                lost.set()
            lived = lives
            time.sleep(_WATCHES_EVERY_S)

    def worker_lives(self) -> bool:
        """Whether a worker has said of late that it lives; False while Redis is away."""
        with suppress(Away):
            return bool(self.redis.attempt(lambda client: client.exists(WORKER_ALIVE)))
        return False

    def say_alive(self) -> None:
        """This process is a worker, and lives."""
        with suppress(Away):
            self.redis.attempt(lambda client: client.set(WORKER_ALIVE, b"1", px=int(_ALIVE_S * 1000)))


def build_redis(url: str, limits: Limits) -> Shared:
    """The server of an address."""
    return Shared(url, wait_s=limits.redis_s, rest_s=limits.redis_rest_s, monotonic=time.monotonic)
