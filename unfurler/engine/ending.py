"""What becomes of what a drain has resolved: posted, asked for, tried again, and in each case recorded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import structlog

from unfurler.engine import outcomes
from unfurler.engine.buttons import apology, dressed, offered
from unfurler.engine.eyes import SignInNeeded
from unfurler.engine.happenings import LinkEnded
from unfurler.engine.members import Members
from unfurler.engine.outcomes import End, SayWhy, TryAgain
from unfurler.engine.ports import Host, HostTrouble, ItemId, PersonId, Preview, RecordId
from unfurler.engine.resolving import Resolved
from unfurler.engine.systems import Entrance
from unfurler.engine.tools import Tools
from unfurler.sdk.card import Card
from unfurler.store.leases import Lease
from unfurler.store.queue_items import QueueItems
from unfurler.store.records import Again, Ended

log = structlog.get_logger(__name__)


class Ending:
    """The ends of one drain's items; `counted` says how many ended in which way."""

    def __init__(self, tools: Tools, host: Host, items: QueueItems, lease: Lease, members: Members) -> None:
        self._tools = tools
        self._host = host
        self._items = items
        self._lease = lease
        self._members = members
        self.counted: Counter[str] = Counter()

    def finish(self, results: Sequence[Resolved]) -> None:
        """Post what became a card, and record how each item ended."""
        previews: dict[ItemId, Preview] = {}
        ended: list[Ended] = []
        again: list[Again] = []
        posted: list[Resolved] = []
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

    def _hold_while_posting(self) -> None:
        """Right before a call that others see: the lease is ours, and outlives the call. Raises LeaseLost."""
        if not self._tools.leases.lives_for(self._lease, self._tools.limits.posting_s):
            self._tools.leases.extend(self._lease)

    def _ask(self, results: Sequence[Resolved]) -> list[Ended]:
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

    def _ask_one(self, result: Resolved, person: PersonId, entrance: Entrance) -> Ended:
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

    def _end(self, ended: list[Ended], results: Sequence[Resolved]) -> None:
        if not ended:
            return
        now = self._tools.clock()
        self._items.end(self._lease, ended, now)
        result_of = {result.record.id: result for result in results}
        for one in ended:
            self.counted[one.reason or one.end] += 1
            self._say_ended(one, result_of[one.record], now)

    def _say_ended(self, ended: Ended, result: Resolved, now: float) -> None:
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

    def _post(self, results: Sequence[Resolved], previews: dict[ItemId, Preview]) -> list[Ended]:
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

    def _decide(self, result: Resolved) -> Card | End | TryAgain | SignInNeeded:
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

    def _preview(self, result: Resolved, card: Card) -> Preview:
        return self._bare(result, dressed(card, result.record.size))

    def _bare(self, result: Resolved, card: Card) -> Preview:
        assert result.match is not None
        return Preview(
            card=card,
            size=result.record.size,
            link=result.match.link,
            record=RecordId(result.record.id),
            icon=result.match.provider.icon,
        )

    def _ended(self, result: Resolved, end: End, card: Card | None = None) -> Ended:
        provider = result.match.provider.name if result.match else None
        if card is None:
            return Ended(result.record.id, end.end, end.reason, provider)
        state = card.status.text if card.status else None
        return Ended(result.record.id, end.end, end.reason, provider, offered(card), state)
