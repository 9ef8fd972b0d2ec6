"""Connections to an API are kept, and used again only where nothing can be repeated or mixed up."""

from __future__ import annotations

import socket

import pytest

from tests.fetch.asking import api, dying, ok
from tests.fetch.internet import ROOM_S, Server, answering, page
from unfurler.fetch import Outbound
from unfurler.sdk.errors import UpstreamDown


@pytest.mark.parametrize("reset", [False, True])
def test_a_read_on_a_dead_connection_is_repeated_once(outbound: Outbound, serve, reset: bool) -> None:
    server = serve(dying(1, reset=reset))
    made = api(outbound, server)
    assert made.get("a").status == made.get("b").status == 200
    assert server.connections == 2 and [one.split(b" ")[1][-1:] for one in server.requests] == [b"a", b"b", b"b"]


def test_a_write_on_a_dead_connection_is_not(outbound: Outbound, serve) -> None:
    server = serve(dying(1))
    made = api(outbound, server)
    made.get("a")
    with pytest.raises(UpstreamDown):
        made.post("b", json={})
    assert len(server.requests) == 2


def test_a_read_whose_answer_has_begun_is_not_repeated(outbound: Outbound, serve) -> None:
    server = serve(dying(1, b"HTTP/1.1 200 OK\r\nContent-"))
    made = api(outbound, server)
    made.get("a")
    with pytest.raises(UpstreamDown):
        made.get("b")
    assert len(server.requests) == 2


def test_a_connection_that_was_closed_meanwhile_is_not_used(outbound: Outbound, serve) -> None:
    def once(sock: socket.socket, server: Server) -> None:
        server.request(sock)
        sock.sendall(ok(1))

    server = serve(once)
    made = api(outbound, server)
    for _ in range(3):
        server.gone.clear()
        made.get("a")
        assert server.gone.wait(ROOM_S)
    assert made.post("a", json=1).status == 200
    assert server.connections == 4 == len(server.requests)


def test_bytes_after_an_answer_do_not_become_the_next_answer(outbound: Outbound, serve) -> None:
    server = serve(answering(ok(1) + ok("smuggled"), ok(2)))
    made = api(outbound, server)
    made.get("a")
    assert made.get("b").json() == 2


@pytest.mark.parametrize("header", ["Connection: close", "Transfer-Encoding: chunked"])
def test_a_connection_of_unclear_state_is_not_kept(outbound: Outbound, serve, header: str) -> None:
    body = b"3\r\n{}\n\r\n0\r\n\r\n" if "chunked" in header else b"{}"
    server = serve(answering(page(body, header)))
    made = api(outbound, server)
    made.get("a")
    made.get("b")
    assert server.connections == 2
