"""A press of a button: the action as the one who pressed, then the card anew; or a message to that person.

Our own record decides everything: which link, which provider, which buttons the card had. What came with the click
only has to fit it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import structlog

from unfurler.engine import outcomes, prompts
from unfurler.engine.audience import CONSENT, SHOW_HERE
from unfurler.engine.buttons import LESS, MORE, SHOWING, dressed, offered
from unfurler.engine.cards import Viewer
from unfurler.engine.eyes import SignInNeeded
from unfurler.engine.facts import facts
from unfurler.engine.members import Members
from unfurler.engine.ports import Host, HostTrouble, ItemId, OrganizationId, PersonId, Preview, RecordId, Size, Verdict
from unfurler.engine.registry import Match
from unfurler.engine.resolve import Apis, Resolver
from unfurler.engine.systems import Entrance
from unfurler.engine.tokens import SignedOut
from unfurler.limits import Limits
from unfurler.sdk.api import Click
from unfurler.sdk.card import Button, Card
from unfurler.sdk.errors import AccessDenied, BadLink, NotFound, UnfurlError
from unfurler.sdk.link import Link
from unfurler.sdk.provider import Action
from unfurler.sdk.sign_in import OAuth2
from unfurler.store.accounts import Account
from unfurler.store.clicks import ASKED, Clicks
from unfurler.store.forms import Form, Forms
from unfurler.store.queue_items import QueueItems, Record
from unfurler.store.secrets import fingerprint

log = structlog.get_logger(__name__)

CONFIRM_S = 300.0
FORM_S = 3_600.0


@dataclass(frozen=True, slots=True)
class Press:
    """A click as it came: `record` is what the button carried, `link` what the client says it stood on.

    `link` is None for a button of a message of ours, which stands on no link.
    """

    person: PersonId
    action: str
    record: str
    link: str | None


@dataclass(frozen=True, slots=True)
class _Done:
    """What came of an action: the sentence for the person, and whose account it was done with."""

    said: str
    account: Account | None
    undo: Action | None


@dataclass(frozen=True, slots=True)
class Clicker:
    """Acts on clicks of one organization."""

    organization: OrganizationId
    host: Host
    members: Members
    items: QueueItems
    clicks: Clicks
    forms: Forms
    resolver: Resolver
    apis: Apis
    limits: Limits
    clock: Callable[[], float]
    new_id: Callable[[], str]

    def press(self, press: Press) -> str:
        """Do what the button says; the outcome as a stable word. What does not fit our record does nothing."""
        record = self.items.find(press.record)
        if record is None or not _fits(press, record):
            return "unknown-button"
        facts().record = record.id
        try:
            match = self.resolver.match(record.url)
        except UnfurlError as error:
            self._tell(press.person, str(error))
            return error.reason
        if press.action in SHOWING:
            # The button that takes a question back refreshes the card, and any other look at it does the same.
            self.clicks.withdraw(record.id, press.person)
            return self._show(press, record, match, done=None)
        if press.action in prompts.ABOUT_SIGN_IN or press.action in CONSENT:
            return self._decide(press, record, match)
        return self._ask_or_act(press, record, match)

    def write(self, form: Form, text: str) -> tuple[str, str]:
        """Do what a form's button wanted, with the text that its person wrote; outcome and sentence for that person."""
        record = self.items.find(form.record)
        if record is None:
            return "unknown-button", "The link is not known here any more."
        facts().record = record.id
        match = self.resolver.match(record.url)
        action = match.provider.actions.get(form.action)
        if action is None:
            return "unknown-button", "This cannot be done any more."
        press = Press(PersonId(form.person), form.action, form.record, None)
        return self._act(press, record, match, action, text=text)

    def _decide(self, press: Press, record: Record, match: Match) -> str:
        """What only the author decides, for themselves: about signing in, and about who may see."""
        entrance = self.members.systems.of(match)
        if press.person != record.author or entrance is None:
            self._tell(press.person, "Only the one who posted the link decides that.")
            return "not-the-author"
        if press.action in CONSENT:
            if press.action == SHOW_HERE and self.members.rule != "ask":
                self._tell(press.person, "This organization does not let private things be shown in full.")
                return "not-allowed"
            self.items.choose(record.id, CONSENT[press.action])
            return self._show(press, record, match, done=None)
        if press.action == prompts.NEVER_ASK:
            self.members.never(press.person, entrance)
        else:
            self.members.not_now(press.person, entrance)
        self.items.set_aside(press.person, match.provider.name, outcomes.ASKED)
        self._stop_asking(press.person)
        return "not-asked-any-more"

    def _stop_asking(self, person: PersonId) -> None:
        """Take the request away. The chat side takes all of them: what else was asked is asked anew with a new link."""
        try:
            self.host.stop_asking(person)
        except HostTrouble as trouble:
            log.warning("click.still-asked", organization=self.organization, reason=trouble.reason)
        else:
            self.members.entry.sign_ins.unshow(self.organization, person)

    def _ask_or_act(self, press: Press, record: Record, match: Match) -> str:
        """Ask whatever has to be asked first; otherwise act."""
        agreed = prompts.confirmed(press.action)
        action = match.provider.actions.get(agreed or press.action)
        if action is None or match.arguments_of(action) is None:
            return "unknown-button"
        now, same_for_s = self.clock(), self.limits.same_click_s
        if self.clicks.is_repeated(record.id, press.person, action.id, now=now, same_for_s=same_for_s):
            return "repeated"
        entrance = self.members.systems.of(match)
        if match.provider.sign_in is not None and self._ask_to_sign_in(press, record, match, entrance):
            return "sign-in-asked"
        if action.asks is not None:
            return self._ask_to_write(press, record, match, action)
        if agreed is not None:
            since = self.clock() - CONFIRM_S
            if not self.clicks.answer(record.id, press.person, action.id, since=since):
                self._tell(press.person, "Only who pressed the button can confirm it, within five minutes.")
                return "not-asked"
        elif action.confirm is not None:
            return self._ask_to_confirm(press, record, match, action)
        outcome = self._act(press, record, match, action)[0]
        if agreed is not None and outcome not in ("done", "repeated"):
            # The question stands on the card still, and cannot be answered any more.
            self._show(press, record, match, done=None, tells=False)
        return outcome

    def _ask_to_sign_in(self, press: Press, record: Record, match: Match, entrance: Entrance | None) -> bool:
        """Whether the person has to sign in first, or to allow more; they are asked then, and nobody else."""
        if entrance is None:
            self._tell(press.person, f"Nobody can sign in to {match.provider.title} here.")
            return True
        account = self.members.accounts.find(press.person, entrance.system)
        declared = match.provider.sign_in
        wanted = set(declared.write) if isinstance(declared, OAuth2) else set()
        if account is not None and wanted <= set(account.tokens.scopes):
            return False
        if self._asks(press, record, prompts.confirmed(press.action) or press.action, "sign-in"):
            self._invite(press.person, record, match, entrance)
        return True

    def _asks(self, press: Press, record: Record, action: str, what: str) -> bool:
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

    def _invite(
        self, person: PersonId, record: Record, match: Match, entrance: Entrance, *, again: bool = False
    ) -> None:
        card = self.members.invitation(person, entrance, writes=True, again=again)
        self._tell(person, self._preview(record, match, replace(card, buttons=card.buttons[:1]), "compact"))

    def _ask_to_confirm(self, press: Press, record: Record, match: Match, action: Action) -> str:
        if not self._asks(press, record, action.id, ASKED):
            return "repeated"
        try:
            seen = self.members.eyes.see(match, press.person)
            card = self.members.fitted(match, seen, record.author, record.audience)
        except SignInNeeded as needed:
            self._invite(press.person, record, match, needed.entrance, again=needed.again)
            return needed.reason
        except UnfurlError as error:
            self._tell(press.person, str(error))
            return error.reason
        asked = prompts.confirm(card or Card(title=match.provider.title), action)
        self._out(press, record, self._preview(record, match, asked, record.size))
        return "confirmation-asked"

    def _ask_to_write(self, press: Press, record: Record, match: Match, action: Action) -> str:
        if not self._asks(press, record, action.id, "text"):
            return "repeated"
        id = self.new_id() + self.new_id()
        form = Form(self.organization, press.person, record.id, action.id)
        self.forms.send(id, form, self.clock() + FORM_S)
        card = prompts.write(Card(title=match.provider.title), action, f"{self.members.base_url}/write/{id}")
        self._tell(press.person, self._preview(record, match, card, "compact"))
        return "text-asked"

    def _act(
        self, press: Press, record: Record, match: Match, action: Action, *, text: str | None = None
    ) -> tuple[str, str]:
        """Claim the click, act as the one who pressed, show what came of it; outcome and sentence."""
        click, now, same_for_s = self.new_id(), self.clock(), self.limits.same_click_s
        if text is None and not self.clicks.claim(
            click, record.id, press.person, action.id, now=now, same_for_s=same_for_s
        ):
            return "repeated", ""
        if text is not None:
            self.clicks.claim(click, record.id, press.person, action.id, now=now, same_for_s=0.0)
        account: Account | None = None
        try:
            who = Click(self._opaque(press.person), datetime.fromtimestamp(now, UTC))
            arguments = (match.arguments_of(action) or {}) | ({} if text is None else {"text": text})

            def act(viewer: Viewer) -> str:
                return str(action.function(who, self.apis(match, viewer), **arguments) or "Done.")

            account = self._account_of(press, match)
            if account is None:
                said = act(Viewer(self._opaque(press.person)))
            else:
                said = self.members.eyes.with_account(account, act)
        except UnfurlError as error:
            return self._failed(press, record, match, click, account, error)
        except Exception:
            log.exception("action.failed", provider=match.provider.name, action=action.id)
            sentence = f"{match.provider.title} could not do that: the provider failed."
            return self._failed(press, record, match, click, account, UnfurlError(sentence, reason="provider-failed"))
        self.members.eyes.forget(match, account)
        done = _Done(said, account, match.provider.actions.get(action.undo) if action.undo else None)
        self._ended(click, "done", said, account, record.state, None)
        after = self._shown_state(press, record, match, done)
        self._ended(click, "done", said, account, record.state, after)
        return "done", said

    def _account_of(self, press: Press, match: Match) -> Account | None:
        """The account of the one who pressed, None where nobody has one; never anybody else's. Raises SignedOut."""
        entrance = self.members.systems.of(match)
        if match.provider.sign_in is None or entrance is None:
            return None
        account = self.members.accounts.find(press.person, entrance.system)
        if account is None:
            raise SignedOut("Sign in first.")
        return account

    def _failed(
        self, press: Press, record: Record, match: Match, click: str, account: Account | None, error: UnfurlError
    ) -> tuple[str, str]:
        """Tell the person, and only them, in a sentence; ask for another sign-in where theirs is not accepted."""
        entrance = self.members.systems.of(match)
        sentence = str(error)
        if isinstance(error, SignedOut) and entrance is not None:
            self._invite(press.person, record, match, entrance, again=account is not None)
        else:
            if isinstance(error, AccessDenied | NotFound):
                sentence = f"{match.provider.title} does not let this account do that."
            self._tell(press.person, sentence)
        return self._ended(click, error.reason, sentence, account, record.state, None), sentence

    def _shown_state(self, press: Press, record: Record, match: Match, done: _Done) -> str | None:
        """Show the thing after an action; the state it is in now."""
        self._show(press, record, match, done=done)
        found = self.items.find(record.id)
        return None if found is None else found.state

    def _show(self, press: Press, record: Record, match: Match, *, done: _Done | None, tells: bool = True) -> str:
        """The card anew, for the same queue item while it lives, to the person afterwards if it `tells` them."""
        size: Size = "full" if press.action == MORE else "compact" if press.action == LESS else record.size
        anew = press.action not in (MORE, LESS)
        fresh = self.items.find(record.id) or record
        try:
            seen = self.members.eyes.see(match, press.person, anew=anew, stale=not anew)
            # What was done is told on the card as it is seen, so that it is withheld with the rest of it.
            told = replace(seen, card=_told(seen.card, done, self.clock()))
            card = self.members.fitted(match, told, record.author, fresh.audience, full=size == "full")
        except SignInNeeded as needed:
            if tells and self._asks(press, record, press.action, "sign-in"):
                self._invite(press.person, record, match, needed.entrance, again=needed.again)
            return needed.reason
        except UnfurlError as error:
            sentence = str(error)
            if isinstance(error, AccessDenied | NotFound):
                sentence = f"{match.provider.title} does not have this, or does not show it to you."
            if tells:
                self._tell(press.person, done.said if done else sentence)
            return error.reason
        if card is None:
            card = Card(title=f"A link to {match.provider.title}")
            self._out(press, record, self._preview(record, match, card, "line"))
            if done is not None:
                self._tell(press.person, done.said)
            return "shrunk"
        withheld = done is not None and not card.note
        card = dressed(card, size)
        state = card.status.text if card.status else None
        preview = self._preview(record, match, card, size)
        # While both can be seen, and for good where the new one comes as a message, either's buttons may be pressed.
        both = list(dict.fromkeys((*record.offered, *offered(card))))
        self.items.shown_again(record.id, size, both, state)
        posted = self._posted(record, preview)
        if posted:
            self.items.shown_again(record.id, size, offered(card), state)
        if tells and (withheld or not posted):
            self._tell(press.person, done.said if done else preview)
        return "shown" if posted else "told"

    def _out(self, press: Press, record: Record, preview: Preview) -> None:
        """On the card while its item lives, to the person afterwards."""
        both = list(dict.fromkeys((*record.offered, *offered(preview.card))))
        self.items.shown_again(record.id, record.size, both, record.state)
        if not self._posted(record, preview):
            self._tell(press.person, preview)

    def _posted(self, record: Record, preview: Preview) -> bool:
        if outcomes.expired(record.received_at, self.clock(), self.limits):
            return False
        try:
            verdicts = self.host.answer({ItemId(record.item): preview})
        except HostTrouble as trouble:
            log.warning("click.not-posted", organization=self.organization, reason=trouble.reason)
            return False
        return verdicts.get(ItemId(record.item)) is Verdict.SHOWN

    def _preview(self, record: Record, match: Match, card: Card, size: Size) -> Preview:
        return Preview(card, size, match.link, RecordId(record.id), match.provider.icon)

    def _tell(self, person: PersonId, message: str | Preview) -> None:
        self._try(lambda: self.host.tell(person, message))

    def _try(self, say: Callable[[], None]) -> None:
        try:
            say()
        except HostTrouble as trouble:
            log.warning("click.not-told", organization=self.organization, reason=trouble.reason)

    def _opaque(self, person: str) -> str:
        return fingerprint(self.organization, person)[:32]

    def _ended(
        self, click: str, outcome: str, sentence: str, account: Account | None, before: str | None, after: str | None
    ) -> str:
        # No database takes a NUL or half a character.
        kept = sentence[:500].replace("\0", "").encode("utf-8", "replace").decode()
        who = None if account is None else f"{account.system.provider}:{account.name}"[:192]
        self.clicks.end(click, outcome[:32], kept, self.clock(), account=who, before=before, after=after)
        return outcome


def _told(card: Card, done: _Done | None, now: float) -> Card:
    """The card with what was just done to it, by whom and when, and the way to take it back."""
    if done is None:
        return card
    note = done.said if done.account is None else f"{done.said.rstrip('.')} · by {done.account.name}"
    undo = [] if done.undo is None else [Button("Undo", action=done.undo.id)]
    at = None if done.account is None else datetime.fromtimestamp(now, UTC)
    return replace(card, note=note, note_at=at, buttons=[*undo, *card.buttons])


def _fits(press: Press, record: Record) -> bool:
    """Whether the button was on the card, and the card on that link; chat systems may rewrite a link a little."""
    if press.action not in record.offered:
        return False
    if press.link is None:
        return True
    try:
        return Link.parse(press.link).address == Link.parse(record.url).address
    except BadLink:
        return False
