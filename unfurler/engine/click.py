"""A press of a button: the action as the one who pressed, then the card anew; or a message to that person.

Our own record decides everything: which link, which provider, which buttons the card had. What came with the click
only has to fit it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from unfurler.engine import outcomes
from unfurler.engine.buttons import LESS, MORE, SHOWING, dressed, offered
from unfurler.engine.cards import Viewer
from unfurler.engine.ports import Host, HostTrouble, ItemId, OrganizationId, PersonId, Preview, RecordId, Size, Verdict
from unfurler.engine.registry import Match
from unfurler.engine.resolve import Apis, Resolver
from unfurler.limits import Limits
from unfurler.sdk.api import Click
from unfurler.sdk.errors import BadLink, UnfurlError
from unfurler.sdk.link import Link
from unfurler.store.clicks import Clicks
from unfurler.store.queue_items import QueueItems, Record
from unfurler.store.secrets import fingerprint

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Press:
    """A click as it came: `record` is what the button carried, `link` what the client says it stood on."""

    person: PersonId
    action: str
    record: str
    link: str


@dataclass(frozen=True, slots=True)
class Clicker:
    """Acts on clicks of one organization."""

    organization: OrganizationId
    host: Host
    items: QueueItems
    clicks: Clicks
    resolver: Resolver
    apis: Apis
    limits: Limits
    clock: Callable[[], float]
    new_id: Callable[[], str]

    def press(self, press: Press) -> str:
        """Do what the button says; the outcome as a stable word. What does not fit our record does nothing."""
        record = self.items.find(press.record)
        if record is None or press.action not in record.offered or not _same_link(press.link, record.url):
            return "unknown-button"
        try:
            match = self.resolver.match(record.url)
        except UnfurlError as error:
            self._tell(press.person, str(error))
            return error.reason
        if press.action in SHOWING:
            return self._show(press, record, match, said=None)
        return self._act(press, record, match)

    def _act(self, press: Press, record: Record, match: Match) -> str:
        action = match.provider.actions.get(press.action)
        arguments = None if action is None else match.arguments_of(action)
        if action is None or arguments is None:
            return "unknown-button"
        click, now = self.new_id(), self.clock()
        same_for_s = self.limits.same_click_s
        if not self.clicks.claim(click, record.id, press.person, press.action, now=now, same_for_s=same_for_s):
            return "repeated"
        try:
            who = Click(fingerprint(self.organization, press.person)[:32], datetime.fromtimestamp(now, UTC))
            said = action.function(who, self.apis(match, Viewer(who.person)), **arguments)
        except UnfurlError as error:
            self._tell(press.person, str(error))
            return self._ended(click, error.reason, str(error))
        except Exception:
            log.exception("action.failed", provider=match.provider.name, action=action.id)
            sentence = f"{match.provider.title} could not do that: the provider failed."
            self._tell(press.person, sentence)
            return self._ended(click, "provider-failed", sentence)
        self._ended(click, "done", said)
        self.resolver.forget(match)
        self._show(press, record, match, said=said)
        return "done"

    def _show(self, press: Press, record: Record, match: Match, *, said: str | None) -> str:
        """The card anew, for the same queue item while it lives, to the person afterwards."""
        size: Size = "full" if press.action == MORE else "compact" if press.action == LESS else record.size
        try:
            anew = press.action not in (MORE, LESS)
            card = dressed(self.resolver.resolve(match, anew=anew, stale=not anew).card, size)
        except UnfurlError as error:
            self._tell(press.person, said or str(error))
            return error.reason
        preview = Preview(card, size, match.link, RecordId(record.id), match.provider.icon)
        self.items.shown_again(record.id, size, offered(card))
        if not outcomes.expired(record.received_at, self.clock(), self.limits) and self._posted(record, preview):
            return "shown"
        self._tell(press.person, said or preview)
        return "told"

    def _posted(self, record: Record, preview: Preview) -> bool:
        try:
            verdicts = self.host.answer({ItemId(record.item): preview})
        except HostTrouble as trouble:
            log.warning("click.not-posted", organization=self.organization, reason=trouble.reason)
            return False
        return verdicts.get(ItemId(record.item)) is Verdict.SHOWN

    def _tell(self, person: PersonId, message: str | Preview) -> None:
        try:
            self.host.tell(person, message)
        except HostTrouble as trouble:
            log.warning("click.not-told", organization=self.organization, reason=trouble.reason)

    def _ended(self, click: str, outcome: str, sentence: str) -> str:
        self.clicks.end(click, outcome, sentence[:500], self.clock())
        return outcome


def _same_link(said: str, recorded: str) -> bool:
    """Whether both name the same thing once made canonical; chat systems may rewrite a link a little."""
    try:
        return Link.parse(said).address == Link.parse(recorded).address
    except BadLink:
        return False
