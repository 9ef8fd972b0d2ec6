"""An external system with accounts: an OAuth 2 authorization server, and an API that asks whose token it is.

Independent of what is tested: it checks everything that a strict server would (client, redirect address, PKCE, one use
of codes and of refresh tokens, expiry, revocation) and keeps who did what with which token. Any provider can be tested
with it: a test declares the routes that the provider calls; `tests/world/forges.py` has GitHub's and GitLab's.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import requests

CODE_LIFE_S = 60.0
# What somebody with a browser sees.
_PAGE = b"""<!doctype html><html lang="en"><title>Authorize</title><h1>Authorize the application?</h1>
<form method="post"><label>You are <input name="person" required></label>
<button name="decision" value="yes">Authorize</button> <button name="decision" value="no">Cancel</button></form>"""


@dataclass
class Asked:
    """A request as it came; `person` whose token it carries, None for nobody's."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    token: str | None = None
    person: str | None = None
    scopes: frozenset[str] = frozenset()
    arguments: dict[str, str] = field(default_factory=dict)

    @property
    def json(self) -> Any:
        return json.loads(self.body or b"null")

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body.decode(), keep_blank_values=True).items()}


@dataclass
class Told:
    """An answer; `content` is sent as JSON unless it is bytes."""

    status: int = 200
    content: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Grant:
    """What somebody agreed to, as far as it has come: a code first, then tokens."""

    client: str
    person: str
    scopes: frozenset[str]
    redirect_uri: str = ""
    challenge: str = ""
    expires_at: float = float("inf")
    used: bool = False
    revoked: bool = False
    # All that came from one code falls together.
    family: str = field(default_factory=lambda: secrets.token_hex(4))


Route = Callable[[Asked], Any]


class System:
    """A running system at `url`.

    `life_s` of access tokens, None for such without an end and without a refresh token; `rotates` refresh tokens;
    `knows_revocation`; `issuer` is named in its answers to the browser (RFC 9207). `faults` maps a path to answers that
    come first.
    """

    def __init__(
        self,
        *,
        authorize: str = "/oauth/authorize",
        token: str = "/oauth/token",
        revoke: str | None = "/oauth/revoke",
        life_s: float | None = None,
        rotates: bool = True,
    ) -> None:
        self.clients: dict[str, tuple[str, str]] = {}
        self.codes: dict[str, Grant] = {}
        self.tokens: dict[str, Grant] = {}
        self.refresh_tokens: dict[str, Grant] = {}
        self.asked: list[Asked] = []
        self.faults: dict[str, list[Told]] = {}
        self.delay_s: dict[str, float] = {}
        self.life_s = life_s
        self.rotates = rotates
        self.issuer: str | None = None
        self.refusals: list[str] = []
        self.lock = threading.RLock()
        self._paths = (authorize, token, revoke)
        self._routes: list[tuple[str, re.Pattern[str], Route]] = []
        self.route("GET", authorize, self._authorize)
        self.route("POST", authorize, self._authorize)
        self.route("POST", token, self._token)
        if revoke is not None:
            self.route("POST", revoke, self._revoke)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    # What a test declares

    def application(self, client_id: str, secret: str, redirect_uri: str) -> None:
        """An OAuth application with its one exact redirect address."""
        self.clients[client_id] = (secret, redirect_uri)

    def route(self, method: str, path: str, answer: Route | Any) -> None:
        """From now on: `<name>` in the path is one segment, `<path:name>` several; an answer or a function of Asked.

        A function gives a Told, or what goes out as JSON; whatever was declared last comes first.
        """
        pattern = re.sub(r"<path:(\w+)>", r"(?P<\1>.+?)", path)
        pattern = re.sub(r"(?<!P)<(\w+)>", r"(?P<\1>[^/]+)", pattern)
        made = answer if callable(answer) else lambda asked: answer
        self._routes.insert(0, (method, re.compile(pattern), made))

    def issue_token(self, person: str, *scopes: str, client: str = "by hand") -> str:
        """A token without a flow, as a person makes one in their settings."""
        token = "pat-" + secrets.token_hex(16)
        self.tokens[token] = Grant(client, person, frozenset(scopes))
        return token

    # What people do

    def agree(self, address: str, person: str, *, decision: str = "yes") -> str:
        """`person`, signed in here, follows an authorization's address and decides; where the browser goes then."""
        answer = requests.get(
            address, headers={"X-Person": person, "X-Decision": decision}, allow_redirects=False, timeout=30
        )
        assert answer.status_code == 302, (answer.status_code, answer.text)
        return answer.headers["Location"]

    def withdraw(self, person: str) -> None:
        """In the settings here: no application may act for this person any more."""
        for grant in (*self.tokens.values(), *self.refresh_tokens.values()):
            if grant.person == person:
                grant.revoked = True

    def expire(self, person: str) -> None:
        """The access tokens of this person run out now."""
        for grant in self.tokens.values():
            if grant.person == person:
                grant.expires_at = 0.0

    # What it saw

    def done(self, method: str, path: str = "") -> list[Asked]:
        """Requests of that method to paths that contain `path`."""
        return [asked for asked in self.asked if asked.method == method and path in asked.path]

    def people_of(self, method: str, path: str = "") -> list[str | None]:
        """Whose tokens came with them, in order."""
        return [asked.person for asked in self.done(method, path)]

    def live_tokens(self, person: str) -> list[str]:
        """Access tokens that would be accepted."""
        return [token for token, grant in self.tokens.items() if grant.person == person and _is_live(grant)]

    def live_refresh_tokens(self, person: str) -> list[str]:
        """Refresh tokens that would be accepted."""
        found = self.refresh_tokens.items()
        return [token for token, grant in found if grant.person == person and _is_live(grant) and not grant.used]

    def secrets_issued(self) -> list[str]:
        """Every token and code that there ever was."""
        return [*self.tokens, *self.refresh_tokens, *self.codes]

    # The authorization server

    def _authorize(self, asked: Asked) -> Told:
        wanted = asked.query
        known = self.clients.get(wanted.get("client_id", ""))
        if known is None or wanted.get("redirect_uri") != known[1]:
            return self._refuse(400, "redirect_uri")
        if wanted.get("response_type") != "code" or not wanted.get("state"):
            return self._refuse(400, "response_type or state")
        if wanted.get("code_challenge_method") != "S256" or len(wanted.get("code_challenge", "")) != 43:
            return self._refuse(400, "code_challenge")
        person = asked.form.get("person") or asked.headers.get("x-person")
        if person is None:
            return Told(200, _PAGE, {"Content-Type": "text/html"})
        answer = {"state": wanted["state"]} | ({"iss": self.issuer} if self.issuer else {})
        if (asked.form.get("decision") or asked.headers.get("x-decision")) != "yes":
            return _redirect(known[1], {"error": "access_denied", "error_description": "<b>no</b>", **answer})
        code = secrets.token_urlsafe(24)
        self.codes[code] = Grant(
            client=wanted["client_id"],
            person=person,
            scopes=frozenset(wanted.get("scope", "").split()),
            redirect_uri=known[1],
            challenge=wanted["code_challenge"],
            expires_at=time.time() + CODE_LIFE_S,
        )
        return _redirect(known[1], {"code": code, **answer})

    def _token(self, asked: Asked) -> Told:
        form = asked.form
        client = self._client(form)
        if client is None:
            return self._refuse(401, "invalid_client")
        if form.get("grant_type") == "authorization_code":
            return self._by_code(form, client)
        if form.get("grant_type") == "refresh_token":
            return self._by_refresh_token(form, client)
        return self._refuse(400, "unsupported_grant_type")

    def _by_code(self, form: dict[str, str], client: str) -> Told:
        grant = self.codes.get(form.get("code", ""))
        if grant is None or grant.client != client or not _is_live(grant):
            return self._refuse(400, "invalid_grant", "code")
        if grant.used:
            self._revoke_family(grant.family)
            return self._refuse(400, "invalid_grant", "code used twice")
        grant.used = True
        if form.get("redirect_uri") != grant.redirect_uri:
            return self._refuse(400, "invalid_grant", "redirect_uri")
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != grant.challenge:
            return self._refuse(400, "invalid_grant", "code_verifier")
        return self._give(grant)

    def _by_refresh_token(self, form: dict[str, str], client: str) -> Told:
        grant = self.refresh_tokens.get(form.get("refresh_token", ""))
        if grant is None or grant.client != client or not _is_live(grant):
            return self._refuse(400, "invalid_grant", "refresh_token")
        if grant.used:
            # RFC 9700: somebody stole it, or it was used by two at once; nobody can tell who is who.
            self._revoke_family(grant.family)
            return self._refuse(400, "invalid_grant", "refresh_token used twice")
        if self.rotates:
            grant.used = True
            for other in self.tokens.values():
                if other.family == grant.family:
                    other.revoked = True
        return self._give(grant, with_refresh=self.rotates)

    def _give(self, grant: Grant, *, with_refresh: bool = True) -> Told:
        access = "at-" + secrets.token_hex(16)
        until = float("inf") if self.life_s is None else time.time() + self.life_s
        self.tokens[access] = Grant(grant.client, grant.person, grant.scopes, expires_at=until, family=grant.family)
        said: dict[str, Any] = {"access_token": access, "token_type": "bearer", "scope": " ".join(sorted(grant.scopes))}
        if self.life_s is not None:
            said["expires_in"] = self.life_s
            if with_refresh:
                refresh = "rt-" + secrets.token_hex(16)
                self.refresh_tokens[refresh] = Grant(grant.client, grant.person, grant.scopes, family=grant.family)
                said["refresh_token"] = refresh
        return Told(200, said)

    def _revoke(self, asked: Asked) -> Told:
        if self._client(asked.form) is None:
            return self._refuse(401, "invalid_client")
        token = asked.form.get("token", "")
        grant = self.tokens.get(token) or self.refresh_tokens.get(token)
        if grant is not None:
            grant.revoked = True
        return Told(200, {})

    def _revoke_family(self, family: str) -> None:
        for grant in (*self.tokens.values(), *self.refresh_tokens.values()):
            if grant.family == family:
                grant.revoked = True

    def _client(self, form: dict[str, str]) -> str | None:
        client = form.get("client_id", "")
        known = self.clients.get(client)
        return client if known is not None and secrets.compare_digest(known[0], form.get("client_secret", "")) else None

    def _refuse(self, status: int, error: str, why: str = "") -> Told:
        self.refusals.append(why or error)
        return Told(status, {"error": error, "error_description": why})

    # The server

    def _answer(self, asked: Asked) -> Told:
        time.sleep(self.delay_s.get(asked.path, 0.0))
        with self.lock:
            kind, _, token = asked.headers.get("authorization", "").partition(" ")
            if token:
                grant = self.tokens.get(token) if kind in ("Bearer", "token") else None
                asked.token = token
                if grant is not None and _is_live(grant):
                    asked.person, asked.scopes = grant.person, grant.scopes
            self.asked.append(asked)
            waiting = self.faults.get(asked.path)
            if waiting:
                return waiting.pop(0)
            if token and kind != "Basic" and asked.person is None and asked.path not in self._paths:
                return Told(401, {"message": "Bad credentials"})
            for method, pattern, route in self._routes:
                found = pattern.fullmatch(asked.path)
                if method == asked.method and found is not None:
                    asked.arguments = found.groupdict()
                    said = route(asked)
                    return said if isinstance(said, Told) else Told(200, said)
        return Told(404, {"message": "Not Found"})

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        system = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def log_message(self, *args: object) -> None:
                pass

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                parts = urlsplit(self.path)
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                headers = {name.lower(): value for name, value in self.headers.items()}
                told = system._answer(Asked(self.command, parts.path, query, headers, body))
                content = told.content if isinstance(told.content, bytes) else json.dumps(told.content).encode()
                self.send_response(told.status)
                for name, value in ({"Content-Type": "application/json"} | told.headers).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

        return Handler


def _is_live(grant: Grant) -> bool:
    return not grant.revoked and time.time() < grant.expires_at


def _redirect(address: str, answer: dict[str, str]) -> Told:
    return Told(302, b"", {"Location": f"{address}?{urlencode(answer)}"})
