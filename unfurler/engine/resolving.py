"""The items of one drain on their way from the queue to a card: side by side, as many as the bounds allow."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from queue import Empty, Queue

import structlog

from unfurler.engine import outcomes
from unfurler.engine.facts import Facts, gathering
from unfurler.engine.hands import SILENT, Job
from unfurler.engine.members import Members
from unfurler.engine.registry import Match
from unfurler.engine.tools import Tools
from unfurler.sdk.card import Card
from unfurler.sdk.errors import NothingToShow, UnfurlError, UpstreamSlow
from unfurler.store.leases import Lease
from unfurler.store.queue_items import QueueItems
from unfurler.store.records import Record

log = structlog.get_logger(__name__)

# A process may be killed by anybody; an item that was under way in two that died may be the one that kills.
_SUSPECT_FROM = 2


@dataclass(frozen=True, slots=True)
class Waiting:
    """An item whose turn comes: with its owner, or with why there is none; `host` is what the bound per host counts.

    `place` is where on its traced way the item was taken up, `asked_at` when whoever read it was asked to.
    """

    record: Record
    host: str
    match: Match | None
    error: UnfurlError | None
    facts: Facts
    place: str
    asked_at: float

    @property
    def lane(self) -> str:
        """Whose function it needs."""
        return self.match.provider.name if self.match else ""


@dataclass(frozen=True, slots=True)
class Resolved:
    """What resolving one item gave: a card, or why there is none."""

    item: Waiting
    card: Card | None
    error: UnfurlError | None

    @property
    def record(self) -> Record:
        """The record of the item."""
        return self.item.record

    @property
    def match(self) -> Match | None:
        """The owner of the item's link."""
        return self.item.match


class Resolving:
    """What one drain has taken up and not finished."""

    def __init__(self, tools: Tools, items: QueueItems, lease: Lease, members: Members) -> None:
        self._tools = tools
        self._items = items
        self._lease = lease
        self._members = members
        self._pending: deque[Waiting] = deque()
        self._running: dict[str, Waiting] = {}
        self._jobs: dict[str, Job] = {}
        self._since: dict[str, float] = {}
        self._suspect: str | None = None
        self._hosts: Counter[str] = Counter()
        self._results: Queue[Resolved] = Queue()

    def __len__(self) -> int:
        return len(self._pending) + len(self._running)

    @property
    def is_running(self) -> bool:
        """Whether anything is under way."""
        return bool(self._running)

    def take_up(self, records: Iterable[Record], asked_at: float | None = None) -> None:
        """Those that are not taken up yet. `asked_at` says since when they were asked for, where they are new."""
        known = self._running.keys() | {item.record.id for item in self._pending}
        for record in records:
            if record.id not in known:
                self._pending.append(self._judge(record, record.received_at if asked_at is None else asked_at))

    def put_down(self) -> None:
        """Begin nothing more of what was taken up."""
        self._pending.clear()

    def start(self) -> int:
        """Begin as many items as the bounds allow, passing over those whose host is busy; how many."""
        limits, before = self._tools.limits, len(self._running)
        begun: list[Waiting] = []
        for _ in range(len(self._pending)):
            if len(self._running) >= limits.items_per_organization:
                break
            item = self._pending.popleft()
            if self._hosts[item.host] >= limits.fetches_per_host or not self._is_let_in(item):
                self._pending.append(item)
                continue
            self._hosts[item.host] += 1
            self._running[item.record.id] = item
            if item.error is not None:
                self._results.put(Resolved(item, None, item.error))
            else:
                begun.append(item)
        if begun:
            # Before, never after: whoever finds this process dead has to know what it was doing.
            self._items.begin(self._lease, [item.record.id for item in begun])
        for item in begun:
            self._since[item.record.id] = self._tools.clock()
            self._jobs[item.record.id] = self._tools.hands.submit(item.lane, partial(self._resolve, item))
        return len(self._running) - before

    def ready(self, wait_s: float) -> list[Resolved]:
        """Every result that is there, after that long at most in which there may come one."""
        ready: list[Resolved] = []
        try:
            ready.append(self._results.get(block=wait_s > 0 and bool(self._running or self._pending), timeout=wait_s))
            while True:
                ready.append(self._results.get_nowait())
        except Empty:
            pass
        ready = [result for result in [*ready, *self._silent()] if self._running.pop(result.record.id, None)]
        for result in ready:
            self._since.pop(result.record.id, None)
            self._jobs.pop(result.record.id, None)
            self._hosts[result.item.host] -= 1
        return ready

    def finished(self, results: Iterable[Resolved]) -> None:
        """What came of these is recorded: where one of them was a suspect, the next may be begun."""
        if any(result.record.id == self._suspect for result in results):
            self.close()

    def close(self) -> None:
        """Let others begin their suspects."""
        if self._suspect is not None:
            self._suspect = None
            self._tools.suspects.release()

    def _judge(self, record: Record, asked_at: float) -> Waiting:
        """The item with its owner, or with why it is not to be resolved at all."""
        match, error, known = None, None, Facts(record=record.id)
        try:
            if outcomes.expired(record.received_at, self._tools.clock(), self._tools.limits):
                raise NothingToShow("The link waited too long.", reason="expired")
            with gathering(known), self._story(record):
                match = self._tools.resolver.match(record.url)
            if outcomes.crashed(record.tries, record.crashes, self._tools.limits):
                error = UnfurlError("The process died each time.", reason="crashed")
        except UnfurlError as refused:
            error = refused
        except Exception:  # one odd link must not hold back the others
            log.exception("item.failed")
            error = UnfurlError("It failed.", reason="bug")
        return Waiting(
            record,
            match.link.authority if match else "",
            match,
            error,
            known,
            self._tools.tracing.place(),
            asked_at,
        )

    def _is_let_in(self, item: Waiting) -> bool:
        """Of those that may kill a process, one at a time in this one."""
        if item.error is not None or item.record.crashes < _SUSPECT_FROM:
            return True
        if self._suspect is not None or not self._tools.suspects.acquire(blocking=False):
            return False
        self._suspect = item.record.id
        return True

    def _silent(self) -> list[Resolved]:
        """Items whose provider does not come back: they end, and what may still come of them is not used."""
        before = self._tools.clock() - self._tools.limits.provider_s
        silent = []
        for id, job in self._jobs.items():
            if self._since[id] >= before:
                continue
            self._tools.hands.give_up(job)
            error = UpstreamSlow("No answer came.", reason=SILENT, retry=False)
            if not job.begun:
                error = UpstreamSlow("Its provider is busy.", reason="provider-busy")
            silent.append(Resolved(self._running[id], None, error))
        return silent

    def _resolve(self, item: Waiting) -> None:
        tracing = self._tools.tracing
        with gathering(item.facts), tracing.going_on(item.place), tracing.span("link", record=item.record.id) as span:
            with self._story(item.record, goes_on=True):
                result = self._resolved(item)
            span.note(**item.facts.line, reason=None if result.error is None else result.error.reason)
        self._results.put(result)

    def _story(self, record: Record, *, goes_on: bool = False) -> AbstractContextManager[None]:
        """What happens to the item in the block is told to who asks for its story."""
        return self._tools.stories.told(self._members.organization, record.item, record.url, goes_on=goes_on)

    def _resolved(self, item: Waiting) -> Resolved:
        record = item.record
        if record.id in self._since:
            self._since[record.id] = self._tools.clock()
        try:
            assert item.match is not None
            seen = self._members.eyes.see(item.match, record.author, anew=record.tries > 0)
            card = self._members.fitted(item.match, seen, record)
            if card is None:
                raise NothingToShow("Others are not to see it.", reason="audience-never")
            return Resolved(item, card, None)
        except UnfurlError as error:
            return Resolved(item, None, error)
        except BaseException:  # whatever it is, a result that never comes would hold the drain up
            log.exception("item.failed")
            return Resolved(item, None, UnfurlError("It failed.", reason="bug"))
