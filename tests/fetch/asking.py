"""An API behind a raw server: what it answers, and how it is asked."""

from __future__ import annotations

import json
import socket
import struct

from tests.fetch.internet import Server, page
from unfurler.fetch import Outbound, Site
from unfurler.fetch.api import SiteApi


def ok(body: object = None, *headers: str, status: str = "200 OK") -> bytes:
    return page(json.dumps(body).encode(), *headers, status=status, kind="application/json")


def api(
    outbound: Outbound,
    server: Server,
    base: str = "/api/v4/",
    authorization: str | None = "Bearer canary",
    viewer: str = "v",
) -> SiteApi:
    return outbound.api(
        Site(server.url, server.url + base, outbound.guard, viewer, authorization=authorization, language="de")
    )


def dying(server_side_answers: int, last: bytes = b"", *, reset: bool = False):
    """Answers so often, and closes when it hears the next request of the first connection."""
    state = {"first": True}

    def handle(sock: socket.socket, server: Server) -> None:
        first, state["first"] = state["first"], False
        for _ in range(server_side_answers if first else 9):
            if not server.request(sock):
                return
            sock.sendall(ok(1))
        if server.request(sock):
            sock.sendall(last)
        if reset:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return handle
