"""The chat page: a shell that one script fills from the control endpoints."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template

from .sandbox import Sandbox

POLICY = (
    "default-src 'self'; img-src 'self' https: http: data:; style-src 'self'; script-src 'self'; "
    "frame-src http: https:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
LIVE_SAMPLES = (
    "https://github.com/pallets/flask",
    "https://github.com/pallets/flask/releases/tag/3.0.0",
    "https://github.com/pallets/flask/blob/3.0.0/src/flask/app.py#L1-L10",
    "https://github.com/torvalds/linux/commit/1da177e4c3f41524e886b7f1b8a0c1fc7321cac2",
)


def chat_blueprint(sandbox: Sandbox) -> Blueprint:
    chat = Blueprint("chat", __name__, template_folder="templates", static_folder="static")

    @chat.get("/")
    def page() -> Response:
        recorded = sandbox.settings.github == "recorded"
        samples = [*sandbox.settings.samples, *(sandbox.github.listing()["links"] if recorded else LIVE_SAMPLES)]
        response = make_response(render_template("chat.html", samples=samples, github=sandbox.settings.github))
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    return chat
