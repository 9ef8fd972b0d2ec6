"""A press of a button: what it may do is decided here, by our own record; what came with it only has to fit that."""

from __future__ import annotations

from dataclasses import dataclass

from unfurler.engine import prompts
from unfurler.engine.acting import Acting
from unfurler.engine.asking import Asking
from unfurler.engine.audience import CONSENT
from unfurler.engine.buttons import SHOWING
from unfurler.engine.facts import facts
from unfurler.engine.ports import PersonId, Press
from unfurler.engine.registry import Match
from unfurler.engine.replies import Replies
from unfurler.engine.resolve import Resolver
from unfurler.sdk.errors import BadLink, UnfurlError
from unfurler.sdk.link import Link
from unfurler.store.forms import Form
from unfurler.store.records import Record


@dataclass(frozen=True, slots=True)
class Clicker:
    """Takes the clicks of one organization."""

    resolver: Resolver
    replies: Replies
    asking: Asking
    acting: Acting

    def press(self, press: Press) -> str:
        """Do what the button says; the outcome as a stable word. What does not fit our record does nothing."""
        record = self.replies.items.find(press.record)
        if record is None or not _fits(press, record):
            return "unknown-button"
        facts().record = record.id
        try:
            match = self.resolver.match(record.url)
        except UnfurlError as error:
            self.replies.tell(press.person, str(error))
            return error.reason
        if press.action in SHOWING:
            # The button that takes a question back refreshes the card, and any other look at it does the same.
            self.replies.clicks.withdraw(record.id, press.person)
            return self.replies.show(press, record, match)
        if press.action in prompts.ABOUT_SIGN_IN or press.action in CONSENT:
            return self.asking.decide(press, record, match)
        return self._ask_or_act(press, record, match)

    def write(self, form: Form, text: str) -> tuple[str, str]:
        """Do what a form's button wanted, with the text that its person wrote; outcome and sentence for that person."""
        record = self.replies.items.find(form.record)
        if record is None:
            return "unknown-button", "The link is not known here any more."
        facts().record = record.id
        match = self.resolver.match(record.url)
        action = match.provider.actions.get(form.action)
        if action is None:
            return "unknown-button", "This cannot be done any more."
        press = Press(PersonId(form.person), form.action, form.record, None)
        return self.acting.act(press, record, match, action, text=text)

    def _ask_or_act(self, press: Press, record: Record, match: Match) -> str:
        """Ask whatever has to be asked first; otherwise act."""
        agreed = prompts.confirmed(press.action)
        action = match.provider.actions.get(agreed or press.action)
        if action is None or match.arguments_of(action) is None:
            return "unknown-button"
        if self.replies.clicks.is_repeated(record.id, press.person, action.id, now=self.replies.clock()):
            return "repeated"
        if self.asking.has_to_sign_in(press, record, match):
            return "sign-in-asked"
        if action.asks is not None:
            return self.asking.to_write(press, record, match, action)
        if agreed is None and action.confirm is not None:
            return self.asking.to_confirm(press, record, match, action)
        if agreed is not None and not self.asking.is_confirmed(press, record, action):
            return "not-asked"
        outcome, _ = self.acting.act(press, record, match, action)
        if agreed is not None and outcome not in ("done", "repeated"):
            # The question stands on the card still, and cannot be answered any more.
            self.replies.show(press, record, match, tells=False)
        return outcome


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
