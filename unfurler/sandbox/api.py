"""`/api/http/…`: what the application calls."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from flask import Blueprint, Response, g, jsonify, request

from . import api_chat, api_self, api_unfurls
from .api_call import Call, Endpoint
from .contract import JsonObject
from .fields import parse_fields, shape
from .gate import guard
from .organization import RIGHT_NAMES, Organization
from .refusal import Refusal, denied, invalid
from .sandbox import Sandbox
from .world import Grant

View: TypeAlias = Callable[..., Response]


def api_blueprint(sandbox: Sandbox) -> Blueprint:
    api = Blueprint("api", __name__, url_prefix="/api/http")
    guard(api, sandbox)
    for endpoint in [*api_unfurls.ENDPOINTS, *api_self.ENDPOINTS, *api_chat.ENDPOINTS]:
        api.add_url_rule(
            "/" + endpoint.rule,
            endpoint=f"{endpoint.method} {endpoint.rule}".replace(".", "_"),
            view_func=view_of(endpoint, sandbox),
            methods=[endpoint.method],
        )

    @api.route("/<path:path>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    def unknown(path: str) -> Response:
        with sandbox.world.lock:
            sandbox.world.remember_violation(
                g.client_id, request.method, request.path, None, "$", "no such endpoint in PROTOCOL 4.3"
            )
        raise Refusal(404, "not-found", f"No endpoint {request.method} {path}")

    return api


def view_of(endpoint: Endpoint, sandbox: Sandbox) -> View:
    def view(**arguments: str) -> Response:
        authenticate(sandbox)  # before the body is looked at, as a server does
        document = Document(sandbox, endpoint).checked() if endpoint.body is not None else {}
        with sandbox.world.lock:
            organization, grant = authenticate(sandbox)
            if grant.user_id is not None and not endpoint.for_users:
                raise denied("Only the application itself may do this")
            if endpoint.right is not None and not organization.has_right(endpoint.right):
                raise denied(RIGHT_NAMES.get(endpoint.right, endpoint.right))
            call = Call(sandbox, organization, grant, document, dict(request.args.items()), arguments)
            return as_response(endpoint.handle(call))

    return view


def authenticate(sandbox: Sandbox) -> tuple[Organization, Grant]:
    """Whose bearer token came with the request. Raises Refusal (401)."""
    credentials = request.authorization
    if credentials is None or credentials.type != "bearer" or not credentials.token:
        raise Refusal(401, "authentication-required", "Authentication required")
    with sandbox.world.lock:
        return sandbox.world.check_token(credentials.token)


@dataclass(frozen=True, slots=True)
class Document:
    """The body of the request at hand."""

    sandbox: Sandbox
    endpoint: Endpoint

    def checked(self) -> JsonObject:
        """The parsed body, which fits the endpoint's definition; what does not is remembered. Raises Refusal (400)."""
        definition = self.endpoint.body or ""
        if request.mimetype != "application/json":
            raise self._fault("$", f"Content-Type is {request.mimetype or 'missing'}, not application/json")
        try:
            document = json.loads(g.body, parse_constant=refuse_constant)
        except ValueError:
            raise self._fault("$", "not JSON") from None
        faults = self.sandbox.contract.faults(definition, document)
        if faults:
            for fault in faults[1:]:
                self._fault(fault.path, fault.message)
            raise self._fault(faults[0].path, faults[0].message)
        g.document = document
        checked: JsonObject = document
        return checked

    def _fault(self, path: str, message: str) -> Refusal:
        g.violations = [*getattr(g, "violations", []), {"jsonPath": path, "message": message}]
        with self.sandbox.world.lock:
            self.sandbox.world.remember_violation(
                g.client_id, request.method, request.path, self.endpoint.body, path, message
            )
        return invalid(f"{path}: {message}"[:2000])


def refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def as_response(answer: Any) -> Response:
    """An empty body for None (methods without a return type); otherwise what `$fields` asks for, all by default."""
    if answer is None:
        return Response(b"", 200)
    if isinstance(answer, dict | list):
        answer = shape(answer, parse_fields(request.args.get("$fields", "*")))
    return jsonify(answer)
