"""`/recorded/github/…`: recorded replies with the headers of GitHub's API."""

from __future__ import annotations

import time

from flask import Blueprint, Response, g, request

from .gate import apply_fault, log_entry
from .recorded import Reply, error_reply
from .sandbox import Sandbox

RATE_LIMIT = 5000
LEAST_REMAINING = 1000


def recorded_blueprint(sandbox: Sandbox) -> Blueprint:
    recorded = Blueprint("recorded", __name__, url_prefix="/recorded/github")
    rate = RateLimit()

    @recorded.before_request
    def misbehave() -> Response | None:
        g.body = request.get_data()
        return apply_fault(sandbox, after=False)

    @recorded.after_request
    def remember(response: Response) -> Response:
        with sandbox.world.lock:
            sandbox.world.requests.append(log_entry(response.status_code))
        return response

    @recorded.get("/<path:path>")
    def read(path: str) -> Response:
        reply = sandbox.github.answer(path, request.headers.get("Accept", ""))
        unchanged = reply.etag in request.headers.get("If-None-Match", "")
        return respond(reply, rate, unchanged=unchanged)

    @recorded.route("/<path:path>", methods=["POST", "PUT", "PATCH", "DELETE"])
    def write(path: str) -> Response:
        return respond(error_reply(401, "Requires authentication"), rate, unchanged=False)

    return recorded


class RateLimit:
    """Counts what was asked; a demo never runs dry."""

    def __init__(self) -> None:
        self.used = 0

    def headers(self) -> dict[str, str]:
        used = min(self.used, RATE_LIMIT - LEAST_REMAINING)
        return {
            "X-RateLimit-Limit": str(RATE_LIMIT),
            "X-RateLimit-Remaining": str(RATE_LIMIT - used),
            "X-RateLimit-Reset": str(int(time.time()) // 3600 * 3600 + 3600),
            "X-RateLimit-Used": str(used),
            "X-RateLimit-Resource": "core",
        }


def respond(reply: Reply, rate: RateLimit, *, unchanged: bool) -> Response:
    """304 without a body, and free of charge, where the caller holds these bytes already."""
    if unchanged:
        response = Response(b"", 304)
    else:
        rate.used += 1
        response = Response(reply.body, reply.status, content_type=reply.content_type)
    if reply.status == 200:
        response.headers["ETag"] = reply.etag
        response.headers["Cache-Control"] = "public, max-age=60, s-maxage=60"
        response.headers["Vary"] = "Accept,Accept-Encoding, Accept, X-Requested-With"
    response.headers["X-GitHub-Media-Type"] = "github.v3; format=json"
    response.headers["X-GitHub-Api-Version-Selected"] = "2022-11-28"
    response.headers.extend(rate.headers())
    return response
