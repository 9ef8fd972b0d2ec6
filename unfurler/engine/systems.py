"""The external systems that people can sign in to here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from unfurler.engine.registry import Match
from unfurler.fetch.oauth import OAuthClient
from unfurler.sdk.card import Card
from unfurler.sdk.provider import Provider, Site
from unfurler.store.accounts import System


@dataclass(frozen=True, slots=True)
class Entrance:
    """One site of a provider with the way in: our OAuth application there, or None where people enter a token."""

    provider: Provider
    site: Site
    oauth: OAuthClient | None

    @property
    def system(self) -> System:
        """What an account there belongs to."""
        return System(self.provider.name, self.site.url)

    @property
    def title(self) -> str:
        """The name people know, with the host where it is not the public site."""
        public = self.provider.sites.public
        where = "" if public is not None and public.url == self.site.url else f" ({self.site.url.partition('//')[2]})"
        return f"{self.provider.title}{where}"


class Systems:
    """Every entrance, by provider and site."""

    def __init__(self, entrances: list[Entrance]) -> None:
        self._entrances: Mapping[System, Entrance] = {entrance.system: entrance for entrance in entrances}

    def of(self, match: Match) -> Entrance | None:
        """The way in to the system that a link belongs to."""
        return self._entrances.get(System(match.provider.name, match.site.url))

    def usable(self, match: Match, card: Card) -> Card:
        """The card without buttons that would need an account where nobody can sign in."""
        if match.provider.sign_in is None or self.of(match) is not None:
            return card
        return replace(card, buttons=[button for button in card.buttons if button.action is None])

    def find(self, system: System) -> Entrance | None:
        """The way in to a system."""
        return self._entrances.get(system)

    def all(self) -> list[Entrance]:
        """All of them, by name."""
        return sorted(self._entrances.values(), key=lambda entrance: entrance.title)
