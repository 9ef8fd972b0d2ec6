"""The HTTP server of the emulated Space."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import click
from flask import Flask, Response
from werkzeug.exceptions import HTTPException
from werkzeug.serving import LISTEN_QUEUE, BaseWSGIServer, WSGIRequestHandler, make_server

from .api import api_blueprint
from .chat import chat_blueprint, drawing_blueprint
from .control import control_blueprint
from .forge_api import forge_api_blueprint
from .forge_pages import forge_pages_blueprint
from .forge_sign_in import forge_sign_in_blueprint
from .gate import problem_of
from .installer import Installer
from .oauth import oauth_blueprint
from .recorded_others import others_blueprint
from .recorded_views import recorded_blueprint
from .sandbox import Sandbox, Settings
from .world import World


class QuietHandler(WSGIRequestHandler):
    """Keeps connections open and writes no access log."""

    protocol_version = "HTTP/1.1"
    # Head and body go out in two writes; with Nagle's algorithm the second waits for the peer's delayed ACK.
    disable_nagle_algorithm = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


def create_app(settings: Settings) -> Flask:
    """A server with an empty world."""
    server_url = settings.server_url or f"http://{settings.host}:{settings.port}"
    sandbox = Sandbox(settings, World(server_url, settings.token_life_s))
    app = Flask(__name__, static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]  # the default provider has it, its protocol does not
    app.extensions["sandbox"] = sandbox
    for blueprint in (
        oauth_blueprint(sandbox),
        api_blueprint(sandbox),
        control_blueprint(sandbox),
        recorded_blueprint(sandbox),
        others_blueprint(),
        forge_sign_in_blueprint(sandbox),
        forge_api_blueprint(sandbox),
        forge_pages_blueprint(sandbox),
        chat_blueprint(sandbox),
        drawing_blueprint(),
    ):
        app.register_blueprint(blueprint)

    @app.errorhandler(HTTPException)
    def refuse(error: HTTPException) -> tuple[Response, int]:
        return problem_of(error)

    return app


def listen(settings: Settings) -> tuple[BaseWSGIServer, Sandbox]:
    """A bound server, not yet serving, and its pieces; port 0 takes a free one."""
    # Bound once and handed on: the application has to know its port, which would be anybody's again in between.
    with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((settings.host, settings.port))
        bound.listen(LISTEN_QUEUE)
        host, port = settings.host, bound.getsockname()[1]
        app = create_app(replace(settings, port=port))
        server = make_server(host, port, app, threaded=True, request_handler=QuietHandler, fd=bound.fileno())
        return server, app.extensions["sandbox"]


def run(settings: Settings, *, endpoint: str | None = None, names: Sequence[str] = ()) -> None:
    """Serves until interrupted; installs the application at `endpoint`, once it answers, in an organization a name."""
    server, sandbox = listen(settings)
    if endpoint is not None:
        live = settings.github == "live"
        Installer(f"http://{settings.host}:{server.port}", endpoint, live=live).install_when_ready(names)
    click.echo(f"Emulated Space with a chat page: {sandbox.world.server_url}")
    with server:
        server.serve_forever()


@dataclass(frozen=True, slots=True)
class Running:
    url: str


@contextmanager
def running(settings: Settings) -> Iterator[Running]:
    """Serves in a thread of this process for as long as the block runs."""
    server, sandbox = listen(settings)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield Running(sandbox.world.server_url)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        sandbox.courier.close()
