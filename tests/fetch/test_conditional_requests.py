"""What did not change is answered from memory, for this viewer, address and form alone."""

from __future__ import annotations

import pytest

from tests.fetch.asking import api, ok
from tests.fetch.internet import AGENT, SMALL, Cache, Clock, answering, page
from unfurler.fetch import Allow, Guard, Outbound, Pacing
from unfurler.sdk.errors import NothingToShow


@pytest.fixture
def memory() -> Cache:
    return Cache()


@pytest.fixture
def remembering(memory: Cache, clock: Clock) -> Outbound:
    return Outbound(
        SMALL, Guard.make(Allow.parse("127.0.0.1")), user_agent=AGENT, memory=memory, pacing=Pacing(now=clock)
    )


def unchanged(*headers: str) -> bytes:
    return b"\r\n".join([b"HTTP/1.1 304 Not Modified", *(one.encode() for one in headers), b"", b""])


def test_what_did_not_change_is_answered_from_memory(remembering: Outbound, memory: Cache, serve) -> None:
    server = serve(
        answering(
            ok("first", 'ETag: "a"', "Last-Modified: then", "X-RateLimit-Remaining: 9"),
            unchanged("X-RateLimit-Remaining: 8"),
            ok("second"),
        )
    )
    made = api(remembering, server)
    first, again = made.get("a", params={"x": 1}), made.get("a", params={"x": 1})
    assert (again.status, again.json(), again.body) == (200, "first", first.body)
    assert again.headers["content-type"] == "application/json" and again.headers["x-ratelimit-remaining"] == "8"
    assert b'If-None-Match: "a"\r\n' in server.requests[1] and b"If-Modified-Since: then\r\n" in server.requests[1]
    assert made.get("a", params={"x": 1}).json() == "second"
    assert memory.lifetimes == [SMALL.private_card_s]


def test_memory_is_for_this_viewer_address_and_form(remembering: Outbound, memory: Cache, serve) -> None:
    server = serve(answering(ok(1, 'ETag: "a"')))
    api(remembering, server).get("a")
    api(remembering, server, viewer="w").get("a")
    api(remembering, server, authorization="Bearer other").get("a")
    api(remembering, server, authorization=None).get("a")
    api(remembering, server).get("b")
    api(remembering, server).get("a", params={"x": 1})
    api(remembering, server).get("a", headers={"Accept": "text/x"})
    assert not any(b"If-None-Match" in one for one in server.requests)
    assert all("canary" not in name and "127.0.0.1" not in name for name in memory.held)
    assert memory.lifetimes.count(SMALL.public_card_s) == 1


@pytest.mark.parametrize("status", ["401 U", "403 F", "404 N"])
def test_what_is_no_longer_allowed_is_forgotten(remembering: Outbound, memory: Cache, serve, status: str) -> None:
    server = serve(answering(ok(1, 'ETag: "a"'), page(b"", status=status), ok(2)))
    made = api(remembering, server)
    made.get("a")
    with pytest.raises(NothingToShow):
        made.get("a")
    made.get("a")
    assert b"If-None-Match" not in server.requests[2]


@pytest.mark.parametrize("headers", [(), ("Cache-Control: private, no-store", 'ETag: "a"')])
def test_what_cannot_or_must_not_be_kept_is_not(
    remembering: Outbound, memory: Cache, serve, headers: tuple[str, ...]
) -> None:
    api(remembering, serve(answering(ok(1, *headers)))).get("a")
    assert memory.held == {}


def test_a_memory_that_holds_nonsense_is_no_memory(remembering: Outbound, memory: Cache, serve) -> None:
    server = serve(answering(ok(1, 'ETag: "a"')))
    made = api(remembering, server)
    made.get("a")
    for nonsense in (b"", b"x", b"x\ny", b"[]\n1", b"\xff\n"):
        for name in memory.held:
            memory.held[name] = nonsense
        assert made.get("a").json() == 1
        assert b"If-None-Match" not in server.requests[-1]
