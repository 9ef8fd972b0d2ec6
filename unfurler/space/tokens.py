"""The tokens of one installation: renewed early, by one thread while the others wait for it (PROTOCOL 4.1)."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from pydantic import SecretStr

from unfurler.fetch import RawReply
from unfurler.space.answers import read_object
from unfurler.space.errors import InvalidClient, NotAuthorized, OddAnswer, TokenRevoked
from unfurler.space.server import Server

Answer = TypeVar("Answer")

_EARLY_S = 60.0


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """What an installation proves itself with: tokens are asked for as needed."""

    client_id: str
    secret: SecretStr


@dataclass(frozen=True, slots=True)
class PermanentToken:
    """A token that an administrator of a single organization made by hand."""

    token: SecretStr


Credentials: TypeAlias = ClientCredentials | PermanentToken


@dataclass(frozen=True, slots=True)
class _Token:
    value: str
    renew_at: float

    def __repr__(self) -> str:
        return "_Token(***)"


class Tokens:
    """Lends a token to every call; threads may share it."""

    def __init__(self, server: Server, credentials: Credentials) -> None:
        self.credentials = credentials
        self._server = server
        self._token: _Token | None = None
        self._lock = threading.Lock()

    def renew(self, credentials: ClientCredentials, until: float) -> None:
        """Ask for a token whatever we have. Raises InvalidClient where the credentials are not accepted."""
        with self._lock:
            self._token = self._fetch(credentials, until)

    def lend(self, ask: Callable[[str], Answer], until: float) -> Answer:
        """What `ask` gives with a token; once more with a new one where that one is not accepted."""
        token = self._take(until)
        try:
            return ask(token)
        except TokenRevoked:
            raise
        except NotAuthorized:
            if isinstance(self.credentials, PermanentToken):
                raise
        return ask(self._take(until, instead_of=token))

    def _take(self, until: float, *, instead_of: str | None = None) -> str:
        """A token that should be accepted; another one than `instead_of`. One thread asks, the others wait for it."""
        if isinstance(self.credentials, PermanentToken):
            return self.credentials.token.get_secret_value()
        with self._lock:
            token = self._token
            if token is None or token.value == instead_of or self._server.clock() >= token.renew_at:
                token = self._token = self._fetch(self.credentials, until)
            return token.value

    def _fetch(self, credentials: ClientCredentials, until: float) -> _Token:
        pair = f"{credentials.client_id}:{credentials.secret.get_secret_value()}"
        basic = "Basic " + base64.b64encode(pair.encode()).decode()
        form = {"grant_type": "client_credentials", "scope": "**"}

        def ask() -> _Token:
            asked_at = self._server.clock()
            return _read(self._server.exchange("POST", "/oauth/token", basic, until=until, form=form), asked_at)

        try:
            return self._server.persist(ask, repeat=True, until=until)
        except NotAuthorized as error:
            raise InvalidClient(error.code, status=error.status) from error


def _read(reply: RawReply, asked_at: float) -> _Token:
    answer = read_object(reply)
    value, life_s = answer.get("access_token"), answer.get("expires_in")
    # It goes into a header: a line break in it would be another header.
    if not isinstance(value, str) or not value or not value.isascii() or not value.isprintable():
        raise OddAnswer("no-token", status=reply.status)
    known_s = float(life_s) if isinstance(life_s, int | float) and 0 < life_s < 10**9 else 0.0
    return _Token(value, asked_at + max(known_s - _EARLY_S, known_s / 2))
