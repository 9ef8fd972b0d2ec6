"""Seeing a link for a person: without an account first, with theirs only where that is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from unfurler.engine.cards import Viewer
from unfurler.engine.registry import Match
from unfurler.engine.resolve import Resolver
from unfurler.engine.systems import Entrance, Systems
from unfurler.engine.tokens import SignedOut, TokenKeeper
from unfurler.fetch.api import ACCOUNT_REFUSED
from unfurler.sdk.card import Card
from unfurler.sdk.errors import AccessDenied, NotFound, RateLimited, UnfurlError
from unfurler.store.accounts import Account, Accounts

Answer = TypeVar("Answer")


class SignInNeeded(UnfurlError):
    """The link may be there for somebody who is signed in at `entrance`; `again` where an account has just ended."""

    reason = "sign-in-needed"

    def __init__(self, entrance: Entrance, *, again: bool = False) -> None:
        super().__init__(f"Sign in to {entrance.title} to see this.")
        self.entrance = entrance
        self.again = again


@dataclass(frozen=True, slots=True)
class Seen:
    """A card, and the account it took; None where anybody may see it."""

    card: Card
    account: Account | None


@dataclass(frozen=True, slots=True)
class Eyes:
    """Sees links for the people of one organization."""

    organization: str
    resolver: Resolver
    systems: Systems
    accounts: Accounts
    keeper: TokenKeeper
    language: str

    def see(self, match: Match, person: str | None, *, anew: bool = False, stale: bool = True) -> Seen:
        """The card for this person. Raises SignInNeeded, and what resolving raises."""
        try:
            return Seen(
                self.resolver.resolve(match, Viewer("", language=self.language), anew=anew, stale=stale).card, None
            )
        except (AccessDenied, NotFound, RateLimited) as refused:
            entrance = self.systems.of(match)
            if person is None or entrance is None:
                raise
            account = self.accounts.find(person, entrance.system)
            if account is None:
                if isinstance(refused, RateLimited):
                    raise
                raise SignInNeeded(entrance) from None
            card = self._as(account, entrance, match, anew=anew)
            # A server that shows nothing to strangers calls things public that only its members may see.
            public = match.provider.sites.public
            open_to_all = isinstance(refused, RateLimited) or (public is not None and match.site.url == public.url)
            return Seen(card, None if card.public and open_to_all else account)

    def with_account(self, account: Account, do: Callable[[Viewer], Answer]) -> Answer:
        """What `do` gives with the account; once more with a new token where the first is not accepted.

        Raises SignedOut where the account ends, and what `do` raises. `do` may not have done anything when it raises
        AccessDenied.
        """
        viewer = self.viewer(account)
        try:
            return do(viewer)
        except AccessDenied as refused:
            if refused.reason != ACCOUNT_REFUSED or viewer.token is None:
                raise
        renewed = replace(viewer, token=self.keeper.instead_of(viewer.token, self.accounts, account))
        try:
            return do(renewed)
        except AccessDenied as refused:
            if refused.reason != ACCOUNT_REFUSED:
                raise
            raise self.keeper.refused(self.accounts, account) from None

    def viewer(self, account: Account) -> Viewer:
        """The account as a viewer. Raises SignedOut."""
        return replace(self.key(account), token=self.keeper.token(self.accounts, account))

    def key(self, account: Account) -> Viewer:
        """The account as a viewer of what is remembered."""
        return Viewer(f"{self.organization}/{account.id}", language=self.language)

    def forget(self, match: Match, account: Account | None) -> None:
        """What is remembered of a link for everyone, and for this account, does not hold any more."""
        self.resolver.forget(match, Viewer("", language=self.language))
        if account is not None:
            self.resolver.forget(match, self.key(account))

    def _as(self, account: Account, entrance: Entrance, match: Match, *, anew: bool) -> Card:
        try:
            return self.with_account(account, lambda viewer: self._resolve(match, viewer, anew=anew))
        except SignedOut:
            raise SignInNeeded(entrance, again=True) from None

    def _resolve(self, match: Match, viewer: Viewer, *, anew: bool) -> Card:
        try:
            # Nothing stale: what an account sees is never served when it is older than its lifetime.
            return self.resolver.resolve(match, viewer, anew=anew, stale=False).card
        except (AccessDenied, NotFound):
            self.resolver.forget(match, viewer)
            raise
