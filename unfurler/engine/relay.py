"""Pictures that need an account: an address of ours that fetches one with it, for a short time.

Space copies pictures when it takes a preview, so half an hour is long enough.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace

from unfurler.sdk.card import Card
from unfurler.sdk.errors import BadLink
from unfurler.sdk.link import Link
from unfurler.store.accounts import Account
from unfurler.store.secrets import CannotOpen, Vault

LIFE_S = 1_800.0
_PURPOSE = "relay"


@dataclass(frozen=True, slots=True)
class Relayed:
    """What an address of ours stands for: a picture, seen with an account, on the card of a record."""

    organization: str
    record: str
    account: str
    url: str


@dataclass(frozen=True, slots=True)
class Relay:
    """Makes such addresses, and reads them. They are sealed: nobody else can make one, or see what is in it."""

    base_url: str
    vault: Vault
    clock: Callable[[], float]

    def card(self, card: Card, organization: str, record: str, account: Account, api_url: str) -> Card:
        """The card with its picture behind an address of ours, if it stands on the account's own system."""
        if card.image is None or not _within(card.image, (account.system.site, api_url)):
            return card
        said = json.dumps([_PURPOSE, organization, record, account.id, card.image, self.clock() + LIFE_S])
        return replace(card, image=f"{self.base_url}/relay/{self.vault.seal(said).decode('ascii')}")

    def open(self, sealed: str) -> Relayed | None:
        """What the address stands for, while it lives."""
        try:
            said = json.loads(self.vault.open(sealed.encode("ascii")))
        except (CannotOpen, ValueError, UnicodeError):
            return None
        # Much else is sealed with the same keys.
        if not isinstance(said, list) or len(said) != 6 or said[0] != _PURPOSE:
            return None
        _, organization, record, account, url, expires_at = said
        return Relayed(organization, record, account, url) if self.clock() < expires_at else None


def _within(image: str, sites: tuple[str, ...]) -> bool:
    try:
        origin = Link.parse(image).origin
        return origin in {Link.parse(site).origin for site in sites}
    except BadLink:
        return False
