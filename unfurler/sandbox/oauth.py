"""`/oauth/token`: the client credentials flow."""

from __future__ import annotations

import hmac

from flask import Blueprint, Response, jsonify, request

from .gate import guard
from .organization import Organization
from .refusal import Refusal
from .sandbox import Sandbox


def oauth_blueprint(sandbox: Sandbox) -> Blueprint:
    oauth = Blueprint("oauth", __name__)
    guard(oauth, sandbox)

    @oauth.post("/oauth/token")
    def token() -> Response:
        """`{access_token, token_type, expires_in, scope}`; errors as RFC 6749 words them."""
        with sandbox.world.lock:
            organization = authenticate(sandbox)
            if request.mimetype != "application/x-www-form-urlencoded":
                raise Refusal(400, "invalid_request", "The body must be application/x-www-form-urlencoded")
            grant_type = request.form.get("grant_type")
            if not grant_type:
                raise Refusal(400, "invalid_request", "grant_type is missing")
            if grant_type in ("authorization_code", "refresh_token"):
                raise Refusal(400, "invalid_grant", "Unknown code or refresh token")
            if grant_type != "client_credentials":
                raise Refusal(400, "unsupported_grant_type", f"Unsupported grant type {grant_type}")
            scope = request.form.get("scope", "")
            if scope != "**" and not all(":" in element for element in scope.split(" ")):
                raise Refusal(400, "invalid_scope", "Write ** or elements such as global:Profile.View")
            return jsonify(
                {
                    "access_token": sandbox.world.issue_token(organization),
                    "token_type": "Bearer",
                    "expires_in": sandbox.world.token_life_s,
                    "scope": scope,
                }
            )

    return oauth


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
