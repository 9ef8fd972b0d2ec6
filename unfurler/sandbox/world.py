"""All that one emulated Space server remembers, in memory and behind one lock."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
from collections import deque
from dataclasses import dataclass, field, replace

from .changes import Changes
from .clock import SandboxClock, real_ms
from .contract import JsonObject
from .ids import new_id, new_secret
from .organization import Organization
from .refusal import Refusal, missing

REQUESTS_KEPT = 20_000
VIOLATIONS_KEPT = 1_000


@dataclass(frozen=True, slots=True)
class Grant:
    """What an access token stands for: the application (`user_id` None) or one of its users; no end if permanent.

    `refresh` is the refresh token that came with it or that it was made from.
    """

    client_id: str
    user_id: str | None
    expires_ms: int | None
    refresh: str | None = None


@dataclass(frozen=True, slots=True)
class Consent:
    """What a user agreed to: what an authorization code or a refresh token stands for."""

    client_id: str
    user_id: str
    scope: str
    expires_ms: int | None = None
    redirect_uri: str = ""
    challenge: str | None = None
    offline: bool = False


@dataclass(slots=True)
class Fault:
    """How the API misbehaves for requests whose path contains `path`; `times` None means until removed."""

    path: str
    status: int | None = None
    error: str | None = None
    description: str | None = None
    body: str | None = None
    delay_s: float = 0.0
    drop: bool = False
    after: bool = False
    times: int | None = 1
    client_id: str | None = None
    method: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    label: str | None = None
    id: str = field(default_factory=new_id)

    def concerns(self, method: str, path: str, client_id: str | None) -> bool:
        return (
            self.path in path
            and self.client_id in (None, client_id)
            and (self.method is None or self.method.upper() == method)
            and (self.times is None or self.times > 0)
        )


@dataclass(slots=True)
class World:
    """Organizations by clientId, tokens, and what was noticed about the application. Hold `lock` while touching it."""

    server_url: str
    token_life_s: int = 600
    clock: SandboxClock = field(default_factory=SandboxClock)
    lock: threading.RLock = field(default_factory=threading.RLock)
    organizations: dict[str, Organization] = field(default_factory=dict)
    grants: dict[str, Grant] = field(default_factory=dict)
    codes: dict[str, Consent] = field(default_factory=dict)
    refresh_tokens: dict[str, Consent] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    requests: deque[JsonObject] = field(default_factory=lambda: deque(maxlen=REQUESTS_KEPT))
    violations: deque[JsonObject] = field(default_factory=lambda: deque(maxlen=VIOLATIONS_KEPT))
    token_key: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    changes: Changes = field(default_factory=Changes)

    def find(self, client_id: str) -> Organization:
        """Raises Refusal."""
        try:
            return self.organizations[client_id]
        except KeyError:
            raise missing(f"No application with clientId {client_id}") from None

    def issue_token(self, organization: Organization, *, user_id: str | None = None, refresh: str | None = None) -> str:
        """An access token in the form of a JWT: `sub` who, `aud` the clientId, `iss` this server."""
        expires_ms = self.clock.now_ms() + self.token_life_s * 1000
        claims: JsonObject = {
            "sub": user_id or organization.id,
            "aud": organization.client_id,
            "iss": organization.server_url,
            "exp": expires_ms // 1000,
            "iat": self.clock.now_ms() // 1000,
            "jti": new_id(),
        }
        token = self._as_jwt(claims)
        self.grants[token] = Grant(organization.client_id, user_id, expires_ms, refresh)
        return token

    def issue_permanent_token(self, organization: Organization) -> str:
        token = self._as_jwt({"sub": organization.id, "aud": organization.client_id, "jti": new_id()})
        self.grants[token] = Grant(organization.client_id, None, None)
        return token

    def _as_jwt(self, claims: JsonObject) -> str:
        parts = [json.dumps(part, separators=(",", ":")).encode() for part in ({"alg": "HS256", "typ": "JWT"}, claims)]
        signed = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
        signature = hmac.new(self.token_key, signed, hashlib.sha256).digest()
        return (signed + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")).decode()

    def check_token(self, token: str) -> tuple[Organization, Grant]:
        """Whose token this is. Raises Refusal (401) for one that is unknown or past its time."""
        grant = self.grants.get(token)
        organization = None if grant is None else self.organizations.get(grant.client_id)
        if grant is None or organization is None:
            raise Refusal(401, "authentication-required", "Access token is invalid")
        if grant.expires_ms is not None and grant.expires_ms <= self.clock.now_ms():
            raise Refusal(401, "authentication-required", "Access token has expired")
        if grant.refresh is not None and grant.refresh not in self.refresh_tokens:
            raise Refusal(401, "authentication-required", "Refresh token associated with the access token is revoked")
        return organization, grant

    def issue_code(self, consent: Consent) -> str:
        """An authorization code, good for one use."""
        code = new_secret()
        self.codes[code] = consent
        return code

    def issue_refresh_token(self, consent: Consent) -> str:
        token = "rt-" + new_secret()
        self.refresh_tokens[token] = consent
        return token

    def expire_tokens(self, client_id: str) -> int:
        """Lets every access token of that application end now, permanent ones excepted; how many."""
        now_ms = self.clock.now_ms()
        ending = [
            token
            for token, grant in self.grants.items()
            if grant.client_id == client_id and grant.expires_ms is not None and grant.expires_ms > now_ms
        ]
        for token in ending:
            self.grants[token] = replace(self.grants[token], expires_ms=now_ms)
        return len(ending)

    def forget_user_consents(self, client_id: str, user_id: str) -> int:
        """Takes back what that user agreed to; how many refresh tokens that revokes."""
        kept = {
            token: consent
            for token, consent in self.refresh_tokens.items()
            if (consent.client_id, consent.user_id) != (client_id, user_id)
        }
        revoked = len(self.refresh_tokens) - len(kept)
        self.refresh_tokens = kept
        return revoked

    def forget_organization(self, client_id: str) -> None:
        self.organizations.pop(client_id, None)
        self.grants = {token: grant for token, grant in self.grants.items() if grant.client_id != client_id}
        self.codes = {code: one for code, one in self.codes.items() if one.client_id != client_id}
        self.refresh_tokens = {token: one for token, one in self.refresh_tokens.items() if one.client_id != client_id}

    def take_fault(self, method: str, path: str, client_id: str | None, *, after: bool) -> Fault | None:
        """The first fault that concerns this request; counts it."""
        for fault in self.faults:
            if fault.after is after and fault.concerns(method, path, client_id):
                if fault.times is not None:
                    fault.times -= 1
                return fault
        return None

    def remember_violation(
        self, client_id: str | None, method: str, path: str, definition: str | None, at: str, message: str
    ) -> None:
        """Something the application sent that the real Space would not understand."""
        self.violations.append(
            {
                "at_ms": real_ms(),
                "clientId": client_id,
                "method": method,
                "path": path,
                "definition": definition,
                "jsonPath": at,
                "message": message,
            }
        )

    def reset(self) -> None:
        """As after a start."""
        self.organizations.clear()
        self.grants.clear()
        self.codes.clear()
        self.refresh_tokens.clear()
        self.faults.clear()
        self.requests.clear()
        self.violations.clear()
        self.clock.reset()
