"""The token of an account, renewed before it runs out, by one at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import structlog
from pydantic import SecretStr

from unfurler.engine.systems import Systems
from unfurler.fetch.oauth import Token
from unfurler.sdk.errors import AccessDenied, UnfurlError, Upstream, UpstreamSlow
from unfurler.store.accounts import Account, Accounts, System, Tokens

log = structlog.get_logger(__name__)

_EARLY_S = 60.0
# Longer than one renewal may take, with its waiting for a turn.
_RENEWING_S = 90.0
_WAITING_S = 25.0
_LOOK_AGAIN_S = 0.2


class SignedOut(AccessDenied):
    """The system does not accept the account any more; it is gone, and the person may sign in again."""

    reason = "signed-out"


@dataclass(frozen=True, slots=True)
class TokenKeeper:
    """Gives the token to use now, and ends accounts that are not accepted any more."""

    systems: Systems
    clock: Callable[[], float]
    sleep: Callable[[float], None]

    def token(self, accounts: Accounts, account: Account) -> SecretStr:
        """A token that should be accepted. Raises SignedOut, UpstreamSlow, and what the system's failures raise."""
        tokens = account.tokens
        if tokens.refresh is None or tokens.expires_at is None or self.clock() < tokens.expires_at - _EARLY_S:
            return SecretStr(tokens.access)
        try:
            return SecretStr(self._renewed(accounts, account).access)
        except Upstream:
            if self.clock() < tokens.expires_at:
                return SecretStr(tokens.access)
            raise

    def instead_of(self, used: SecretStr, accounts: Accounts, account: Account) -> SecretStr:
        """Another token after the system answered 401 to `used`; without one the account ends. Raises SignedOut."""
        now = accounts.by_id(account.id)
        if now is None:
            raise _signed_out()
        if now.tokens.access != used.get_secret_value():
            return SecretStr(now.tokens.access)
        if now.tokens.refresh is None:
            raise self.refused(accounts, now)
        return SecretStr(self._renewed(accounts, now).access)

    def refused(self, accounts: Accounts, account: Account) -> SignedOut:
        """The system accepts the account no more: it ends here, and whoever needs it asks for another sign-in."""
        accounts.erase(account.id)
        log.info("account.signed-out", provider=account.system.provider, by="system")
        return _signed_out()

    def revoke(self, system: System, tokens: Tokens) -> None:
        """Have the system forget tokens; where it does not answer, they are at least gone here."""
        entrance = self.systems.find(system)
        if entrance is None or entrance.oauth is None:
            return
        for token in (tokens.refresh, tokens.access):
            try:
                if token is not None:
                    entrance.oauth.revoke(token)
            except UnfurlError as error:
                log.info("account.not-revoked", provider=system.provider, reason=error.reason)

    def _renewed(self, accounts: Accounts, account: Account) -> Tokens:
        """Other tokens than those of `account`: renewed here, or by whoever is at it already."""
        if not accounts.begin_renewing(account.id, self.clock(), _RENEWING_S):
            return self._wait(accounts, account)
        try:
            now = accounts.by_id(account.id)
            if now is None:
                raise _signed_out()
            # Somebody may have been quicker; what they used up is not sent again.
            return now.tokens if now.tokens != account.tokens else self._renew(accounts, now)
        finally:
            accounts.end_renewing(account.id)

    def _renew(self, accounts: Accounts, account: Account) -> Tokens:
        entrance, refresh = self.systems.find(account.system), account.tokens.refresh
        if entrance is None or entrance.oauth is None or refresh is None:
            raise self.refused(accounts, account)
        try:
            renewed = kept(entrance.oauth.renew(refresh), self.clock(), account.tokens.scopes)
        except AccessDenied:
            raise self.refused(accounts, account) from None
        if not accounts.renewed(account.id, renewed):
            # Signed out in the meantime: what has just been given is nobody's.
            self.revoke(account.system, renewed)
            raise _signed_out()
        return renewed

    def _wait(self, accounts: Accounts, account: Account) -> Tokens:
        until = self.clock() + _WAITING_S
        while self.clock() < until:
            self.sleep(_LOOK_AGAIN_S)
            now = accounts.by_id(account.id)
            if now is None:
                raise _signed_out()
            if now.tokens != account.tokens:
                return now.tokens
        raise UpstreamSlow("The account's token could not be renewed in time.")


def _signed_out() -> SignedOut:
    return SignedOut("The account is not accepted any more; sign in again.")


def kept(token: Token, now: float, scopes: tuple[str, ...]) -> Tokens:
    """What is kept of a token that was just given; the scopes are those asked for where the system does not say."""
    expires_at = None if token.expires_in_s is None else now + token.expires_in_s
    return Tokens(token.access, token.refresh, expires_at, token.scopes or scopes)
