"""The people of one organization: what they may see, what of it others may see, what they are asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from unfurler.engine import audience, prompts
from unfurler.engine.eyes import Eyes, Seen
from unfurler.engine.registry import Match
from unfurler.engine.relay import Relay
from unfurler.engine.sign_in import Entry
from unfurler.engine.systems import Entrance, Systems
from unfurler.sdk.card import Card
from unfurler.store.accounts import Accounts, Audience, Choice, Choices, Rule, System
from unfurler.store.records import Record


@dataclass(frozen=True, slots=True)
class Members:
    """Built for one organization each time it is needed. `rule` is what it lets its people show just now."""

    organization: str
    base_url: str
    eyes: Eyes
    systems: Systems
    accounts: Accounts
    choices: Choices
    entry: Entry
    relay: Relay
    rule: Callable[[], Rule]
    clock: Callable[[], float]

    def fitted(self, match: Match, seen: Seen, record: Record, *, full: bool = False) -> Card | None:
        """The card as far as everybody around the link may see it; None where they may see nothing of it.

        A `full` one has the buttons with which its author changes that.
        """
        entrance = self.systems.of(match)
        title = match.provider.title if entrance is None else entrance.title
        if seen.account is None:
            # The operator's service account may see what the system itself calls confidential.
            open_to_all = audience.fitted(seen.card, title, "show", "ask")
            return open_to_all and self.systems.usable(match, open_to_all)
        rule = self.rule()
        decided = self._audience(record, seen.account.system, rule)
        card = audience.fitted(seen.card, title, decided, rule)
        if card is None or decided != "show" or card.confidential:
            return card
        relayed = self.relay.card(card, self.organization, record.id, seen.account, match.site.api_url)
        usable = self.systems.usable(match, relayed)
        return audience.changeable(usable) if full else usable

    def audience(self, record: Record, system: System) -> Audience | None:
        """What of a link others may see just now, if it takes an account at that system; None: its author is asked."""
        return self._audience(record, system, self.rule())

    def _audience(self, record: Record, system: System, rule: Rule) -> Audience | None:
        for_system = None if record.author is None else self.choices.find(record.author, system).audience
        return audience.decided(record.audience, for_system, rule)

    def never_asked(self, person: str, entrance: Entrance) -> bool:
        """Whether this person does not want to be asked to sign in there."""
        return self.choices.find(person, entrance.system).never_ask

    def is_asked(self, person: str, entrance: Entrance) -> bool:
        """Whether this person was asked already, and may still answer."""
        return self.entry.sign_ins.is_open(self.organization, person, entrance.system, self.clock())

    def invitation(self, person: str, entrance: Entrance, *, writes: bool, again: bool = False) -> Card:
        """The card that asks this one person to sign in; `again` where their account has just ended."""
        url = self.sign_in_url(person, entrance.system, writes=writes)
        return prompts.sign_in(entrance.title, url, writes=writes, again=again)

    def sign_in_url(self, person: str, system: System, *, writes: bool, shown: bool = True) -> str:
        """The address of a link for this one person; `shown` where the chat shows it to them."""
        id = self.entry.invite(self.organization, person, system, writes=writes, shown=shown)
        return f"{self.base_url}/oauth/{system.provider}/start?{urlencode({'request': id})}"

    def not_now(self, person: str, entrance: Entrance) -> None:
        """Nothing is asked any more until there is another link."""
        self.entry.sign_ins.close(self.organization, person, entrance.system)

    def never(self, person: str, entrance: Entrance) -> None:
        """Nothing is asked any more, until the person takes it back on the homepage."""
        before = self.choices.find(person, entrance.system)
        self.choices.keep(person, Choice(entrance.system, True, before.audience))
        self.not_now(person, entrance)
