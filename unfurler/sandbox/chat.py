"""The pages of this server: shells that scripts fill from the control endpoints."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from flask import Blueprint, Response, make_response, render_template, request

from .forge import ISSUE, PRIVATE_ISSUE, forge_url
from .headers import secure
from .recorded_others import LINKS, PAGE
from .sandbox import Sandbox

LIVE_SAMPLES = (
    "https://github.com/pallets/flask",
    "https://github.com/pallets/flask/releases/tag/3.0.0",
    "https://github.com/pallets/flask/blob/3.0.0/src/flask/app.py#L1-L10",
    "https://github.com/torvalds/linux/commit/1da177e4c3f41524e886b7f1b8a0c1fc7321cac2",
)
# How cards look is kept once, for every page that draws them; only files, nothing to import.
DRAWING = Path(__file__).parent.parent / "drawing"
SILENCE_S = 10.0
GATHER_S = 0.05


def chat_blueprint(sandbox: Sandbox) -> Blueprint:
    chat = Blueprint("chat", __name__, template_folder="templates", static_folder="static")

    @chat.get("/")
    def page() -> Response:
        recorded = sandbox.settings.github == "recorded"
        server = sandbox.world.server_url
        first, *others = sandbox.github.listing()["links"]
        there = [first, *LINKS, server + PAGE, *others] if recorded else LIVE_SAMPLES
        forge = [f"{forge_url(server)}/{path}" for path in (ISSUE, PRIVATE_ISSUE)]
        samples = [*sandbox.settings.samples, *forge, *there]
        return secure(make_response(render_template("chat.html", samples=samples, github=sandbox.settings.github)))

    @chat.get("/extensions/installedApplications/new")
    def install() -> Response:
        """The page that an install link leads to (PROTOCOL 8.2)."""
        asked = request.args
        flags = {
            "code-flow-enabled": "People may sign in with their Space account",
            "pkce-required": "PKCE is required",
            "has-signing-key": "Requests are signed with a shared key",
            "has-public-key-signature": "Requests are signed with Space's public key",
            "client-credentials-flow-enabled": "The application may act on its own behalf",
        }
        return secure(
            make_response(
                render_template(
                    "install.html",
                    name=asked.get("name", "An application"),
                    endpoint=asked.get("endpoint", ""),
                    state=asked.get("state"),
                    code_flow=asked.get("code-flow-enabled") == "true",
                    redirect_uris=[uri for uri in asked.get("code-flow-redirect-uris", "").splitlines() if uri],
                    facts=[words for name, words in flags.items() if asked.get(name) == "true"],
                )
            )
        )

    @chat.get("/sandbox/changes")
    def changes() -> Response:
        """Server-sent events: one, a number, whenever anything happened; at least one every ten seconds."""
        response = Response(stream(sandbox), content_type="text/event-stream")
        response.headers["Cache-Control"] = "no-store"
        return response

    return chat


def drawing_blueprint() -> Blueprint:
    return Blueprint("drawing", __name__, static_folder=DRAWING, static_url_path="/drawing")


def stream(sandbox: Sandbox) -> Iterator[str]:
    seen = sandbox.world.changes.count
    yield f"data: {seen}\n\n"
    while True:
        seen = sandbox.world.changes.wait_beyond(seen, SILENCE_S)
        # What happens together is told together.
        time.sleep(GATHER_S)
        seen = sandbox.world.changes.count
        yield f"data: {seen}\n\n"
