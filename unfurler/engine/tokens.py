"""The token of an account, renewed before it runs out, by one at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import structlog
from pydantic import SecretStr

from unfurler.engine.systems import Systems
from unfurler.fetch.oauth import Token
from unfurler.sdk.errors import AccessDenied, UpstreamSlow
from unfurler.store.accounts import Account, Accounts, Tokens

log = structlog.get_logger(__name__)

_EARLY_S = 60.0
_RENEWING_S = 25.0
_LOOK_AGAIN_S = 0.2


class SignedOut(AccessDenied):
    """The system does not accept the account any more; it is gone, and the person may sign in again."""

    reason = "signed-out"


@dataclass(frozen=True, slots=True)
class TokenKeeper:
    """Gives the token to use now."""

    systems: Systems
    clock: Callable[[], float]
    sleep: Callable[[float], None]

    def token(self, accounts: Accounts, account: Account) -> SecretStr:
        """A token that should be accepted. Raises SignedOut, UpstreamSlow, and what the system's failures raise."""
        tokens = account.tokens
        if tokens.expires_at is None or self.clock() < tokens.expires_at - _EARLY_S or tokens.refresh is None:
            return SecretStr(tokens.access)
        if accounts.begin_renewing(account.id, self.clock(), _RENEWING_S):
            return SecretStr(self._renew(accounts, account, tokens.refresh).access)
        return SecretStr(self._wait(accounts, account).access)

    def refused(self, accounts: Accounts, account: Account) -> SignedOut:
        """The system answered 401: the account ends here, and whoever needs it asks for another sign-in."""
        accounts.erase(account.id)
        log.info("account.signed-out", provider=account.system.provider, by="system")
        return SignedOut("The account is not accepted any more; sign in again.")

    def _renew(self, accounts: Accounts, account: Account, refresh: str) -> Tokens:
        entrance = self.systems.find(account.system)
        if entrance is None or entrance.oauth is None:
            raise self.refused(accounts, account)
        try:
            renewed = kept(entrance.oauth.renew(refresh), self.clock(), account.tokens.scopes)
        except AccessDenied:
            raise self.refused(accounts, account) from None
        accounts.renewed(account.id, renewed)
        return renewed

    def _wait(self, accounts: Accounts, account: Account) -> Tokens:
        until = self.clock() + _RENEWING_S
        while self.clock() < until:
            self.sleep(_LOOK_AGAIN_S)
            now = accounts.by_id(account.id)
            if now is None:
                raise SignedOut("The account is not accepted any more; sign in again.")
            if now.tokens != account.tokens:
                return now.tokens
        raise UpstreamSlow("The account's token could not be renewed in time.")


def kept(token: Token, now: float, scopes: tuple[str, ...]) -> Tokens:
    """What is kept of a token that was just given; the scopes are those asked for where the system does not say."""
    expires_at = None if token.expires_in_s is None else now + token.expires_in_s
    return Tokens(token.access, token.refresh, expires_at, token.scopes or scopes)
