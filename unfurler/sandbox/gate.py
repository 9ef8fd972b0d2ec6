"""What happens to every request of the application before and after its endpoint: faults, log, error form."""

from __future__ import annotations

import json
import socket
import time
from typing import Any

from flask import Blueprint, Response, g, jsonify, request
from werkzeug.exceptions import HTTPException

from .clock import real_ms
from .contract import JsonObject
from .refusal import Refusal, code_for
from .sandbox import Sandbox
from .world import Fault

MAX_BODY_BYTES = 4 * 1024 * 1024


def guard(blueprint: Blueprint, sandbox: Sandbox) -> None:
    """Makes the blueprint obey faults, log its requests and answer refusals in Space's form (PROTOCOL 4.2)."""

    @blueprint.before_request
    def misbehave() -> Response | None:
        g.body, g.client_id = b"", None  # where it does not come whole
        g.body = request.get_data()  # a body that nobody reads would be taken for the next request
        if len(g.body) > MAX_BODY_BYTES:
            raise Refusal(413, "payload-too-large", "The request body is too large")
        return apply_fault(sandbox, after=False)

    @blueprint.after_request
    def finish(response: Response) -> Response:
        if not getattr(g, "fault_applied", False):
            response = apply_fault(sandbox, after=True) or response
        with sandbox.world.lock:
            sandbox.world.requests.append(log_entry(response.status_code))
        if request.method != "GET":
            sandbox.world.changes.note()
        return response

    @blueprint.errorhandler(Refusal)
    def refuse(refusal: Refusal) -> tuple[Response, int]:
        return error_body(refusal.code, refusal.description), refusal.status


def caller_id(sandbox: Sandbox) -> str | None:
    """The clientId a request says it comes from, proven or not."""
    credentials = request.authorization
    if credentials is None:
        return None
    if credentials.type == "basic":
        return credentials.username
    with sandbox.world.lock:
        grant = sandbox.world.grants.get(credentials.token or "")
    return None if grant is None else grant.client_id


def apply_fault(sandbox: Sandbox, *, after: bool) -> Response | None:
    g.client_id = caller_id(sandbox) or getattr(g, "client_id", None)
    with sandbox.world.lock:
        fault = sandbox.world.take_fault(request.method, request.path, g.client_id, after=after)
    if fault is None:
        return None
    g.fault_applied = True
    if fault.delay_s:
        time.sleep(fault.delay_s)
    if fault.drop:
        drop_connection()
    return faulty_response(fault)


def faulty_response(fault: Fault) -> Response | None:
    """None where the fault was only a delay."""
    if fault.status is None and not fault.drop:
        return None
    status = fault.status or 500
    if fault.body is not None:
        response = Response(fault.body, status, content_type="application/json")
    else:
        response = error_body(fault.error or code_for(status), fault.description or "Made to fail by the sandbox")
        response.status_code = status
    response.headers.extend(fault.headers)
    return response


def drop_connection() -> None:
    """Closes the connection without an answer, where the server shows its socket (werkzeug's does)."""
    connection = request.environ.get("werkzeug.socket")
    if isinstance(connection, socket.socket):
        connection.shutdown(socket.SHUT_RDWR)


def error_body(code: str, description: str) -> Response:
    return jsonify({"error": code, "error_description": description})


def log_entry(status: int) -> JsonObject:
    body: bytes = g.body
    return {
        "at_ms": real_ms(),
        "clientId": g.client_id,
        "method": request.method,
        "path": request.path,
        "query": request.args.to_dict(),
        "body": getattr(g, "document", None) or readable(body),
        "status": status,
        "faults": getattr(g, "violations", []),
    }


def readable(body: bytes) -> Any:
    """Parsed where it is JSON, text otherwise, None where it is empty."""
    if not body:
        return None
    text = body.decode(errors="replace")
    try:
        return json.loads(text)
    except ValueError:
        return text


def problem_of(error: HTTPException) -> tuple[Response, int]:
    """Werkzeug's own refusals (no such address, wrong method) in Space's form."""
    status = error.code or 500
    return error_body(code_for(status), error.description or error.name), status
