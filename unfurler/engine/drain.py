"""One pass over an organization's queue: read, resolve side by side, post what is ready, record every end.

The thread that drains reads and posts; resolving runs on a pool. Whatever is ready when it comes round is posted
together, so a fast link never waits for a slow one, and a burst goes out in few requests.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from queue import Empty, Queue
from threading import Lock

import structlog

from unfurler.engine import outcomes
from unfurler.engine.buttons import apology, dressed, offered
from unfurler.engine.eyes import SignInNeeded
from unfurler.engine.facts import Facts, gathering
from unfurler.engine.hands import SILENT, Hands, Job
from unfurler.engine.happenings import LinkEnded, Observe, nobody
from unfurler.engine.members import Members
from unfurler.engine.outcomes import End, SayWhy, TryAgain
from unfurler.engine.ports import Host, HostTrouble, ItemId, PersonId, Preview, RecordId
from unfurler.engine.registry import Match
from unfurler.engine.resolve import Resolver
from unfurler.engine.story import Stories
from unfurler.engine.systems import Entrance
from unfurler.engine.tracing import UNTRACED, Tracing
from unfurler.limits import Limits
from unfurler.sdk.card import Card
from unfurler.sdk.errors import NothingToShow, UnfurlError, UpstreamSlow
from unfurler.store.leases import Lease, Leases
from unfurler.store.queue_items import Again, Ended, NewItem, QueueItems, Record

log = structlog.get_logger(__name__)

# While everything that runs is slow: how often a drain looks up, and how often it holds its lease for longer.
_LOOK_UP_S = 0.1
# How long remembered cards take: they are posted before the queue is asked whether that was all of it.
_A_MOMENT_S = 0.005
_HOLD_S = 15.0
# How long what runs may go on once the process has to stop; the rest is handed back.
_LAST_S = 12.0
# A process may be killed by anybody; an item that was under way in two that died may be the one that kills.
_SUSPECT_FROM = 2


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
class _Result:
    """What resolving one item gave: a card, or why there is none."""

    item: _Waiting
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


@dataclass(frozen=True, slots=True)
class Tools:
    """What every drain of this process works with.

    `chance` gives a number from 0 to 1; `suspects` is held while an item is under way that may kill the process.
    """

    resolver: Resolver
    leases: Leases
    hands: Hands
    limits: Limits
    clock: Callable[[], float]
    new_id: Callable[[], str]
    chance: Callable[[], float]
    stories: Stories
    observe: Observe = nobody
    suspects: Lock = field(default_factory=Lock)
    tracing: Tracing = UNTRACED


class Drain:
    """One pass. Build it, run it once.

    `asked_anew` says, once, that there is something new in the queue; `stopping` that no item is to be begun any more;
    `waited_s` for how long the queue has been asked for.
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
        waited_s: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self._tools = tools
        self._host = host
        self._items = items
        self._lease = lease
        self._members = members
        self._asked_anew = asked_anew
        self._stopping = stopping
        self._waited_s = waited_s
        # Of the items that were just read.
        self._asked_at: dict[str, float] = {}
        self._held_at = tools.clock()
        self._stops_at: float | None = None
        self._pending: deque[_Waiting] = deque()
        self._running: dict[str, _Waiting] = {}
        self._jobs: dict[str, Job] = {}
        self._since: dict[str, float] = {}
        self._suspect: str | None = None
        self._hosts: Counter[str] = Counter()
        self._results: Queue[_Result] = Queue()
        self.report = Report()

    def run(self) -> Report:
        """Until the queue has nothing new and nothing is under way. Raises HostTrouble, LeaseLost."""
        try:
            return self._run()
        except HostTrouble:
            self._items.leave(self._lease)
            raise
        finally:
            if self._suspect is not None:
                self._tools.suspects.release()

    def _run(self) -> Report:
        tools = self._tools
        self._items.take_over(
            self._lease, tools.clock(), lambda crashes: outcomes.wait_after_crash(crashes, tools.limits, tools.chance())
        )
        cursor = self._items.read_until()
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
        if self._running:
            self._items.leave(self._lease)
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

    def _hold(self) -> None:
        """Hold the lease for longer, unless that was done just now. Raises LeaseLost."""
        now = self._tools.clock()
        if not 0 <= now - self._held_at < _HOLD_S:
            self._tools.leases.extend(self._lease)
            self._held_at = now

    def _hold_while_posting(self) -> None:
        """Right before a call that others see: the lease is ours, and outlives the call. Raises LeaseLost."""
        if not self._tools.leases.lives_for(self._lease, self._tools.limits.posting_s):
            self._tools.leases.extend(self._lease)

    def _read(self, cursor: int | None) -> tuple[float | None, int | None]:
        """Take in the next batch; after how many seconds to read on, None where there is no more, and the new place."""
        limits = self._tools.limits
        if len(self._pending) + len(self._running) >= limits.read_ahead_items:
            self.report.whole = False
            return None, cursor
        asked_at = self._tools.clock() - self._waited_s()
        batch = self._host.waiting(cursor, limits.batch_items)
        if not batch:
            return None, cursor
        fresh = [NewItem(self._tools.new_id(), i.id, i.etag, i.url, i.author, i.message) for i in batch]
        self.report.read += self._items.take_in(self._lease, fresh, self._tools.clock())
        self._asked_at = dict.fromkeys((item.record for item in fresh), asked_at)
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
                self._pending.append(self._judge(record))

    def _judge(self, record: Record) -> _Waiting:
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
        return _Waiting(
            record,
            match.link.authority if match else "",
            match,
            error,
            known,
            self._tools.tracing.place(),
            self._asked_at.get(record.id, record.received_at),
        )

    def _start(self) -> None:
        """Begin as many items as the bounds allow, passing over those whose host is busy."""
        limits = self._tools.limits
        begun: list[_Waiting] = []
        for _ in range(len(self._pending)):
            if len(self._running) >= limits.items_per_organization:
                break
            item = self._pending.popleft()
            if self._hosts[item.host] >= limits.fetches_per_host or not self._is_let_in(item):
                self._pending.append(item)
                continue
            self._hosts[item.host] += 1
            self._running[item.record.id] = item
            self.report.begun += 1
            if item.error is not None:
                self._results.put(_Result(item, None, item.error))
            else:
                begun.append(item)
        if begun:
            # Before, never after: whoever finds this process dead has to know what it was doing.
            self._items.begin(self._lease, [item.record.id for item in begun])
        for item in begun:
            self._since[item.record.id] = self._tools.clock()
            self._jobs[item.record.id] = self._tools.hands.submit(item.lane, partial(self._resolve, item))

    def _is_let_in(self, item: _Waiting) -> bool:
        """Of those that may kill a process, one at a time in this one."""
        if item.error is not None or item.record.crashes < _SUSPECT_FROM:
            return True
        if self._suspect is not None or not self._tools.suspects.acquire(blocking=False):
            return False
        self._suspect = item.record.id
        return True

    def _ready(self, wait_s: float) -> list[_Result]:
        """Every result that is there, after that long at most in which there may come one."""
        ready: list[_Result] = []
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

    def _silent(self) -> list[_Result]:
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
            silent.append(_Result(self._running[id], None, error))
        return silent

    def _resolve(self, item: _Waiting) -> None:
        tracing = self._tools.tracing
        with gathering(item.facts), tracing.going_on(item.place), tracing.span("link", record=item.record.id) as span:
            with self._story(item.record, goes_on=True):
                result = self._resolved(item)
            span.note(**item.facts.line, reason=None if result.error is None else result.error.reason)
        self._results.put(result)

    def _story(self, record: Record, *, goes_on: bool = False) -> AbstractContextManager[None]:
        """What happens to the item in the block is told to who asks for its story."""
        return self._tools.stories.told(self._members.organization, record.item, record.url, goes_on=goes_on)

    def _resolved(self, item: _Waiting) -> _Result:
        record = item.record
        if record.id in self._since:
            self._since[record.id] = self._tools.clock()
        try:
            assert item.match is not None
            seen = self._members.eyes.see(item.match, record.author, anew=record.tries > 0)
            card = self._members.fitted(item.match, seen, record)
            if card is None:
                raise NothingToShow("Others are not to see it.", reason="audience-never")
            return _Result(item, card, None)
        except UnfurlError as error:
            return _Result(item, None, error)
        except BaseException:  # whatever it is, a result that never comes would hold the drain up
            log.exception("item.failed")
            return _Result(item, None, UnfurlError("It failed.", reason="bug"))

    def _finish(self, results: list[_Result]) -> None:
        """Post what became a card, and record how each item ended."""
        previews: dict[ItemId, Preview] = {}
        ended: list[Ended] = []
        again: list[Again] = []
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
                case TryAgain() as later:
                    again.append(Again(result.record.id, later.tries, later.due_at))
        if again:
            self._items.try_again(self._lease, again)
        # Before posting: what has nothing to post ends even while the chat side takes nothing.
        self._end(ended + self._ask(results), results)
        if previews:
            self._end(self._post(posted, previews), posted)
        if any(result.record.id == self._suspect for result in results):
            self._suspect = None
            self._tools.suspects.release()

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
        self._hold_while_posting()
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
            ms=round((now - min(result.record.received_at, result.item.asked_at)) * 1000),
            facts=result.item.facts,
        )
        log.info("link.ended", **happened.line)
        self._tools.observe(happened)

    def _post(self, results: list[_Result], previews: dict[ItemId, Preview]) -> list[Ended]:
        """Post, and judge each item by what the chat side said of it."""
        self._hold_while_posting()
        with self._tools.tracing.span("post", items=len(previews)):
            verdicts = self._host.answer(previews)
        ended, again = [], []
        for result in results:
            item, tries, now = ItemId(result.record.item), result.record.tries, self._tools.clock()
            after = outcomes.after_posting(verdicts.get(item), tries=tries, now=now, limits=self._tools.limits)
            if isinstance(after, TryAgain):
                again.append(Again(result.record.id, after.tries, after.due_at))
            else:
                ended.append(self._ended(result, after, previews[item].card))
        if again:
            self._items.try_again(self._lease, again)
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
