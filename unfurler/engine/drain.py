"""One pass over an organization's queue: read, resolve side by side, post what is ready, record every end.

The thread that drains reads and posts; resolving runs on a pool. Whatever is ready when it comes round is posted
together, so a fast link never waits for a slow one, and a burst goes out in few requests.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from queue import Empty, Queue

import structlog

from unfurler.engine import outcomes
from unfurler.engine.buttons import apology, dressed, offered
from unfurler.engine.outcomes import End, SayWhy, TryAgain
from unfurler.engine.ports import Host, ItemId, Preview, RecordId
from unfurler.engine.registry import Match
from unfurler.engine.resolve import Resolver
from unfurler.limits import Limits
from unfurler.sdk.card import Card
from unfurler.sdk.errors import BadLink, NothingToShow, UnfurlError
from unfurler.sdk.link import Link
from unfurler.store.leases import Lease, Leases
from unfurler.store.queue_items import Ended, NewItem, QueueItems, Record

log = structlog.get_logger(__name__)

# While everything that runs is slow: how often the lease is held for longer.
_LOOK_UP_S = 15.0


@dataclass(slots=True)
class Report:
    """What one drain did: items read, whether that was all of the queue, and how many ended in which way."""

    read: int = 0
    whole: bool = True
    ends: Counter[str] = field(default_factory=Counter)
    next_due_at: float | None = None


@dataclass(frozen=True, slots=True)
class _Waiting:
    """An item whose turn comes; `host` is what the bound per host counts."""

    record: Record
    host: str


@dataclass(frozen=True, slots=True)
class _Result:
    """What resolving one item gave: a card with its owner, or why there is none."""

    item: _Waiting
    match: Match | None
    card: Card | None
    error: UnfurlError | None

    @property
    def record(self) -> Record:
        """The record of the item."""
        return self.item.record


@dataclass(frozen=True, slots=True)
class Tools:
    """What every drain of this process works with; `chance` gives a number from 0 to 1."""

    resolver: Resolver
    leases: Leases
    pool: Executor
    limits: Limits
    clock: Callable[[], float]
    new_id: Callable[[], str]
    chance: Callable[[], float]


class Drain:
    """One pass. Build it, run it once."""

    def __init__(self, tools: Tools, host: Host, items: QueueItems, lease: Lease) -> None:
        self._tools = tools
        self._host = host
        self._items = items
        self._lease = lease
        self._pending: deque[_Waiting] = deque()
        self._hosts: Counter[str] = Counter()
        self._seen: set[str] = set()
        self._running = 0
        self._results: Queue[_Result] = Queue()
        self.report = Report()

    def run(self) -> Report:
        """Until the queue has nothing new and nothing is under way. Raises HostTrouble, LeaseLost."""
        cursor = self._items.etag()
        more = True
        self._look_for_waiting()
        while more or self._pending or self._running:
            self._start()
            ready = self._ready(wait=not more)
            if ready:
                self._finish(ready)
            elif more:
                more, cursor = self._read(cursor)
        self.report.next_due_at = self._items.next_due()
        return self.report

    def _read(self, cursor: int | None) -> tuple[bool, int | None]:
        """Take in the next batch; whether there may be more, and the new place."""
        if len(self._seen) >= self._tools.limits.read_ahead_items:
            self.report.whole = False
            return False, cursor
        batch = self._host.waiting(cursor, self._tools.limits.batch_items)
        if not batch:
            return False, cursor
        fresh = [NewItem(self._tools.new_id(), i.id, i.etag, i.url, i.author, i.message) for i in batch]
        self.report.read += self._items.take_in(self._lease, fresh, self._tools.clock())
        self._look_for_waiting()
        furthest = max(item.etag for item in batch)
        # A server that did not take the place as exclusive would give the same batch for ever.
        return cursor is None or furthest > cursor, furthest

    def _look_for_waiting(self) -> None:
        for record in self._items.waiting(self._tools.clock(), self._tools.limits.read_ahead_items):
            if record.id not in self._seen:
                self._seen.add(record.id)
                self._pending.append(_Waiting(record, _host_of(record)))

    def _start(self) -> None:
        """Begin as many items as the bounds allow, passing over those whose host is busy."""
        limits = self._tools.limits
        for _ in range(len(self._pending)):
            if self._running >= limits.items_per_organization:
                return
            item = self._pending.popleft()
            if self._hosts[item.host] >= limits.fetches_per_host:
                self._pending.append(item)
                continue
            self._hosts[item.host] += 1
            self._running += 1
            self._tools.pool.submit(self._resolve, item)

    def _ready(self, *, wait: bool) -> list[_Result]:
        """Every result that is there; with `wait`, at least one while something runs."""
        ready: list[_Result] = []
        try:
            ready.append(self._results.get(block=wait and self._running > 0, timeout=_LOOK_UP_S))
            while True:
                ready.append(self._results.get_nowait())
        except Empty:
            if wait and not ready:
                self._tools.leases.extend(self._lease, self._tools.clock())
        for result in ready:
            self._running -= 1
            self._hosts[result.item.host] -= 1
        return ready

    def _resolve(self, item: _Waiting) -> None:
        match = None
        try:
            if outcomes.expired(item.record.received_at, self._tools.clock(), self._tools.limits):
                raise NothingToShow("The link waited too long.", reason="expired")
            match = self._tools.resolver.match(item.record.url)
            resolved = self._tools.resolver.resolve(match, anew=item.record.tries > 0)
            self._results.put(_Result(item, match, resolved.card, None))
        except UnfurlError as error:
            self._results.put(_Result(item, match, None, error))
        except Exception:
            log.exception("item.failed")
            self._results.put(_Result(item, match, None, UnfurlError("It failed.", reason="bug")))

    def _finish(self, results: list[_Result]) -> None:
        """Post what became a card, and record how each item ended."""
        previews: dict[ItemId, Preview] = {}
        ended: list[Ended] = []
        posted: list[_Result] = []
        for result in results:
            match self._decide(result):
                case Card() as card:
                    previews[ItemId(result.record.item)] = self._preview(result, card)
                    posted.append(result)
                case End() as end:
                    ended.append(self._ended(result, end))
                case TryAgain() as again:
                    self._items.try_again(self._lease, result.record.id, again.tries, again.due_at)
        ended += self._post(posted, previews) if previews else []
        if ended:
            self._items.end(self._lease, ended, self._tools.clock())

    def _post(self, results: list[_Result], previews: dict[ItemId, Preview]) -> list[Ended]:
        """Post, and judge each item by what the chat side said of it."""
        self._tools.leases.extend(self._lease, self._tools.clock())
        verdicts = self._host.answer(previews)
        ended = []
        for result in results:
            item, tries, now = ItemId(result.record.item), result.record.tries, self._tools.clock()
            after = outcomes.after_posting(verdicts.get(item), tries=tries, now=now, limits=self._tools.limits)
            if isinstance(after, TryAgain):
                self._items.try_again(self._lease, result.record.id, after.tries, after.due_at)
            else:
                ended.append(self._ended(result, after, previews[item].card))
        return ended

    def _decide(self, result: _Result) -> Card | End | TryAgain:
        if result.card is not None:
            return result.card
        assert result.error is not None
        decided = outcomes.after_failure(
            result.error,
            tries=result.record.tries,
            received_at=result.record.received_at,
            now=self._tools.clock(),
            limits=self._tools.limits,
            chance=self._tools.chance(),
        )
        if isinstance(decided, SayWhy) and result.match is not None:
            return apology(result.match.provider.title, decided.sentence)
        return End(outcomes.NOTHING, decided.reason) if isinstance(decided, SayWhy) else decided

    def _preview(self, result: _Result, card: Card) -> Preview:
        assert result.match is not None
        return Preview(
            card=dressed(card, result.record.size),
            size=result.record.size,
            link=result.match.link,
            record=RecordId(result.record.id),
            icon=result.match.provider.icon,
        )

    def _ended(self, result: _Result, end: End, card: Card | None = None) -> Ended:
        self.report.ends[end.reason or end.end] += 1
        provider = result.match.provider.name if result.match else None
        log.info("link.ended", provider=provider, end=end.end, reason=end.reason, tries=result.record.tries)
        return Ended(result.record.id, end.end, end.reason, provider, offered(card) if card else ())


def _host_of(record: Record) -> str:
    """What the bound per host counts: host with port, or one place for everything that is no link."""
    try:
        return Link.parse(record.url).authority
    except BadLink:
        return ""
