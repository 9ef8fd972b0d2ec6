"""Other people's sites: one loopback server that answers what a test tells it to, and keeps what it was asked."""

from __future__ import annotations

import json
import sys
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class _Server(ThreadingHTTPServer):
    def handle_error(self, request, address):
        # Who asked may be dead.
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, address)


@dataclass
class Told:
    """An answer: which status, headers and body; how late, and not before what was waited for."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    until: threading.Event | None = None


@dataclass
class Asked:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Site:
    """A site at `url`; whatever was not told is 404."""

    def __init__(self) -> None:
        self.told: dict[tuple[str, str], Told] = {}
        self.asked: list[Asked] = []
        self.at_once = 0
        self.most_at_once = 0
        self._lock = threading.Lock()
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def log_message(self, *args: object) -> None:
                pass

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                told = site._note(Asked(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body))
                time.sleep(told.delay_s)
                if told.until is not None:
                    told.until.wait(60)
                with site._lock:
                    site.at_once -= 1
                etag = told.headers.get("ETag")
                fresh = etag is not None and self.headers.get("If-None-Match") == etag
                self.send_response(304 if fresh else told.status)
                for name, value in told.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0" if fresh else str(len(told.body)))
                self.end_headers()
                if not fresh:
                    self.wfile.write(told.body)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = answer

        self._server = _Server(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def answers(
        self, path, body=b"", *, json_body=None, method="GET", status=200, headers=None, delay_s=0.0, until=None
    ):
        """From now on; each time after `delay_s`, and once `until` is set."""
        kind = "application/json" if json_body is not None else "text/html; charset=utf-8"
        content = json.dumps(json_body).encode() if json_body is not None else body
        content = content.encode() if isinstance(content, str) else content
        self.told[(method, path)] = Told(status, content, {"Content-Type": kind, **(headers or {})}, delay_s, until)

    def calls(self, path: str, method: str = "GET") -> int:
        """How often that was asked."""
        return sum(1 for asked in self.asked if (asked.method, asked.path) == (method, path))

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _note(self, asked: Asked) -> Told:
        with self._lock:
            self.asked.append(asked)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        return self.told.get((asked.method, asked.path)) or self.told.get((asked.method, "*")) or Told(404)


def issue(number: int, title: str = "Crash on start", state: str = "open", **more: object) -> dict[str, object]:
    """An issue as GitHub's REST API gives it, in what matters here."""
    return {
        "number": number,
        "title": title,
        "state": state,
        "state_reason": None if state == "open" else "completed",
        "html_url": f"https://github.com/o/r/issues/{number}",
        "user": {"login": "octocat"},
        "labels": [],
        "assignees": [],
        "comments": 0,
        "created_at": "2026-01-02T03:04:05Z",
        "updated_at": "2026-01-03T03:04:05Z",
        "closed_at": None,
        "body": "It crashes.",
    } | more
