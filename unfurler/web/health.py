"""Whether the process lives, whether it can work, and what it counted."""

from __future__ import annotations

import time

from flask import Blueprint, Response, current_app, jsonify
from prometheus_client import CONTENT_TYPE_LATEST

from unfurler.web.checks import answered
from unfurler.web.service import service

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """The process is alive."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Can this process do its work? 503 without what it needs, "degraded" without what only makes it faster."""
    report = service(current_app).checks.report()
    checks = {name: trouble or "ok" for name, trouble in report.troubles.items()}
    return jsonify(status=report.status, checks=checks), 503 if report.status == "unavailable" else 200


@blueprint.get("/metrics")
def metrics() -> Response:
    """Prometheus text format."""
    desk = service(current_app)
    backlog = desk.backlog.asked()
    report = desk.checks.report()
    desk.meters.look(report.troubles, answered(backlog), desk.circuits(), time.time())
    return Response(desk.meters.page(), content_type=CONTENT_TYPE_LATEST)
