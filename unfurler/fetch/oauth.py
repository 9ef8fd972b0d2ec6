"""OAuth 2 as a client, by Authlib, with every request through the guarded way out."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urljoin

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from pydantic import SecretStr
from requests.adapters import BaseAdapter

from unfurler.fetch.outbound import RawReply
from unfurler.sdk.errors import AccessDenied, BadLink, UpstreamDown, UpstreamOdd
from unfurler.sdk.link import Link, quote_segments
from unfurler.sdk.sign_in import OAuth2


class Way(Protocol):
    """The guarded way out, opened for the system's own addresses."""

    def request(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, data: bytes | None = None
    ) -> RawReply: ...


@dataclass(frozen=True, slots=True)
class Token:
    """What the token endpoint gave; `expires_in_s` None where it does not say."""

    access: str = field(repr=False)
    refresh: str | None = field(repr=False)
    expires_in_s: float | None
    scopes: tuple[str, ...]


class OAuthClient:
    """Our application at one site. Raises AccessDenied where the system refuses, Upstream errors where it fails.

    It says its secret in the form it sends, or, where `basic`, in the header (RFC 6749 2.3.1).
    """

    def __init__(
        self,
        declared: OAuth2,
        site_url: str,
        client_id: str,
        secret: SecretStr,
        redirect_uri: str,
        way: Way,
        *,
        api_url: str = "",
        basic: bool = False,
    ) -> None:
        self._declared = declared
        self._site_url = site_url.rstrip("/") + "/"
        self._client_id = client_id
        self._secret = secret
        self._redirect_uri = redirect_uri
        self._way = way
        self._api_url = api_url.rstrip("/")
        self._method = "client_secret_basic" if basic else "client_secret_post"

    def authorization_url(self, state: str, verifier: str, *, writes: bool) -> str:
        """Where the person's browser goes; with PKCE S256."""
        with self._session() as session:
            url, _ = session.create_authorization_url(
                self._at(self._declared.authorize),
                state=state,
                code_verifier=verifier,
                scope=" ".join(self.scopes(writes=writes)),
            )
        return str(url)

    def exchange(self, code: str, verifier: str) -> Token:
        """The token for a code, once."""
        with self._session() as session, _translated():
            return _token(session.fetch_token(self._at(self._declared.token), code=code, code_verifier=verifier))

    def renew(self, refresh: str) -> Token:
        """Another token; the refresh token stays the same where the system gives no new one."""
        with self._session() as session, _translated():
            found = _token(session.refresh_token(self._at(self._declared.token), refresh_token=refresh))
        return Token(found.access, found.refresh or refresh, found.expires_in_s, found.scopes)

    def revoke(self, token: str) -> None:
        """Have the system forget an access or refresh token, where it can (RFC 7009, or a call of its API)."""
        if self._declared.revoke is not None:
            with self._session() as session, _translated():
                session.revoke_token(  # type: ignore[no-untyped-call]
                    self._at(self._declared.revoke), token=token
                )
        elif self._declared.revoke_api:
            segments = [part.replace("{client_id}", self._client_id) for part in self._declared.revoke_api]
            pair = f"{self._client_id}:{self._secret.get_secret_value()}".encode()
            headers = {
                "Authorization": f"Basic {base64.b64encode(pair).decode()}",
                "Content-Type": "application/json",
            }
            body = json.dumps({"access_token": token}).encode()
            self._way.request("DELETE", self._api_url + quote_segments(segments), headers=headers, data=body)

    def may_be_from(self, issuer: str) -> bool:
        """Whether an answer that names its issuer (RFC 9207) can come from here: the site, or where people agree."""
        authorize = Link.parse(self._at(self._declared.authorize))
        try:
            return Link.parse(issuer).origin == authorize.origin
        except BadLink:
            return False

    def scopes(self, *, writes: bool) -> tuple[str, ...]:
        """What is asked for."""
        return (*self._declared.read, *(self._declared.write if writes else ()))

    def _at(self, path: str) -> str:
        return path if "://" in path else urljoin(self._site_url, path.lstrip("/"))

    def _session(self) -> OAuth2Session:
        session = OAuth2Session(
            self._client_id,
            self._secret.get_secret_value(),
            redirect_uri=self._redirect_uri,
            code_challenge_method="S256",
            token_endpoint_auth_method=self._method,
            revocation_endpoint_auth_method=self._method,
        )
        session.trust_env = False
        guarded = _Guarded(self._way)
        session.mount("https://", guarded)
        session.mount("http://", guarded)
        return session


class _Guarded(BaseAdapter):
    """Sends what requests prepared through our own way out."""

    def __init__(self, way: Way) -> None:
        super().__init__()
        self._way = way

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """The answer, whatever its status; the time and the size are the way's to bound."""
        body = request.body.encode() if isinstance(request.body, str) else request.body
        assert request.url is not None and request.method is not None
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _OURS}
        reply = self._way.request(request.method, request.url, headers=headers, data=body)
        if 300 <= reply.status < 400:
            # requests would follow, and take our secret and the code along.
            raise UpstreamOdd("The system leads its sign-in elsewhere.", reason="redirect-elsewhere")
        if reply.status >= 500 or reply.status == 429:
            raise UpstreamDown("The system is out of order.", reason="upstream-status")
        response = requests.Response()
        response.status_code = reply.status
        response.headers.update(reply.headers)
        response._content = reply.body
        response.url = request.url
        response.request = request
        return response

    def close(self) -> None:
        """Nothing is kept open here."""


GRANT_REFUSED = "grant-refused"
# RFC 6749 5.2, and GitHub's own words for a code and for a refresh token.
_GRANT_REFUSED = frozenset({"invalid_grant", "access_denied", "bad_verification_code", "bad_refresh_token"})
# What the way out says itself.
_OURS = frozenset({"user-agent", "accept-encoding", "connection", "content-length"})


@contextmanager
def _translated() -> Iterator[None]:
    """Authlib's and requests' errors as ours, without what they quote."""
    try:
        yield
    except AuthlibBaseError as error:
        if isinstance(error.error, str) and error.error in _GRANT_REFUSED:
            raise AccessDenied("The system does not accept the sign-in.", reason=GRANT_REFUSED) from None
        # Our application is not accepted, or the system is in trouble: that says nothing of the person's account.
        raise UpstreamOdd("The system does not accept this application's sign-in.", reason="oauth-refused") from None
    except (requests.RequestException, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise UpstreamOdd("The system's answer to the sign-in cannot be read.") from None


def _token(answer: Mapping[str, Any]) -> Token:
    access = answer.get("access_token")
    if not isinstance(access, str) or not access or not (access.isascii() and access.isprintable()):
        raise UpstreamOdd("The system's answer to the sign-in has no token.")
    refresh, expires, scope = answer.get("refresh_token"), answer.get("expires_in"), answer.get("scope")
    return Token(
        access=access,
        refresh=refresh if isinstance(refresh, str) and refresh else None,
        expires_in_s=float(expires) if isinstance(expires, int | float) and expires > 0 else None,
        scopes=tuple(scope.replace(",", " ").split()) if isinstance(scope, str) else (),
    )
