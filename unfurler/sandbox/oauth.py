"""`/oauth/…`: tokens for the application, and for users who agreed that it acts for them (PROTOCOL 4.1)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from .contract import JsonObject
from .gate import guard
from .headers import origin_of, secure
from .organization import Organization
from .refusal import Refusal
from .sandbox import Sandbox
from .world import Consent

CODE_LIFE_MS = 5 * 60 * 1000
PERSON_COOKIE = "sandbox-person"


def oauth_blueprint(sandbox: Sandbox) -> Blueprint:
    oauth = Blueprint("oauth", __name__)
    guard(oauth, sandbox)

    @oauth.post("/oauth/token")
    def token() -> Response:
        """`{access_token, token_type, expires_in, scope, refresh_token?}`; errors as RFC 6749 words them."""
        with sandbox.world.lock:
            organization = authenticate(sandbox)
            if request.mimetype != "application/x-www-form-urlencoded":
                raise Refusal(400, "invalid_request", "The body must be application/x-www-form-urlencoded")
            grant_type = request.form.get("grant_type")
            if not grant_type:
                raise Refusal(400, "invalid_request", "grant_type is missing")
            if grant_type == "authorization_code":
                return jsonify(by_code(sandbox, organization))
            if grant_type == "refresh_token":
                return jsonify(by_refresh_token(sandbox, organization))
            if grant_type != "client_credentials":
                raise Refusal(400, "unsupported_grant_type", f"Unsupported grant type {grant_type}")
            scope = request.form.get("scope", "")
            if not is_scope(scope):
                raise Refusal(400, "invalid_scope", "Write ** or elements such as global:Profile.View")
            return jsonify(token_answer(sandbox, sandbox.world.issue_token(organization), scope))

    @oauth.get("/oauth/auth")
    def ask() -> AnyResponse:
        """The page on which a person lets the application act for them."""
        wanted = Wanted(sandbox)
        if wanted.error is not None:
            return redirect(wanted.back(error=wanted.error[0], error_description=wanted.error[1]))
        page = make_response(
            render_template(
                "consent.html",
                organization=wanted.organization,
                people=wanted.organization.users.values(),
                person=request.cookies.get(PERSON_COOKIE),
                scope=[] if wanted.scope == "**" else wanted.scope.split(),
                offline=wanted.offline,
            )
        )
        # A browser follows redirects after a form only to where the form may go, and the application may lead on.
        return secure(page, form_action="'self' http: https:")

    @oauth.post("/oauth/auth")
    def decide() -> AnyResponse:
        origin = request.headers.get("Origin")
        if origin is not None and origin != request.host_url.rstrip("/"):
            raise Refusal(403, "access_denied", "Only this server's own page may do this")
        wanted = Wanted(sandbox)
        if wanted.error is not None:
            return redirect(wanted.back(error=wanted.error[0], error_description=wanted.error[1]))
        if request.form.get("decision") != "allow":
            return redirect(wanted.back(error="access_denied", error_description="The user refused"))
        with sandbox.world.lock:
            user = wanted.organization.find_user(request.form.get("person", ""))
            wanted.organization.consent(user.id, wanted.scope)
            code = sandbox.world.issue_code(wanted.consent(user.id, sandbox.world.clock.now_ms() + CODE_LIFE_MS))
        answer = redirect(wanted.back(code=code))
        answer.set_cookie(PERSON_COOKIE, user.id, samesite="Lax", httponly=False)
        return answer

    return oauth


class Wanted:
    """What an authorization request asks for; `error` where it has to be told to the application.

    Raises Refusal where it may not be led back there: an unknown application or address.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        asked = request.args
        with sandbox.world.lock:
            organization = sandbox.world.organizations.get(asked.get("client_id", ""))
        self.redirect_uri = asked.get("redirect_uri", "")
        if organization is None:
            raise Refusal(400, "unauthorized_client", "Unknown client_id")
        if not may_lead_to(organization, self.redirect_uri):
            raise Refusal(400, "invalid_request", "redirect_uri is not registered for this application")
        self.organization = organization
        self.scope = asked.get("scope", "")
        self.state = asked.get("state")
        self.challenge = asked.get("code_challenge")
        self.offline = asked.get("access_type", "online") == "offline"
        self.error = self._error()

    def _error(self) -> tuple[str, str] | None:
        if not self.organization.code_flow:
            return "unauthorized_client", "The code flow is not enabled for this application"
        if request.args.get("response_type") != "code":
            return "unsupported_response_type", "response_type must be code"
        if not is_scope(self.scope):
            return "invalid_scope", "Write ** or elements such as global:Profile.View"
        if self.challenge is not None and request.args.get("code_challenge_method") != "S256":
            return "invalid_request", "code_challenge_method must be S256"
        if request.args.get("access_type", "online") not in ("online", "offline"):
            return "invalid_request", "access_type must be online or offline"
        return None

    def consent(self, user_id: str, expires_ms: int) -> Consent:
        client_id = self.organization.client_id
        return Consent(client_id, user_id, self.scope, expires_ms, self.redirect_uri, self.challenge, self.offline)

    def back(self, **answer: str) -> str:
        """Where the browser goes, with the answer and the state."""
        state = {} if self.state is None else {"state": self.state}
        joint = "&" if urlsplit(self.redirect_uri).query else "?"
        return f"{self.redirect_uri}{joint}{urlencode({**answer, **state})}"


def may_lead_to(organization: Organization, redirect_uri: str) -> bool:
    """Whether it is registered; where none was, anything on the endpoint's origin will do."""
    if not redirect_uri.startswith(("http://", "https://")) or "#" in redirect_uri:
        return False
    if organization.redirect_uris:
        return redirect_uri in organization.redirect_uris
    return origin_of(redirect_uri) == origin_of(organization.endpoint)


def by_code(sandbox: Sandbox, organization: Organization) -> JsonObject:
    """Raises Refusal for a code that is used, old, someone else's, or not proved by its verifier."""
    consent = sandbox.world.codes.pop(request.form.get("code", ""), None)
    refusal = Refusal(400, "invalid_grant", "Unknown code or refresh token")
    if consent is None or consent.client_id != organization.client_id:
        raise refusal
    if consent.expires_ms is None or consent.expires_ms <= sandbox.world.clock.now_ms():
        raise refusal
    if consent.redirect_uri != request.form.get("redirect_uri"):
        raise Refusal(400, "invalid_grant", "redirect_uri is not the one of the authorization request")
    if consent.challenge is not None:
        digest = hashlib.sha256(request.form.get("code_verifier", "").encode()).digest()
        if not hmac.compare_digest(base64.urlsafe_b64encode(digest).rstrip(b"=").decode(), consent.challenge):
            raise Refusal(400, "invalid_grant", "code_verifier does not fit the code_challenge")
    refresh = sandbox.world.issue_refresh_token(consent) if consent.offline else None
    token = sandbox.world.issue_token(organization, user_id=consent.user_id, refresh=refresh)
    answer = token_answer(sandbox, token, consent.scope)
    return answer if refresh is None else {**answer, "refresh_token": refresh}


def by_refresh_token(sandbox: Sandbox, organization: Organization) -> JsonObject:
    """The refresh token stays as it is. Raises Refusal."""
    refresh = request.form.get("refresh_token", "")
    consent = sandbox.world.refresh_tokens.get(refresh)
    if consent is None or consent.client_id != organization.client_id:
        raise Refusal(400, "invalid_grant", "Unknown code or refresh token")
    scope = request.form.get("scope", consent.scope)
    if consent.scope != "**" and not set(scope.split()) <= set(consent.scope.split()):
        raise Refusal(400, "invalid_scope", "More than the user agreed to")
    token = sandbox.world.issue_token(organization, user_id=consent.user_id, refresh=refresh)
    return token_answer(sandbox, token, scope)


def token_answer(sandbox: Sandbox, token: str, scope: str) -> JsonObject:
    return {
        "access_token": token,
        "token_type": "Bearer",
        "expires_in": sandbox.world.token_life_s,
        "scope": scope,
    }


def is_scope(scope: str) -> bool:
    return scope == "**" or all(":" in element for element in scope.split(" "))


def authenticate(sandbox: Sandbox) -> Organization:
    """The application whose id and secret stand in the Authorization header. Raises Refusal."""
    credentials = request.authorization
    refusal = Refusal(401, "invalid_client", "Client authentication failed")
    if credentials is None or credentials.type != "basic" or not credentials.username:
        raise refusal
    organization = sandbox.world.organizations.get(credentials.username)
    given = (credentials.password or "").encode()
    if organization is None or not hmac.compare_digest(organization.secret.encode(), given):
        raise refusal
    return organization
