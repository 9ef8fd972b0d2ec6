"""The one endpoint that Space talks to: a few checks, an answer at once, the work behind it.

What is taken is answered here, in front of Flask, which would cost as much again as all the checks; whatever has
something to say, Space's lists and every refusal, is said by Flask's view (docs/decisions/0021).
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

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
from unfurler.space.verify import HeaderValues, Refused
from unfurler.web.body import Bodies, TooLarge
from unfurler.web.problems import problem
from unfurler.web.service import Service, service

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATH = "/api/space"
_BEGAN, _SPAN, _SAYS = "unfurler.began", "unfurler.span", "unfurler.says"
blueprint = Blueprint("webhook", __name__)
log = structlog.get_logger(__name__)


class _NotJson(Exception):
    """The body calls itself something else."""


class Webhook:
    """Takes the messages of Space; other requests, and answers that hold something, are the matter of `pages`."""

    def __init__(self, desk: Service, pages: WSGIApplication) -> None:
        self._desk = desk
        self._pages = pages
        self._bodies = Bodies(desk.limits.payload_bytes, desk.limits.payload_read_s)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Verify, answer, work on."""
        # As Flask itself reads an address, which has nothing against more slashes at its beginning.
        if environ["PATH_INFO"].lstrip("/") != PATH[1:] or environ["REQUEST_METHOD"] != "POST":
            return self._pages(environ, start_response)
        began = environ[_BEGAN] = time.monotonic()
        with self._desk.tracing.span("message") as span:
            try:
                says: dict[str, Any] | Exception | None = self._take(environ, span)
            except Exception as fault:
                says = fault
            if says is None:
                span.note(status=200)
            else:
                environ.update({_SPAN: span, _SAYS: says})
                # An error knows this frame, which must not know the error: together they would outlive the request.
                del says
                return self._pages(environ, start_response)
        self._desk.meters.time(self._desk.meters.webhook, (time.monotonic() - began) * 1_000, outcome="taken")
        start_response("200 OK", [("Content-Length", "0")])
        return ()

    def _take(self, environ: WSGIEnvironment, span: Span) -> dict[str, Any] | None:
        if environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower() != "application/json":
            raise _NotJson
        body, values_of = self._bodies.read(environ), _values_in(environ)
        admitted = self._desk.door.admit(values_of, body)
        name = type(admitted.payload).__name__
        span.note(name=name)
        answer = None
        if not admitted.repeated:
            try:
                answer = _dispatch(self._desk, admitted, values_of, body)
            except Exception:
                self._desk.door.forget(admitted)
                raise
        self._desk.meters.count(self._desk.meters.payloads, name=name)
        return answer


@blueprint.route(PATH, methods=["POST"], provide_automatic_options=False)
def say() -> Response:
    """What was asked for, or that a message was not taken; never what was wrong with one that Space did not send."""
    desk = service(current_app)
    try:
        if isinstance(request.environ[_SAYS], Exception):
            raise request.environ.pop(_SAYS)
        return jsonify(request.environ[_SAYS])
    except _NotJson:
        return _refused(desk, 415, "not-json")
    except TooLarge:
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


@blueprint.after_request
def count(response: Response) -> Response:
    """How long the answer took; whoever refuses says why, but for what leaves by an error."""
    meters, status = service(current_app).meters, response.status_code
    outcome = "taken" if status < 400 else "unavailable" if status >= 500 else "refused"
    meters.time(meters.webhook, (time.monotonic() - request.environ[_BEGAN]) * 1_000, outcome=outcome)
    if status >= 400 and "refused" not in g:
        meters.count(meters.refusals, reason=f"http-{status}")
    request.environ[_SPAN].note(status=status)
    return response


def _dispatch(desk: Service, admitted: Admitted, values_of: HeaderValues, body: bytes) -> dict[str, Any] | None:
    """Have it done; what Space waits for, if for anything."""
    payload, organization = admitted.payload, admitted.organization
    match payload:
        case InitPayload():
            desk.installer.install(payload, values_of, body)
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


def _values_in(environ: WSGIEnvironment) -> HeaderValues:
    """A header's values. A WSGI server joins those of a repeated one by commas, which no single value of ours has."""

    def values_of(header: str) -> list[str]:
        value = environ.get("HTTP_" + header.upper().replace("-", "_"))
        return [] if value is None else [value]

    return values_of


def _refused(desk: Service, status: int, reason: str, detail: str | None = None) -> Response:
    g.refused = reason
    desk.meters.count(desk.meters.refusals, reason=reason)
    log.info("webhook.refused", status=status, reason=reason)
    return problem(status, detail if status == 400 else None, {"Retry-After": "5"} if status == 503 else None)
