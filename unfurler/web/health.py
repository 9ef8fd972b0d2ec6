"""Whether the process lives, whether it can work, and what it counted."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, jsonify
from prometheus_client import CONTENT_TYPE_LATEST

from unfurler.web.service import service

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """The process is alive."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Can this process do its work? 503 while the database is away or not migrated."""
    trouble = service(current_app).database.trouble()
    checks = {"database": trouble or "ok"}
    return jsonify(status="unavailable" if trouble else "ok", checks=checks), 503 if trouble else 200


@blueprint.get("/metrics")
def metrics() -> Response:
    """Prometheus text format."""
    return Response(service(current_app).meters.page(), content_type=CONTENT_TYPE_LATEST)
