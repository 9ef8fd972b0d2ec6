"""A system that asks for patience is given it, and is asked by four at once at most."""

from __future__ import annotations

import socket
import threading
import time
from datetime import timedelta

import pytest

from tests.fetch.asking import api, ok
from tests.fetch.internet import AGENT, ROOM_S, SMALL, Clock, Server, answering, page
from unfurler.fetch import Allow, Guard, Outbound
from unfurler.fetch.api import SiteApi
from unfurler.sdk.errors import AccessDenied, RateLimited


def assert_patience(made: SiteApi, server: Server, clock: Clock, seconds: float) -> None:
    """The first call meets the limit, the next ones do not go out, and afterwards they do."""
    asked = len(server.requests)
    for _ in range(3):
        with pytest.raises(RateLimited) as caught:
            made.get("a")
        assert caught.value.retry_at == clock.now + timedelta(seconds=seconds) and caught.value.retry
        assert f"{caught.value.retry_at:%H:%M}" in str(caught.value)
    assert len(server.requests) == asked + 1
    clock.forward(seconds)
    assert made.get("a").status == 200


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (page(b"", "Retry-After: 30", status="429 T"), 30),
        (page(b"", "Retry-After: 30", status="403 F"), 30),
        (page(b"", "Retry-After: 30", status="503 U"), 30),
        (page(b"", status="429 T"), 60),
        (page(b'{"message":"You have exceeded a secondary rate limit"}', status="403 F"), 60),
        (
            page(
                b'{"message":"API rate limit exceeded"}',
                "X-RateLimit-Remaining: 0",
                "X-RateLimit-Reset: 1767323145",
                status="403 F",
            ),
            100,
        ),
        (page(b"", "RateLimit-Remaining: 0", "RateLimit-Reset: 1767323145", status="429 T"), 100),
        (page(b"", "RateLimit-Remaining: 0", "RateLimit-Reset: 20", status="429 T"), 20),
        (page(b"", "X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 99999999999", status="403 F"), 3_600),
        (page(b"", "X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 1767323000", status="403 F"), 1),
        (page(b"", "Retry-After: 999999", status="429 T"), 900),
        (page(b"", "Retry-After: soon", status="429 T"), 60),
    ],
)
def test_a_limit_is_kept_to(outbound: Outbound, serve, clock: Clock, answer: bytes, seconds: float) -> None:
    server = serve(answering(answer, ok()))
    assert_patience(api(outbound, server), server, clock, seconds)


def test_a_plain_403_is_no_limit(outbound: Outbound, serve) -> None:
    server = serve(
        answering(
            page(
                b'{"message":"Forbidden"}', "X-RateLimit-Remaining: 12", "X-RateLimit-Reset: 1767323145", status="403 F"
            ),
            ok(),
        )
    )
    made = api(outbound, server)
    with pytest.raises(AccessDenied):
        made.get("a")
    assert made.get("a").status == 200


def test_the_last_answer_of_a_budget_is_given_and_the_next_call_waits(outbound: Outbound, serve, clock: Clock) -> None:
    server = serve(answering(ok("last", "X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 1767323145"), ok()))
    made = api(outbound, server)
    assert made.get("a").json() == "last"
    for call in (lambda: made.get("a"), lambda: made.post("a", json=1), lambda: api(outbound, server).get("b")):
        with pytest.raises(RateLimited):
            call()
    assert len(server.requests) == 1
    assert api(outbound, server, authorization="Bearer other").get("a").status == 200, (
        "another account has its own budget"
    )
    clock.forward(100)
    assert made.get("a").status == 200


def test_many_calls_go_at_most_four_at_once(serve) -> None:
    outbound = Outbound(SMALL, Guard.make(Allow.parse("127.0.0.1")), user_agent=AGENT)
    running, most, lock, four = [0], [0], threading.Lock(), threading.Barrier(4)

    def handle(sock: socket.socket, server: Server) -> None:
        while server.request(sock):
            with lock:
                running[0] += 1
                most[0] = max(most[0], running[0])
            four.wait(ROOM_S)
            time.sleep(0.01)
            with lock:
                running[0] -= 1
            sock.sendall(ok(1))

    server = serve(handle)
    made = api(outbound, server)
    threads = [threading.Thread(target=made.get, args=("a",)) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(server.requests) == 24 and most[0] == 4 and server.connections == 4
