"""What a person is asked before a button does anything: to sign in, to confirm, to write, to decide who may see."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from unfurler.engine import outcomes, prompts
from unfurler.engine.audience import CONSENT, SHOW_HERE
from unfurler.engine.eyes import SignInNeeded
from unfurler.engine.ports import HostTrouble, PersonId, Press
from unfurler.engine.registry import Match
from unfurler.engine.replies import Replies
from unfurler.engine.systems import Entrance
from unfurler.sdk.card import Card
from unfurler.sdk.errors import UnfurlError
from unfurler.sdk.provider import Action
from unfurler.sdk.sign_in import OAuth2
from unfurler.store.clicks import ASKED
from unfurler.store.forms import Form, Forms
from unfurler.store.records import Record

log = structlog.get_logger(__name__)

CONFIRM_S = 300.0
FORM_S = 3_600.0


@dataclass(frozen=True, slots=True)
class Asking:
    """Asks, each person for themselves, and hears the answers; for one organization."""

    replies: Replies
    forms: Forms

    def has_to_sign_in(self, press: Press, record: Record, match: Match) -> bool:
        """Whether the person has to sign in first, or to allow more; they are asked then, and nobody else."""
        members, entrance = self.replies.members, self.replies.members.systems.of(match)
        if match.provider.sign_in is None:
            return False
        if entrance is None:
            self.replies.tell(press.person, f"Nobody can sign in to {match.provider.title} here.")
            return True
        account = members.accounts.find(press.person, entrance.system)
        declared = match.provider.sign_in
        wanted = set(declared.write) if isinstance(declared, OAuth2) else set()
        if account is not None and wanted <= set(account.tokens.scopes):
            return False
        if self.replies.asks(press, record, prompts.confirmed(press.action) or press.action, "sign-in"):
            self.replies.invite(press.person, record, match, entrance)
        return True

    def to_confirm(self, press: Press, record: Record, match: Match, action: Action) -> str:
        """Swap the buttons for the question; what came of that as a stable word."""
        replies = self.replies
        if not replies.asks(press, record, action.id, ASKED):
            return "repeated"
        try:
            seen = replies.ask(match, lambda: replies.members.eyes.see(match, press.person))
            card = replies.members.fitted(match, seen, record)
        except SignInNeeded as needed:
            replies.invite(press.person, record, match, needed.entrance, again=needed.again)
            return needed.reason
        except UnfurlError as error:
            replies.tell(press.person, str(error))
            return error.reason
        asked = prompts.confirm(card or Card(title=match.provider.title), action)
        replies.out(press.person, record, replies.preview(record, match, asked, record.size))
        return "confirmation-asked"

    def is_confirmed(self, press: Press, record: Record, action: Action) -> bool:
        """Whether this person was asked, not long ago; once. Says so where not, but for the same answer again."""
        replies, now = self.replies, self.replies.clock()
        if replies.clicks.answer(record.id, press.person, action.id, since=now - CONFIRM_S, now=now):
            return True
        same_for_s = replies.limits.same_click_s
        if replies.clicks.is_answered(record.id, press.person, action.id, now=now, same_for_s=same_for_s):
            return False
        replies.tell(press.person, "Only who pressed the button can confirm it, within five minutes.")
        return False

    def to_write(self, press: Press, record: Record, match: Match, action: Action) -> str:
        """Send the person, and nobody else, a link to a page with the field; a stable word."""
        replies = self.replies
        if not replies.asks(press, record, action.id, "text"):
            return "repeated"
        id = replies.new_id() + replies.new_id()
        form = Form(replies.organization, press.person, record.id, action.id)
        self.forms.send(id, form, replies.clock() + FORM_S)
        card = prompts.write(Card(title=match.provider.title), action, f"{replies.members.base_url}/write/{id}")
        replies.tell(press.person, replies.preview(record, match, card, "compact"))
        return "text-asked"

    def decide(self, press: Press, record: Record, match: Match) -> str:
        """What only the author decides, for themselves: about signing in, and about who may see."""
        replies, members = self.replies, self.replies.members
        entrance = members.systems.of(match)
        if press.person != record.author or entrance is None:
            replies.tell(press.person, "Only the one who posted the link decides that.")
            return "not-the-author"
        if press.action in CONSENT:
            if press.action == SHOW_HERE and members.rule() != "ask":
                replies.tell(press.person, "This organization does not let private things be shown in full.")
                return "not-allowed"
            replies.items.choose(record.id, CONSENT[press.action])
            return replies.show(press, record, match)
        return self._leave_alone(press, match, entrance)

    def _leave_alone(self, press: Press, match: Match, entrance: Entrance) -> str:
        """Not now, or never again."""
        replies, members = self.replies, self.replies.members
        if press.action == prompts.NEVER_ASK:
            members.never(press.person, entrance)
        else:
            members.not_now(press.person, entrance)
        replies.items.set_aside(press.person, match.provider.name, outcomes.ASKED)
        self._stop_asking(press.person)
        return "not-asked-any-more"

    def _stop_asking(self, person: PersonId) -> None:
        """Take the request away. The chat side takes all of them: what else was asked is asked anew with a new link."""
        replies = self.replies
        try:
            replies.host.stop_asking(person)
        except HostTrouble as trouble:
            log.warning("click.still-asked", organization=replies.organization, reason=trouble.reason)
        else:
            replies.members.entry.sign_ins.unshow(replies.organization, person)
