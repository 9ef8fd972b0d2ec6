"""Work that several processes share: asked for through a broker, done by whichever worker takes the message.

A message says no more than "look at this organization". Three marks in Redis keep messages few, and no wake-up is lost:

- `asked`: a new word, with the time, each time somebody asks; `done`: the word that the last pass had seen when it
  began, or took up. Where both are the same, a message has nothing to do.
- `pending`: a message waits since then, so that asking meanwhile is absorbed. Whoever takes it removes that first.
- `later`: when the message that waits for its time is due; a later one is absorbed.

While Redis is away, or no worker lives, each process does what it is asked for itself.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress

import dramatiq
import structlog
from dramatiq.errors import Retry
from redis import Redis

from unfurler.engine.tracing import UNTRACED, Tracing
from unfurler.engine.work import FIRST_REST_S, LONGEST_REST_S, LocalWork
from unfurler.store.shared import Away, Shared

log = structlog.get_logger(__name__)

QUEUE = "unfurler"
WORKER_ALIVE = "unfurler:worker-alive"
# A message is taken within milliseconds; should one be lost on its way, asking is absorbed for no longer than this.
PENDING_S = 2.0
_KEPT_S = 3_600
_SLACK_S = 10.0
_BUSY_S = 2.0
# A failed pass is tried again by the broker, for about a minute; afterwards the sweep looks.
_RETRIES = 8


class NoWorker(Exception):
    """No worker has said of late that it lives."""


class SharedWork:
    """`Work` through a broker. `run` is as for `LocalWork`; `new_word` gives a new word each time."""

    def __init__(
        self,
        name: str,
        run: Callable[[str], float | None],
        make_local: Callable[[Callable[[str], float | None]], LocalWork],
        shared: Shared,
        broker: dramatiq.Broker,
        new_word: Callable[[], str],
        tracing: Tracing = UNTRACED,
    ) -> None:
        self._name = name
        self._run = run
        self._shared = shared
        self._new_word = new_word
        self._tracing = tracing
        self._local = make_local(self._run_here)
        self._lock = threading.Lock()
        # What runs in this process, with the word that its pass has seen.
        self._seen: dict[str, bytes | None] = {}
        self._since: dict[str, float] = {}

        declare = dramatiq.actor(
            actor_name=name,
            queue_name=QUEUE,
            broker=broker,
            max_retries=_RETRIES,
            min_backoff=int(FIRST_REST_S * 1_000),
            max_backoff=int(LONGEST_REST_S * 1_000),
        )
        self._actor = declare(self._received)

    def ask(self, organization: str) -> None:
        """Have it done soon; returns at once."""

        def tell(client: Redis) -> None:
            # First of all: a mark without a message would absorb what is asked after it.
            if not client.exists(WORKER_ALIVE):
                raise NoWorker
            pipe = client.pipeline(transaction=True)
            now = repr(time.time())
            pipe.set(self._key("asked", organization), f"{now} {self._new_word()}", ex=_KEPT_S)
            pipe.set(self._key("pending", organization), now, px=int(PENDING_S * 1000), nx=True)
            _, first = pipe.execute()
            if first:
                self._send(organization, due=False)

        try:
            self._shared.attempt(tell)
        except (Away, NoWorker):
            self._local.ask(organization)

    def ask_later(self, organization: str, after_s: float) -> None:
        """Have it done after so many seconds, or earlier where that was asked for before."""
        if after_s <= 0:
            self.ask(organization)
            return

        def tell(client: Redis) -> None:
            # By the wall clock: other machines compare with it.
            due_at, key = time.time() + after_s, self._key("later", organization)
            alive, known = client.mget(WORKER_ALIVE, key)
            if alive is None:
                raise NoWorker
            if known is None or float(known) > due_at:
                client.set(key, repr(due_at), px=int((after_s + _SLACK_S) * 1000))
                self._send(organization, due=True, after_s=after_s)

        try:
            self._shared.attempt(tell)
        except (Away, NoWorker):
            self._local.ask_later(organization, after_s)

    def asked_anew(self, organization: str) -> bool:
        """Whether it was asked for again since it began; whoever runs takes it up."""
        near = self._local.asked_anew(organization)
        asked = self._asked(organization)
        with self._lock:
            seen = self._seen.get(organization)
            if asked is None or organization not in self._seen:
                return near
            self._seen[organization] = asked
            if asked != seen:
                self._since[organization] = float(asked.partition(b" ")[0])
        return near or asked != seen

    def waited_s(self, organization: str) -> float:
        """For how long what is done now, or was taken up last, has been asked for, by the wall clock."""
        with self._lock:
            since = self._since.get(organization)
        return self._local.waited_s(organization) if since is None else max(0.0, time.time() - since)

    @property
    def stopped(self) -> bool:
        """Whether what runs has to come to its end."""
        return self._local.stopped

    def keep_time(self) -> None:
        """Ask for what falls due in this process, until stopped."""
        self._local.keep_time()

    def stop(self, wait_s: float) -> bool:
        """Take no more, and wait for what runs by our own doing; the worker waits for the rest."""
        return self._local.stop(wait_s)

    def _received(self, organization: str, due: bool, place: str = "") -> None:
        """A message arrived, from that place on the way of a link."""
        with self._tracing.going_on(place):
            self._take_up(organization, due)

    def _take_up(self, organization: str, due: bool) -> None:
        """Do what a message says. Raises Retry where the work failed, for the broker to bring it again."""
        todo, since = self._begin(organization, due)
        if not todo:
            return
        while todo:
            if not self._enter(organization, since):
                # Whoever runs it here most likely takes it up as well; then the next message has nothing to do.
                self._try_again(organization)
                return
            try:
                again_s = self._run(organization)
            except Exception:
                self._leave(organization)
                log.exception("work.failed", organization=organization)
                raise Retry from None
            todo = self._left_something(organization) and not self.stopped
            if again_s is not None:
                self.ask_later(organization, again_s)
        if self.stopped:
            self.ask(organization)  # for another worker: what had not ended was handed back

    def _run_here(self, organization: str) -> float | None:
        """As `run`, for the work that this process does by itself."""
        if not self._enter(organization):
            return _BUSY_S
        try:
            return self._run(organization)
        finally:
            self._leave(organization)

    def _begin(self, organization: str, due: bool) -> tuple[bool, float | None]:
        """Whether there is something to do, asked for since when; from now on, asking makes a new message."""

        def look(client: Redis) -> tuple[bool, float | None]:
            pipe = client.pipeline(transaction=True)
            pipe.getdel(self._key("later" if due else "pending", organization))
            pipe.mget(self._key("asked", organization), self._key("done", organization))
            since, (asked, done) = pipe.execute()
            todo = due or asked is None or asked != done
            return todo, None if since is None or due else float(since)

        try:
            return self._shared.attempt(look)
        except Away:
            return True, None

    def _enter(self, organization: str, since: float | None = None) -> bool:
        """Whether it does not run in this process yet: the lease lets the same process in twice."""
        asked = self._asked(organization)
        with self._lock:
            if organization in self._seen:
                return False
            self._seen[organization] = asked
            if since is not None:
                self._since[organization] = since
            return True

    def _leave(self, organization: str) -> bytes | None:
        with self._lock:
            self._since.pop(organization, None)
            return self._seen.pop(organization)

    def _left_something(self, organization: str) -> bool:
        """A pass ended well: say what it had seen, and whether it was asked for since."""
        seen, asked = self._leave(organization), self._asked(organization)
        if seen is not None:
            # Where it cannot be said, there is one pass more, for nothing.
            with suppress(Away):
                self._shared.attempt(lambda client: client.set(self._key("done", organization), seen, ex=_KEPT_S))
        return asked is not None and asked != seen

    def _asked(self, organization: str) -> bytes | None:
        try:
            asked = self._shared.attempt(lambda client: client.get(self._key("asked", organization)))
        except Away:
            return None
        return asked if isinstance(asked, bytes) else None

    def _try_again(self, organization: str) -> None:
        try:
            self._shared.attempt(lambda _: self._send(organization, due=False, after_s=_BUSY_S))
        except Away:
            self._local.ask(organization)

    def _send(self, organization: str, *, due: bool, after_s: float | None = None) -> None:
        delay_ms = None if after_s is None else int(after_s * 1000)
        self._actor.send_with_options(args=(organization, due, self._tracing.place()), delay=delay_ms)

    def _key(self, mark: str, organization: str) -> str:
        return f"unfurler:{self._name}:{mark}:{organization}"
