"""What the tests of the way out stand on: raw servers on loopback, a made-up internet with a recorded dialler."""

from __future__ import annotations

import gzip
import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from unfurler.limits import Limits

PUBLIC = "93.184.216.34"
OTHER_PUBLIC = "1.1.1.1"
AGENT = "Unfurler/test (+https://unfurl.example)"
SMALL = Limits(page_bytes=65_536, file_head_bytes=4_096, api_bytes=65_536)
# For what is to run into a limit of time, and for nothing else: a busy machine runs into it as well.
HURRIED = replace(
    SMALL,
    dns_s=0.2,
    connect_s=0.2,
    read_gap_s=0.25,
    page_fetch_s=0.5,
    api_connect_s=0.2,
    api_read_s=0.25,
    api_call_s=0.5,
    space_call_s=0.5,
)
# What a busy machine may add to a limit of time. Sites of these tests that hang do so for ten seconds, or for ever.
ROOM_S = 5.0


def page(
    body: bytes = b"<title>hello</title>", *headers: str, status: str = "200 OK", kind: str | None = "text/html"
) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    if kind is not None:
        lines.append(f"Content-Type: {kind}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def packed(data: bytes, level: int = 9) -> bytes:
    """Gzip without the time of packing: names of tests are made of it."""
    return gzip.compress(data, level, mtime=0)


def redirect(location: str, status: str = "302 Found", body: bytes = b"") -> bytes:
    return page(body, f"Location: {location}", status=status, kind=None)


def read_request(sock: socket.socket) -> bytes:
    """Head and body of one request; empty where the client is gone."""
    got = b""
    while b"\r\n\r\n" not in got:
        more = sock.recv(65_536)
        if not more:
            return b""
        got += more
    head, _, body = got.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
    while len(body) < length:
        body += sock.recv(65_536)
    return head + b"\r\n\r\n" + body


Handle = Callable[[socket.socket, "Server"], None]


class Server:
    """A raw socket that does with each connection what it is told to."""

    def __init__(self, handle: Callable[[socket.socket, Server], None]) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self.gone = threading.Event()
        self._handle = handle
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._open: list[socket.socket] = []
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def request(self, sock: socket.socket) -> bytes:
        got = read_request(sock)
        if got:
            self.requests.append(got)
        return got

    def close(self) -> None:
        # Closed alone, it would take one connection more: `accept` holds it open.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for sock in self._open:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections += 1
            self._open.append(sock)
            threading.Thread(target=self._run, args=(sock,), daemon=True).start()

    def _run(self, sock: socket.socket) -> None:
        with suppress(OSError, ValueError):
            sock.settimeout(10)
            self._handle(sock, self)
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
        sock.close()
        self.gone.set()


def answering(*answers: bytes | Callable[[bytes], bytes]) -> Handle:
    """Each request of a connection gets the next answer, the last one again and again."""
    turn = iter(range(10**9))

    def handle(sock: socket.socket, server: Server) -> None:
        while request := server.request(sock):
            answer = answers[min(next(turn), len(answers) - 1)]
            sock.sendall(answer if isinstance(answer, bytes) else answer(request))

    return handle


def sending(*pieces: bytes, pause_s: float = 0.0, again: bool = False, then: str = "close") -> Handle:
    """After the request: these pieces, with pauses; `again` without end; then close, or hold the line."""

    def handle(sock: socket.socket, server: Server) -> None:
        server.request(sock)
        waiting = threading.Event()
        sent = 0
        for piece in pieces:
            sock.sendall(piece)
            waiting.wait(pause_s)
        while again and sent < 256 * 1_048_576:
            sock.sendall(pieces[-1])
            sent += len(pieces[-1])
            if pause_s:
                waiting.wait(pause_s)
        if then == "hold":
            sock.recv(1)

    return handle


@dataclass
class Net:
    """A made-up internet: names with their addresses, and where a dial really goes."""

    names: dict[str, list[str]] = field(default_factory=dict)
    ports: dict[tuple[str, int] | str, int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    dialled: list[tuple[str, int]] = field(default_factory=list)

    def resolve(self, host: str, _port: int) -> Sequence[str]:
        self.asked.append(host)
        found = self.names.get(host)
        if found is None:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return found

    def dial(self, address: object, port: int, timeout_s: float) -> socket.socket:
        self.dialled.append((str(address), port))
        real = self.ports.get((str(address), port), self.ports.get(str(address)))
        if real is None:
            raise ConnectionRefusedError
        sock = socket.create_connection(("127.0.0.1", real), timeout_s)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock


class Clock:
    """A wall clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Cache:
    """A memory without bounds, which tells what was put."""

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}
        self.lifetimes: list[float] = []

    def get(self, key: str) -> bytes | None:
        return self.held.get(key)

    def put(self, key: str, value: bytes, lifetime_s: float) -> None:
        self.held[key] = value
        self.lifetimes.append(lifetime_s)
