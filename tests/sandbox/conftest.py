"""A sandbox in a thread of its own, and an application that talks to it over HTTP."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests

from tests.sandbox.application import Application, Endpoint, install
from unfurler.sandbox.sandbox import Settings
from unfurler.sandbox.server import running


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    with running(Settings(port=0)) as server:
        yield server.url


@pytest.fixture
def server(server_url: str) -> str:
    """An emulated Space with an empty world."""
    requests.post(f"{server_url}/sandbox/reset", timeout=60)
    return server_url


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    here = Endpoint()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            # Before the answer: whoever gets it may look at once.
            with here.arrived:
                here.received.append((dict(self.headers.items()), body))
                here.arrived.notify_all()
            answer = here.answer_to(body)
            self.send_response(here.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listener:
        here.url = f"http://127.0.0.1:{listener.server_address[1]}/api/space"
        threading.Thread(target=listener.serve_forever, args=(0.01,), daemon=True).start()
        yield here
        listener.shutdown()


@pytest.fixture
def application(server: str, endpoint: Endpoint) -> Application:
    """Installed, signed in, with the right granted and tracker.example registered."""
    return install(server, endpoint).set_up("tracker.example")


@pytest.fixture
def card() -> dict[str, Any]:
    press = {"className": "PostMessageAction", "actionId": "refresh", "payload": "record-1"}
    button = {"className": "MessageButton", "text": "Refresh", "style": "REGULAR", "action": press}
    elements = [
        {"className": "MessageText", "content": "Crash on start"},
        {"className": "MessageControlGroup", "elements": [button]},
    ]
    sections = [{"className": "MessageSection", "elements": elements}]
    return {"className": "ApplicationUnfurlContent.Message", "style": "PRIMARY", "sections": sections}
