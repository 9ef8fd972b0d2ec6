"""The forge's sign-in: a page, codes and tokens as GitHub has them.

Source: https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from .contract import JsonObject
from .forge import CLIENT_ID, CLIENT_SECRET, CODE_LIFE_S, HOME, Agreement, Forge
from .headers import secure
from .recorded import error_reply
from .sandbox import Sandbox

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def forge_sign_in_blueprint(sandbox: Sandbox) -> Blueprint:
    forge = sandbox.forge
    sign_in = Blueprint("forge-sign-in", __name__, url_prefix=HOME)

    @sign_in.get("/login/oauth/authorize")
    def ask() -> AnyResponse:
        """The page on which somebody signs in and agrees, both at once."""
        fault = fault_of_request()
        if fault is not None:
            return Response(fault, 400, content_type="text/plain; charset=utf-8")
        page = make_response(render_template("forge_sign_in.html", people=people(sandbox), scope=scope()))
        # A browser follows redirects after a form only to where the form may go, and the application may lead on.
        return secure(page, form_action="'self' http: https:")

    @sign_in.post("/login/oauth/authorize")
    def decide() -> AnyResponse:
        origin = request.headers.get("Origin")
        fault = fault_of_request()
        if fault is not None or origin not in (None, request.host_url.rstrip("/")):
            return Response(fault or "Only this page may do this", 400, content_type="text/plain; charset=utf-8")
        login = request.form.get("login", "")
        if login not in people(sandbox):
            return redirect(back(error="access_denied", error_description="The user has denied access"))
        agreement = Agreement(
            login,
            scope(),
            request.args["redirect_uri"],
            request.args.get("code_challenge"),
            time.time() + CODE_LIFE_S,
        )
        return redirect(back(code=forge.issue_code(agreement)))

    @sign_in.post("/login/oauth/access_token")
    def token() -> Response:
        """`{access_token, token_type, scope}`; what is wrong comes with status 200, as GitHub's."""
        return jsonify(exchange(forge))

    @sign_in.delete("/api/v3/applications/<client_id>/token")
    def forget(client_id: str) -> Response:
        """Source: https://docs.github.com/rest/apps/oauth-applications"""
        known = request.authorization
        if known is None or (known.username, known.password) != (CLIENT_ID, CLIENT_SECRET) or client_id != CLIENT_ID:
            return plain(401, "Requires authentication")
        asked = request.get_json(silent=True)
        token = str(asked.get("access_token", "")) if isinstance(asked, dict) else ""
        return Response(status=204) if forge.revoke(token) else plain(422, "Validation Failed")

    return sign_in


def people(sandbox: Sandbox) -> dict[str, str]:
    """Login → name of everybody there is: whoever is in Space has an account here too."""
    with sandbox.world.lock:
        users = [user for each in sandbox.world.organizations.values() for user in each.users.values()]
        return {user.username.replace(".", "-"): user.name for user in users}


def scope() -> str:
    return request.args.get("scope", "")


def fault_of_request() -> str | None:
    """Why nobody may be led back to where the request says."""
    if request.args.get("client_id") != CLIENT_ID:
        return "There is no application with this client_id."
    address = urlsplit(request.args.get("redirect_uri", ""))
    # GitHub lets the port of a loopback address be any; this one also lets the path be.
    if address.scheme != "http" or address.hostname not in LOOPBACK or address.fragment:
        return "The redirect_uri is not associated with this application."
    if "code_challenge" in request.args and request.args.get("code_challenge_method") != "S256":
        return "The code_challenge_method must be S256."
    return None


def back(**answer: str) -> str:
    """Where the browser goes, with the answer and the state."""
    state = {"state": request.args["state"]} if "state" in request.args else {}
    address = request.args["redirect_uri"]
    return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode({**answer, **state})}"


def exchange(forge: Forge) -> JsonObject:
    asked = request.form
    secret = asked.get("client_secret", "")
    if asked.get("client_id") != CLIENT_ID or not hmac.compare_digest(secret.encode(), CLIENT_SECRET.encode()):
        return error("incorrect_client_credentials", "The client_id and/or client_secret passed are incorrect.")
    agreement = forge.take_code(asked.get("code", ""))
    if agreement is None:
        return error("bad_verification_code", "The code passed is incorrect or expired.")
    if asked.get("redirect_uri") != agreement.redirect_uri:
        return error("redirect_uri_mismatch", "The redirect_uri is not the one of the authorization request.")
    if agreement.challenge is not None:
        digest = hashlib.sha256(asked.get("code_verifier", "").encode()).digest()
        if not hmac.compare_digest(base64.urlsafe_b64encode(digest).rstrip(b"=").decode(), agreement.challenge):
            return error("bad_verification_code", "The code_verifier does not fit the code_challenge.")
    token = forge.issue_token(Agreement(agreement.login, agreement.scope))
    return {"access_token": token, "scope": agreement.scope.replace(" ", ","), "token_type": "bearer"}


def error(code: str, description: str) -> JsonObject:
    return {"error": code, "error_description": description}


def plain(status: int, message: str) -> Response:
    reply = error_reply(status, message)
    return Response(reply.body, reply.status, content_type=reply.content_type)
