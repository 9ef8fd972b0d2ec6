"""Who looks at the homepage: a token from the surrounding Space page, proved by the server we know (PROTOCOL 7.2)."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass

from pydantic import SecretStr

from unfurler.engine.ports import PersonId
from unfurler.space import identifiers
from unfurler.space.clients import Clients
from unfurler.space.errors import SpaceError
from unfurler.store.cache import Memory
from unfurler.store.organizations import Organization, Organizations
from unfurler.store.secrets import fingerprint

_PROVED_S = 300.0
_ADMINISTRATOR = "Superadmin"


class NotProved(Exception):
    """The token is not one that the organization's server vouches for."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """A proved person of an organization; `administers` where they may manage applications there."""

    organization: Organization
    person: PersonId
    administers: bool


@dataclass(frozen=True, slots=True)
class Reception:
    """Proves visitors; remembers a proof for five minutes at most."""

    organizations: Organizations
    clients: Clients
    proofs: Memory
    clock: Callable[[], float]

    def visitor(self, token: str) -> Visitor:
        """Whose token it is, in which organization. Raises NotProved; SpaceError where Space does not answer now."""
        claims = _claims(token)
        organization = self.organizations.find(str(claims.get("aud")))
        person = claims.get("sub")
        if organization is None or not isinstance(person, str) or not identifiers.is_id(person):
            raise NotProved
        left_s = _left(claims, self.clock())
        if left_s <= 0:
            raise NotProved
        key = "visitor:" + fingerprint(token)
        known = self.proofs.get(key)
        if known is None:
            known = b"1" if self._administers(organization, token) else b"0"
            self.proofs.put(key, known, min(_PROVED_S, left_s))
        return Visitor(organization, PersonId(person), known == b"1")

    def _administers(self, organization: Organization, token: str) -> bool:
        """Asked with the token itself: any answer at all proves that the server accepts it."""
        try:
            client = self.clients.of(organization)
            return client.check_permission("profile:me", _ADMINISTRATOR, token=SecretStr(token))
        except SpaceError as error:
            if error.retry:
                raise
            raise NotProved from None


def _claims(token: str) -> dict[str, object]:
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError, RecursionError):
        raise NotProved from None
    if not isinstance(claims, dict):
        raise NotProved
    audience = claims.get("aud")
    if isinstance(audience, list) and len(audience) == 1:
        claims["aud"] = audience[0]
    return claims


def _left(claims: dict[str, object], now: float) -> float:
    expires_at = claims.get("exp")
    return float(expires_at) - now if isinstance(expires_at, int | float) else _PROVED_S
