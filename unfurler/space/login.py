"""Space's own login: who somebody is there, proved by an authorization code with PKCE (PROTOCOL 4.1)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from unfurler.fetch.oauth import OAuthClient, Way
from unfurler.fetch.outbound import RawReply
from unfurler.sdk.errors import AccessDenied, Upstream, UpstreamDown
from unfurler.sdk.sign_in import OAuth2
from unfurler.space.answers import read_person
from unfurler.space.clients import Clients
from unfurler.space.errors import OddAnswer, SpaceError
from unfurler.space.people import NotProved, Reception
from unfurler.space.tokens import ClientCredentials
from unfurler.store.cache import Memory
from unfurler.store.organizations import Organization, Organizations
from unfurler.store.secrets import fingerprint

LOGIN_PATH = "/space/login"

# As little as a code can be asked with: the person's own name and id.
_DECLARED = OAuth2("/oauth/auth?access_type=online", "/oauth/token", read=("global:Profile.View.Basic",))
_ME = "/api/http/team-directory/profiles/me?$fields=id"
_KNOWN_S = 600.0
_BUSY = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True)
class SpaceLogin:
    """Implements `unfurler.engine.sign_in.Login`: at each organization's own server, with our credentials there."""

    organizations: Organizations
    clients: Clients
    reception: Reception
    way: Way
    base_url: str
    known: Memory

    def offered(self, organization: str) -> bool:
        """Whether the server lets our application have people log in; asked of it with a request like a browser's.

        Only its own word counts, never what a browser brings, and no answer is no word. Raises UpstreamDown then.
        """
        found = self.organizations.find(organization)
        client = None if found is None else self._client(found)
        if found is None or client is None:
            return False
        name = "login:" + fingerprint(found.id, found.server_url)
        known = self.known.get(name)
        if known is None:
            url = client.authorization_url(secrets.token_urlsafe(32), secrets.token_urlsafe(48), writes=False)
            known = b"1" if self._takes(self._asked("GET", url, {"Accept": "text/html"})) else b"0"
            self.known.put(name, known, _KNOWN_S)
        return known == b"1"

    def url(self, organization: str, state: str, verifier: str) -> str:
        """Where the browser goes to log in. Raises UpstreamDown."""
        return self._needed(organization)[1].authorization_url(state, verifier, writes=False)

    def person(self, organization: str, code: str, verifier: str) -> str:
        """Whose code this is; the token that it gives is used for this question alone, and dropped.

        Raises AccessDenied where Space does not accept the code, UpstreamDown.
        """
        found, client = self._needed(organization)
        try:
            token = client.exchange(code, verifier).access
        except Upstream as error:
            raise _away(error.reason) from error
        reply = self._asked("GET", found.server_url + _ME, {"Authorization": f"Bearer {token}"})
        if reply.status == 403:
            # An administrator has not approved that names are read: the token itself says whose it is.
            return self._vouched(found, token)
        person = _id(reply)
        if person is None:
            raise AccessDenied("Space does not say who you are.")
        return person

    def _vouched(self, organization: Organization, token: str) -> str:
        try:
            visitor = self.reception.visitor(token)
        except NotProved:
            raise AccessDenied("Space does not say who you are.") from None
        except SpaceError as error:
            raise _away(error.code) from error
        if visitor.organization.id != organization.id:
            raise AccessDenied("This is another organization's login.")
        return visitor.person

    def _needed(self, organization: str) -> tuple[Organization, OAuthClient]:
        found = self.organizations.find(organization)
        client = None if found is None else self._client(found)
        if found is None or client is None:
            raise _away("no-credentials")
        return found, client

    def _client(self, organization: Organization) -> OAuthClient | None:
        """Our application at that server; None for one that has a permanent token and no secret."""
        try:
            credentials = self.clients.of(organization).credentials
        except SpaceError as error:
            raise _away(error.code) from error
        if not isinstance(credentials, ClientCredentials):
            return None
        id, secret = credentials.client_id, credentials.secret
        uri = self.base_url + LOGIN_PATH
        return OAuthClient(_DECLARED, organization.server_url, id, secret, uri, self.way, basic=True)

    def _asked(self, method: str, url: str, headers: dict[str, str]) -> RawReply:
        try:
            reply = self.way.request(method, url, headers=headers)
        except Upstream as error:
            raise _away(error.reason) from error
        if reply.status >= 500 or reply.status in _BUSY:
            raise _away(f"http-{reply.status}")
        return reply

    def _takes(self, reply: RawReply) -> bool:
        """A page, or the way to one; not a refusal, nor an error told to us at once (RFC 6749 4.1.2.1)."""
        there = urlsplit(reply.headers.get("location", ""))
        leads_back = f"{there.scheme}://{there.netloc}{there.path}" == self.base_url + LOGIN_PATH
        return reply.status < 400 and not (leads_back and "error" in parse_qs(there.query))


def _away(reason: str) -> UpstreamDown:
    return UpstreamDown("Space does not answer just now.", reason=reason)


def _id(reply: RawReply) -> str | None:
    try:
        return read_person(reply).id if reply.status == 200 else None
    except OddAnswer:
        return None
