"""What follows a press: the card anew while its queue item lives, a message to the one who pressed otherwise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar

import structlog

from unfurler.engine import outcomes
from unfurler.engine.buttons import LESS, MORE, dressed, offered
from unfurler.engine.eyes import SignInNeeded
from unfurler.engine.hands import Hands
from unfurler.engine.members import Members
from unfurler.engine.ports import (
    Host,
    HostTrouble,
    ItemId,
    OrganizationId,
    PersonId,
    Press,
    Preview,
    RecordId,
    Size,
    Verdict,
)
from unfurler.engine.registry import Match
from unfurler.engine.systems import Entrance
from unfurler.limits import Limits
from unfurler.sdk.card import Button, Card
from unfurler.sdk.errors import AccessDenied, NotFound, UnfurlError
from unfurler.sdk.provider import Action
from unfurler.store.accounts import Account
from unfurler.store.clicks import Clicks
from unfurler.store.queue_items import QueueItems
from unfurler.store.records import Record

Answer = TypeVar("Answer")
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Done:
    """What came of an action: the sentence for the person, whose account it was done with, what takes it back."""

    said: str
    account: Account | None
    undo: Action | None


@dataclass(frozen=True, slots=True)
class Replies:
    """Shows and tells for one organization."""

    organization: OrganizationId
    host: Host
    members: Members
    items: QueueItems
    clicks: Clicks
    hands: Hands
    limits: Limits
    clock: Callable[[], float]
    new_id: Callable[[], str]

    def show(self, press: Press, record: Record, match: Match, *, done: Done | None = None, tells: bool = True) -> str:
        """The card anew, for the same queue item while it lives, to the person afterwards if it `tells` them."""
        size: Size = "full" if press.action == MORE else "compact" if press.action == LESS else record.size
        anew = press.action not in (MORE, LESS)
        fresh = self.items.find(record.id) or record
        try:
            seen = self.ask(match, lambda: self.members.eyes.see(match, press.person, anew=anew, stale=not anew))
            # What was done is told on the card as it is seen, so that it is withheld with the rest of it.
            told = replace(seen, card=_told(seen.card, done, self.clock()))
            card = self.members.fitted(match, told, fresh, full=size == "full")
        except SignInNeeded as needed:
            if tells and self.asks(press, record, press.action, "sign-in"):
                self.invite(press.person, record, match, needed.entrance, again=needed.again)
            return needed.reason
        except UnfurlError as error:
            sentence = str(error)
            if isinstance(error, AccessDenied | NotFound):
                sentence = f"{match.provider.title} does not have this, or does not show it to you."
            if done is not None:
                self._tell_result(press.person, record, match, done)
            elif tells:
                self.tell(press.person, sentence)
            return error.reason
        if card is None:
            hidden = Card(title=f"A link to {match.provider.title}")
            self.out(press.person, record, self.preview(record, match, hidden, "line"))
            if done is not None:
                self._tell_result(press.person, record, match, done)
            return "shrunk"
        withheld = done is not None and not card.note
        preview = self.preview(record, match, dressed(card, size), size)
        posted = self._replace(record, preview)
        if done is not None and (withheld or not posted):
            self._tell_result(press.person, record, match, done)
        elif tells and not posted:
            self.tell(press.person, preview)
        return "shown" if posted else "told"

    def ask(self, match: Match, do: Callable[[], Answer]) -> Answer:
        """What the provider's code gives, or raises; UpstreamSlow (SILENT) where it does not come back."""
        return self.hands.ask(match.provider.name, do, self.limits.provider_s)

    def out(self, person: PersonId, record: Record, preview: Preview) -> None:
        """On the card while its item lives, to the person afterwards."""
        self._offer(record, preview)
        if not self._posted(record, preview):
            self.tell(person, preview)

    def tell(self, person: PersonId, message: str | Preview) -> None:
        """To this person alone."""
        try:
            self.host.tell(person, message)
        except HostTrouble as trouble:
            log.warning("click.not-told", organization=self.organization, reason=trouble.reason)

    def invite(
        self, person: PersonId, record: Record, match: Match, entrance: Entrance, *, again: bool = False
    ) -> None:
        """A link to sign in for this person alone; `again` where their account has just ended."""
        card = self.members.invitation(person, entrance, writes=True, again=again)
        self.tell(person, self.preview(record, match, replace(card, buttons=card.buttons[:1]), "compact"))

    def asks(self, press: Press, record: Record, action: str, what: str) -> bool:
        """Whether to ask: the same click, delivered again, asks the same only once."""
        return self.clicks.ask(
            self.new_id(),
            record.id,
            press.person,
            action,
            now=self.clock(),
            same_for_s=self.limits.same_click_s,
            what=what,
        )

    def preview(self, record: Record, match: Match, card: Card, size: Size) -> Preview:
        """The card for this record, whose buttons come back with its id."""
        return Preview(card, size, match.link, RecordId(record.id), match.provider.icon)

    def _tell_result(self, person: PersonId, record: Record, match: Match, done: Done) -> None:
        """What was done, with the way to take it back: a button works by its record, wherever it stands."""
        if done.undo is None:
            self.tell(person, done.said)
            return
        card = Card(title=done.said, buttons=[Button("Undo", action=done.undo.id)])
        preview = self.preview(record, match, card, "compact")
        self._offer(self.items.find(record.id) or record, preview)
        self.tell(person, preview)

    def _replace(self, record: Record, preview: Preview) -> bool:
        """Post the card in place of the one that is there; whether it is shown."""
        state = preview.card.status.text if preview.card.status else None
        # While both can be seen, and for good where the new one comes as a message, either's buttons may be pressed.
        both = list(dict.fromkeys((*record.offered, *offered(preview.card))))
        self.items.shown_again(record.id, preview.size, both, state)
        posted = self._posted(record, preview)
        if posted:
            self.items.shown_again(record.id, preview.size, offered(preview.card), state)
        return posted

    def _offer(self, record: Record, preview: Preview) -> None:
        """The buttons of this card may be pressed too."""
        both = list(dict.fromkeys((*record.offered, *offered(preview.card))))
        self.items.shown_again(record.id, record.size, both, record.state)

    def _posted(self, record: Record, preview: Preview) -> bool:
        if outcomes.expired(record.received_at, self.clock(), self.limits):
            return False
        try:
            verdicts = self.host.answer({ItemId(record.item): preview})
        except HostTrouble as trouble:
            log.warning("click.not-posted", organization=self.organization, reason=trouble.reason)
            return False
        return verdicts.get(ItemId(record.item)) is Verdict.SHOWN


def _told(card: Card, done: Done | None, now: float) -> Card:
    """The card with what was just done to it, by whom and when, and the way to take it back."""
    if done is None:
        return card
    note = done.said if done.account is None else f"{done.said.rstrip('.')} · by {done.account.name}"
    undo = [] if done.undo is None else [Button("Undo", action=done.undo.id)]
    at = None if done.account is None else datetime.fromtimestamp(now, UTC)
    return replace(card, note=note, note_at=at, buttons=[*undo, *card.buttons])
