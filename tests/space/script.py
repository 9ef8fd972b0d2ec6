"""A server that answers calls of Space's API as it is told, and what reaches it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pydantic import SecretStr

from unfurler.engine.ports import PersonId
from unfurler.fetch import Allow, Guard, Outbound
from unfurler.limits import Limits
from unfurler.space.tokens import ClientCredentials

SECRET = "s3cret-canary"
TOKEN = "token-canary"
ANN = PersonId("2BgVYn24Jx6u")
CREDENTIALS = ClientCredentials("client-1", SecretStr(SECRET))
TEXT = {"className": "ApplicationUnfurlContent.Message", "style": "PRIMARY", "sections": []}


def way_out() -> Outbound:
    """The guarded way out, to this machine alone."""
    return Outbound(Limits(), Guard.make(Allow.parse("127.0.0.1")), user_agent="tests")


@dataclass
class Seen:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Answer = tuple[int, Mapping[str, str], bytes]


@dataclass
class Script:
    """A server that answers calls of the API one after the other as told, and then with an empty 200."""

    url: str = ""
    answers: list[Answer | None] = field(default_factory=list)
    token_answers: list[Answer] = field(default_factory=list)
    life_s: float = 600
    seen: list[Seen] = field(default_factory=list)
    tokens: int = 0
    hold_s: float = 0.0
    # Calls of the API are answered when so many have come.
    together: threading.Barrier | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)
    running: int = 0
    most: int = 0

    def answer(self, status: int, body: Any = None, **headers: str) -> None:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.answers.append((status, {name.replace("_", "-"): value for name, value in headers.items()}, raw))

    def drop(self) -> None:
        self.answers.append(None)

    def calls(self) -> list[Seen]:
        return [seen for seen in self.seen if seen.path != "/oauth/token"]

    def reply_to(self, seen: Seen) -> Answer | None:
        with self.lock:
            self.seen.append(seen)
            if seen.path != "/oauth/token":
                return self.answers.pop(0) if self.answers else (200, {}, b"")
            if self.token_answers:
                return self.token_answers.pop(0)
            self.tokens += 1
            body = {"access_token": f"{TOKEN}-{self.tokens}", "expires_in": self.life_s, "token_type": "Bearer"}
            return 200, {}, json.dumps(body).encode()


@contextmanager
def scripted() -> Iterator[Script]:
    """A server of a script of its own."""
    script = Script()

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            with script.lock:
                script.running += 1
                script.most = max(script.most, script.running)
            try:
                parts = urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                headers = {name.lower(): value for name, value in self.headers.items()}
                answer = script.reply_to(Seen(self.command, parts.path, query, headers, body))
                if script.together is not None and parts.path != "/oauth/token":
                    script.together.wait(60)
                time.sleep(script.hold_s)
            finally:
                with script.lock:
                    script.running -= 1
            if answer is None:
                self.close_connection = True
                self.connection.close()
                return
            self.send_response(answer[0])
            for name, value in answer[1].items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer[2])))
            self.end_headers()
            self.wfile.write(answer[2])

        do_GET = do_POST = do_PATCH = handle_any

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listener:
        script.url = f"http://127.0.0.1:{listener.server_address[1]}"
        threading.Thread(target=listener.serve_forever, args=(0.005,), daemon=True).start()
        yield script
        listener.shutdown()


@dataclass
class Clock:
    """Time that only sleeping moves."""

    now_s: float = 1_000.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now_s += seconds
