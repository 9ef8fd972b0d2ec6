"""The one endpoint that Space talks to: a few checks, an answer at once, the work behind it."""

from __future__ import annotations

import threading
import time
from typing import Any

import structlog
from flask import Blueprint, Response, current_app, g, jsonify, request
from werkzeug.exceptions import ClientDisconnected

from unfurler.engine.ports import HostTrouble, PersonId, Press
from unfurler.engine.presses import Overloaded
from unfurler.engine.tracing import Span
from unfurler.space.chat import COMMANDS
from unfurler.space.door import Admitted
from unfurler.space.hosts import ServerRefused
from unfurler.space.payloads import (
    ApplicationUninstalledPayload,
    AppPublicationCheckPayload,
    ChangeClientSecretPayload,
    ChangeServerUrlPayload,
    InitPayload,
    ListCommandsPayload,
    MalformedPayload,
    MessageActionPayload,
    MessagePayload,
    NewUnfurlQueueItemsPayload,
    UnfurlActionPayload,
    UnknownPayload,
)
from unfurler.space.verify import Refused
from unfurler.web.problems import problem
from unfurler.web.service import Service, service

blueprint = Blueprint("webhook", __name__)
log = structlog.get_logger(__name__)


class _TooLarge(Exception):
    """The body is larger than a payload may be."""


@blueprint.before_request
def begin() -> None:
    """From here on the answer is waited for."""
    g.began = time.monotonic()


@blueprint.after_request
def count(response: Response) -> Response:
    """How long the answer took; whoever refuses says why, but for what leaves by an error."""
    meters, status = service(current_app).meters, response.status_code
    outcome = "taken" if status < 400 else "unavailable" if status >= 500 else "refused"
    meters.time(meters.webhook, (time.monotonic() - g.began) * 1_000, outcome=outcome)
    if status >= 400 and "refused" not in g:
        meters.count(meters.refusals, reason=f"http-{status}")
    return response


@blueprint.post("/api/space")
def receive() -> Response:
    """Verify, answer, work on. The answer never says what was wrong with a refused message."""
    desk = service(current_app)
    with desk.tracing.span("message") as span:
        answer = _answer(desk, span)
        span.note(status=answer.status_code)
        return answer


def _answer(desk: Service, span: Span) -> Response:
    if request.mimetype != "application/json":
        return _refused(desk, 415, "not-json")
    try:
        body = _read(desk.limits.payload_bytes, desk.limits.payload_read_s)
        admitted = desk.door.admit(_values_of, body)
        span.note(name=type(admitted.payload).__name__)
        answer = Response(status=200) if admitted.repeated else _act(desk, admitted, body)
    except _TooLarge:
        return _refused(desk, 413, "too-large")
    except MalformedPayload as error:
        return _refused(desk, 400, "malformed", str(error))
    except ServerRefused as error:
        return _refused(desk, 400, "server-refused", str(error))
    except Refused as refused:
        return _refused(desk, 401, refused.reason)
    except HostTrouble as trouble:
        return _refused(desk, 503, trouble.reason)
    except Overloaded:
        return _refused(desk, 503, "overloaded")
    except (OSError, ClientDisconnected):
        return _refused(desk, 408, "cut-off")
    desk.meters.count(desk.meters.payloads, name=type(admitted.payload).__name__)
    return answer


def _act(desk: Service, admitted: Admitted, body: bytes) -> Response:
    try:
        answer = _dispatch(desk, admitted, body)
        return Response(status=200) if answer is None else jsonify(answer)
    except Exception:
        desk.door.forget(admitted)
        raise


def _dispatch(desk: Service, admitted: Admitted, body: bytes) -> dict[str, Any] | None:
    """Have it done; what Space waits for, if for anything."""
    payload, organization = admitted.payload, admitted.organization
    match payload:
        case InitPayload():
            desk.installer.install(payload, _values_of, body)
        case AppPublicationCheckPayload() | UnknownPayload():
            log.info("payload.ignored", name=getattr(payload, "name", type(payload).__name__))
        case _ if organization is None:
            raise Refused("unknown-organization")
        case NewUnfurlQueueItemsPayload():
            desk.drains.ask(organization.id)
        case UnfurlActionPayload():
            press = Press(PersonId(payload.user_id), payload.action_id, payload.action_value, payload.link)
            desk.click(organization, press)
        case MessageActionPayload():
            desk.click(organization, Press(PersonId(payload.user_id), payload.action_id, payload.action_value, None))
        case ListCommandsPayload():
            return COMMANDS
        case MessagePayload(message=message):
            said = message.body.text if message.body else ""
            desk.answer(organization, PersonId(payload.user_id), said)
        case ApplicationUninstalledPayload():
            desk.uninstall(organization)
        case ChangeClientSecretPayload():
            desk.installer.change_secret(organization, payload)
        case ChangeServerUrlPayload():
            desk.installer.change_server(organization, payload)
    return None


def _values_of(header: str) -> list[str]:
    """A header's values. A WSGI server joins those of a repeated one by commas, which no single value of ours has."""
    value = request.headers.get(header)
    return [] if value is None else [value]


def _read(max_bytes: int, within_s: float) -> bytes:
    """The raw body, one byte more than allowed at most: Flask cuts a chunked one silently."""
    if (request.content_length or 0) > max_bytes:
        raise _TooLarge
    sender = request.environ.get("gunicorn.socket")
    timer = threading.Timer(within_s, sender.close) if sender is not None else None
    if timer is not None:
        timer.daemon = True
        timer.start()
    try:
        body = b""
        # One read may give less than there is, with some servers.
        while len(body) <= max_bytes and (part := request.stream.read(max_bytes + 1 - len(body))):
            body += part
    finally:
        if timer is not None:
            timer.cancel()
    if len(body) > max_bytes:
        raise _TooLarge
    return body


def _refused(desk: Service, status: int, reason: str, detail: str | None = None) -> Response:
    g.refused = reason
    desk.meters.count(desk.meters.refusals, reason=reason)
    log.info("webhook.refused", status=status, reason=reason)
    return problem(status, detail if status == 400 else None, {"Retry-After": "5"} if status == 503 else None)
