"""One Redis for several processes, left alone for a moment whenever it does not answer.

Nothing here waits longer than a time-out, and a frozen server costs one time-out a pause for the whole process.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

import redis
import structlog
from redis.backoff import NoBackoff
from redis.exceptions import LockError
from redis.retry import Retry

Result = TypeVar("Result")
log = structlog.get_logger(__name__)

# More callers at once wait for a connection; an answer takes well under a millisecond.
_CONNECTIONS = 64


class Away(Exception):
    """Redis does not answer just now; whoever asked does without."""


class Client(redis.Redis):
    """A client that calls a server which is silent by the same name as one that is gone, as task engines expect."""

    def execute_command(self, *args: Any, **options: Any) -> Any:
        """As `redis.Redis`; a time-out is a ConnectionError."""
        try:
            return super().execute_command(*args, **options)  # type: ignore[no-untyped-call]
        except redis.TimeoutError as error:
            raise redis.ConnectionError(str(error)) from None


def build_client(url: str, wait_s: float) -> Client:
    """A client that waits so long for a connection, and for each answer."""
    pool = redis.BlockingConnectionPool.from_url(
        url,
        max_connections=_CONNECTIONS,
        timeout=wait_s,
        socket_timeout=wait_s,
        socket_connect_timeout=wait_s,
        # Whoever asks decides what to do instead; trying again here would multiply the wait.
        retry=Retry(NoBackoff(), 0),
    )
    return Client(connection_pool=pool)


class Shared:
    """The server behind UNFURLER_REDIS_URL. Nothing is connected until the first use.

    `wait_s` bounds connecting and each answer; after a failure nobody asks for `rest_s`, then one does.
    """

    def __init__(self, url: str, *, wait_s: float, rest_s: float, monotonic: Callable[[], float]) -> None:
        self.client = build_client(url, wait_s)
        self._rest_s = rest_s
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._away_since: float | None = None
        self._not_before = 0.0
        self._listeners: list[Callable[[], None]] = []

    def attempt(self, ask: Callable[[redis.Redis], Result]) -> Result:
        """What `ask` gives. Raises Away, at once while Redis is left alone."""
        with self._lock:
            now = self._monotonic()
            if self._away_since is not None:
                if now < self._not_before:
                    raise Away
                # This one looks; the others do without until it knows.
                self._not_before = now + self._rest_s
        try:
            result = ask(self.client)
        except LockError:
            raise  # an answer, and not what this is about
        except (redis.RedisError, OSError) as error:
            self._failed(error)
            raise Away from None
        if self._away_since is not None:
            self._answered()
        return result

    def trouble(self) -> str | None:
        """Why work is not shared just now, in a sentence; None where Redis answers."""
        try:
            self.attempt(lambda client: client.ping())
        except Away:
            return "Redis cannot be reached; each process works for itself"
        return None

    def when_back(self, listener: Callable[[], None]) -> None:
        """Have it called, in whichever thread finds out, when Redis answers again."""
        self._listeners.append(listener)

    def _failed(self, error: Exception) -> None:
        with self._lock:
            now = self._monotonic()
            first = self._away_since is None
            self._away_since = now if first else self._away_since
            self._not_before = now + self._rest_s
        if first:
            # By its kind alone: messages of the library name the server.
            log.warning("redis.away", error=type(error).__name__)

    def _answered(self) -> None:
        with self._lock:
            if self._away_since is None:
                return
            away_s = round(self._monotonic() - self._away_since, 1)
            self._away_since = None
        log.info("redis.back", away_s=away_s)
        for listener in self._listeners:
            listener()
