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
from unfurler.engine.eyes import SignInNeeded
from unfurler.engine.facts import Facts, gathering
from unfurler.engine.happenings import LinkEnded, Observe, nobody
from unfurler.engine.members import Members
from unfurler.engine.outcomes import End, SayWhy, TryAgain
from unfurler.engine.ports import Host, HostTrouble, ItemId, PersonId, Preview, RecordId
from unfurler.engine.registry import Match
from unfurler.engine.resolve import Resolver
from unfurler.engine.systems import Entrance
from unfurler.limits import Limits
from unfurler.sdk.card import Card
from unfurler.sdk.errors import BadLink, NothingToShow, UnfurlError
from unfurler.sdk.link import Link
from unfurler.store.leases import Lease, Leases
from unfurler.store.queue_items import Ended, NewItem, QueueItems, Record

log = structlog.get_logger(__name__)

# While everything that runs is slow: how often a drain looks up, and how often it holds its lease for longer.
_LOOK_UP_S = 0.1
# How long remembered cards take: they are posted before the queue is asked whether that was all of it.
_A_MOMENT_S = 0.005
_HOLD_S = 15.0
# How long what runs may go on once the process has to stop; the rest is handed back.
_LAST_S = 12.0


@dataclass(slots=True)
class Report:
    """What one drain did: items read and begun, whether that was all of the queue, how many ended in which way."""

    read: int = 0
    begun: int = 0
    whole: bool = True
    ends: Counter[str] = field(default_factory=Counter)
    next_due_at: float | None = None


@dataclass(frozen=True, slots=True)
class _Waiting:
    """An item whose turn comes; `host` is what the bound per host counts."""

    record: Record
    host: str
    facts: Facts = field(default_factory=Facts)


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
    """What every drain of this process works with.

    `chance` gives a number from 0 to 1; a provider that is silent for `silence_s` is not waited for any longer.
    """

    resolver: Resolver
    leases: Leases
    pool: Executor
    limits: Limits
    clock: Callable[[], float]
    new_id: Callable[[], str]
    chance: Callable[[], float]
    silence_s: float = 120.0
    observe: Observe = nobody


class Drain:
    """One pass. Build it, run it once.

    `asked_anew` says, once, that there is something new in the queue; `stopping` that no item is to be begun any more.
    """

    def __init__(
        self,
        tools: Tools,
        host: Host,
        items: QueueItems,
        lease: Lease,
        members: Members,
        *,
        asked_anew: Callable[[], bool] = lambda: False,
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self._tools = tools
        self._host = host
        self._items = items
        self._lease = lease
        self._members = members
        self._asked_anew = asked_anew
        self._stopping = stopping
        self._held_at = tools.clock()
        self._stops_at: float | None = None
        self._pending: deque[_Waiting] = deque()
        self._running: dict[str, _Waiting] = {}
        self._began_at: dict[str, float] = {}
        self._hosts: Counter[str] = Counter()
        self._results: Queue[_Result] = Queue()
        self.report = Report()

    def run(self) -> Report:
        """Until the queue has nothing new and nothing is under way. Raises HostTrouble, LeaseLost."""
        cursor = self._items.etag()
        read_after_s: float | None = 0.0
        self._look_for_waiting()
        while (read_after_s is not None or self._pending or self._running) and not self._hands_back():
            self._start()
            ready = self._ready(_LOOK_UP_S if read_after_s is None else read_after_s)
            if ready:
                self._finish(ready)
            elif read_after_s is not None:
                read_after_s, cursor = self._read(cursor)
            # What is posted meanwhile does not wait for what is slow.
            if read_after_s is None and self._asked_anew():
                read_after_s = 0.0
            if self._stopping():
                read_after_s = None
            self._hold()
        self.report.next_due_at = self._items.next_due()
        return self.report

    def _hands_back(self) -> bool:
        """Once the process stops: begin nothing more, and leave what does not end soon to the next process."""
        if not self._stopping():
            return False
        self._pending.clear()
        now = self._tools.clock()
        self._stops_at = self._stops_at or now + _LAST_S
        return not self._running or now >= self._stops_at

    def _hold(self, *, anyway: bool = False) -> None:
        """Hold the lease for longer; `anyway` even if that was done just now. Raises LeaseLost."""
        now = self._tools.clock()
        if anyway or not 0 <= now - self._held_at < _HOLD_S:
            self._tools.leases.extend(self._lease, now)
            self._held_at = now

    def _read(self, cursor: int | None) -> tuple[float | None, int | None]:
        """Take in the next batch; after how many seconds to read on, None where there is no more, and the new place."""
        limits = self._tools.limits
        if len(self._pending) + len(self._running) >= limits.read_ahead_items:
            self.report.whole = False
            return None, cursor
        batch = self._host.waiting(cursor, limits.batch_items)
        if not batch:
            return None, cursor
        fresh = [NewItem(self._tools.new_id(), i.id, i.etag, i.url, i.author, i.message) for i in batch]
        self.report.read += self._items.take_in(self._lease, fresh, self._tools.clock())
        self._look_for_waiting()
        furthest = max(item.etag for item in batch)
        if cursor is not None and furthest <= cursor:
            # A server that did not take the place as exclusive would give the same batch for ever.
            return None, furthest
        return 0.0 if len(batch) == limits.batch_items else _A_MOMENT_S, furthest

    def _look_for_waiting(self) -> None:
        known = self._running.keys() | {item.record.id for item in self._pending}
        for record in self._items.waiting(self._tools.clock(), self._tools.limits.read_ahead_items):
            if record.id not in known:
                self._pending.append(_Waiting(record, _host_of(record)))

    def _start(self) -> None:
        """Begin as many items as the bounds allow, passing over those whose host is busy."""
        limits = self._tools.limits
        for _ in range(len(self._pending)):
            if len(self._running) >= limits.items_per_organization:
                return
            item = self._pending.popleft()
            if self._hosts[item.host] >= limits.fetches_per_host:
                self._pending.append(item)
                continue
            self._hosts[item.host] += 1
            self._running[item.record.id] = item
            self.report.begun += 1
            self._tools.pool.submit(self._resolve, item)

    def _ready(self, wait_s: float) -> list[_Result]:
        """Every result that is there, after that long at most in which there may come one."""
        ready: list[_Result] = []
        try:
            ready.append(self._results.get(block=wait_s > 0 and bool(self._running), timeout=wait_s))
            while True:
                ready.append(self._results.get_nowait())
        except Empty:
            pass
        ready = [result for result in [*ready, *self._silent()] if self._running.pop(result.record.id, None)]
        for result in ready:
            self._began_at.pop(result.record.id, None)
            self._hosts[result.item.host] -= 1
        return ready

    def _silent(self) -> list[_Result]:
        """Items whose provider does not come back: they end, and what may still come of them is not used."""
        since = self._tools.clock() - self._tools.silence_s
        silent = [self._running[id] for id, began_at in list(self._began_at.items()) if began_at < since]
        return [_Result(item, None, None, UnfurlError("No answer came.", reason="provider-silent")) for item in silent]

    def _resolve(self, item: _Waiting) -> None:
        with gathering(item.facts):
            self._results.put(self._resolved(item))

    def _resolved(self, item: _Waiting) -> _Result:
        match = None
        self._began_at[item.record.id] = self._tools.clock()
        item.facts.record = item.record.id
        try:
            if outcomes.expired(item.record.received_at, self._tools.clock(), self._tools.limits):
                raise NothingToShow("The link waited too long.", reason="expired")
            match = self._tools.resolver.match(item.record.url)
            author = item.record.author
            seen = self._members.eyes.see(match, author, anew=item.record.tries > 0)
            card = self._members.fitted(match, seen, author, item.record.audience)
            if card is None:
                raise NothingToShow("Others are not to see it.", reason="audience-never")
            return _Result(item, match, card, None)
        except UnfurlError as error:
            return _Result(item, match, None, error)
        except BaseException:  # whatever it is, a result that never comes would hold the drain up
            log.exception("item.failed")
            return _Result(item, match, None, UnfurlError("It failed.", reason="bug"))

    def _finish(self, results: list[_Result]) -> None:
        """Post what became a card, and record how each item ended."""
        previews: dict[ItemId, Preview] = {}
        ended: list[Ended] = []
        posted: list[_Result] = []
        for result in results:
            match self._decide(result):
                case SignInNeeded():
                    pass
                case Card() as card:
                    previews[ItemId(result.record.item)] = self._preview(result, card)
                    posted.append(result)
                case End() as end:
                    ended.append(self._ended(result, end))
                case TryAgain() as again:
                    self._items.try_again(self._lease, result.record.id, again.tries, again.due_at)
        ended += self._ask(results)
        # Before posting: what has nothing to post ends even while the chat side takes nothing.
        self._end(ended, results)
        if previews:
            self._end(self._post(posted, previews), posted)

    def _ask(self, results: list[_Result]) -> list[Ended]:
        """Ask authors to sign in: each once for a system, whose further links wait for the same answer."""
        ended = []
        for result in results:
            person, error = result.record.author, result.error
            if not isinstance(error, SignInNeeded) or person is None or result.match is None:
                continue
            if self._members.never_asked(person, error.entrance):
                ended.append(self._ended(result, End(outcomes.NOTHING, "never-ask")))
            elif self._members.is_asked(person, error.entrance):
                ended.append(self._ended(result, End(outcomes.ASKED, "waits-for-sign-in")))
            else:
                ended.append(self._ask_one(result, PersonId(person), error.entrance))
        return ended

    def _ask_one(self, result: _Result, person: PersonId, entrance: Entrance) -> Ended:
        again = isinstance(result.error, SignInNeeded) and result.error.again
        prompt = self._members.invitation(person, entrance, writes=False, again=again)
        self._hold(anyway=True)
        try:
            self._host.ask_to_sign_in(ItemId(result.record.item), self._bare(result, prompt))
        except HostTrouble as trouble:
            self._members.not_now(person, entrance)
            if not trouble.refused:
                raise
            # This item cannot ask, its message may be gone; the next one may, and no other waits for it.
            return self._ended(result, End(outcomes.NOTHING, trouble.reason))
        return self._ended(result, End(outcomes.ASKED, "sign-in-asked"), prompt)

    def _end(self, ended: list[Ended], results: list[_Result]) -> None:
        if not ended:
            return
        now = self._tools.clock()
        self._items.end(self._lease, ended, now)
        result_of = {result.record.id: result for result in results}
        for one in ended:
            self.report.ends[one.reason or one.end] += 1
            self._say_ended(one, result_of[one.record], now)

    def _say_ended(self, ended: Ended, result: _Result, now: float) -> None:
        happened = LinkEnded(
            organization=self._members.organization,
            end=ended.end,
            reason=ended.reason,
            tries=result.record.tries + 1,
            ms=round((now - result.record.received_at) * 1000),
            facts=result.item.facts,
        )
        log.info("link.ended", **happened.line)
        self._tools.observe(happened)

    def _post(self, results: list[_Result], previews: dict[ItemId, Preview]) -> list[Ended]:
        """Post, and judge each item by what the chat side said of it."""
        self._hold(anyway=True)
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

    def _decide(self, result: _Result) -> Card | End | TryAgain | SignInNeeded:
        if result.card is not None:
            return result.card
        if isinstance(result.error, SignInNeeded):
            return result.error
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
        return self._bare(result, dressed(card, result.record.size))

    def _bare(self, result: _Result, card: Card) -> Preview:
        assert result.match is not None
        return Preview(
            card=card,
            size=result.record.size,
            link=result.match.link,
            record=RecordId(result.record.id),
            icon=result.match.provider.icon,
        )

    def _ended(self, result: _Result, end: End, card: Card | None = None) -> Ended:
        provider = result.match.provider.name if result.match else None
        if card is None:
            return Ended(result.record.id, end.end, end.reason, provider)
        state = card.status.text if card.status else None
        return Ended(result.record.id, end.end, end.reason, provider, offered(card), state)


def _host_of(record: Record) -> str:
    """What the bound per host counts: host with port, or one place for everything that is no link."""
    try:
        return Link.parse(record.url).authority
    except BadLink:
        return ""
