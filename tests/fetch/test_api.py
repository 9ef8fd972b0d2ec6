"""The API of one site on behalf of one viewer."""

from __future__ import annotations

import gzip
import json
import socket
import struct
import threading
import time
from contextlib import suppress
from datetime import timedelta

import pytest

from tests.fetch.internet import AGENT, HURRIED, ROOM_S, SMALL, Cache, Clock, Server, answering, page, redirect, sending
from unfurler.fetch import Allow, Guard, Outbound, Pacing, Site
from unfurler.fetch.api import SiteApi
from unfurler.sdk.api import Api
from unfurler.sdk.errors import (
    AccessDenied,
    ActionRefused,
    BadLink,
    LimitExceeded,
    NotFound,
    NothingToShow,
    RateLimited,
    UpstreamDown,
    UpstreamOdd,
    UpstreamSlow,
)


def packed(data: bytes, level: int = 9) -> bytes:
    """Gzip without the time of packing: names of tests are made of it."""
    return gzip.compress(data, level, mtime=0)


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


def test_it_is_what_providers_are_promised(outbound: Outbound, serve) -> None:
    made: Api = api(outbound, serve(answering(ok())))
    assert made.site_url.startswith("http://127.0.0.1:")


def test_paths_are_built_from_quoted_segments(outbound: Outbound, serve) -> None:
    server = serve(answering(ok({"a": 1})))
    reply = api(outbound, server).get(
        "projects", "group/pröject", 7, "a?b#c", params={"q": "x y&z", "n": 1}, headers={"accept": "text/x"}
    )
    assert reply.json() == {"a": 1} and reply.headers["content-type"] == "application/json"
    head = server.requests[0].decode()
    assert head.startswith("GET /api/v4/projects/group%2Fpr%C3%B6ject/7/a%3Fb%23c?q=x+y%26z&n=1 HTTP/1.1\r\n")
    assert f"Host: 127.0.0.1:{server.port}\r\n" in head and f"User-Agent: {AGENT}\r\n" in head
    assert (
        "Accept: text/x\r\n" in head
        and "Accept-Language: de\r\n" in head
        and "Authorization: Bearer canary\r\n" in head
    )
    api(outbound, server, base="").get("a")
    api(outbound, server, base="/base").get()
    assert [one.split(b" ")[1] for one in server.requests[1:]] == [b"/a", b"/base"]


@pytest.mark.parametrize("segment", ["", ".", "..", "a/../b", "a%2f..", "a\nb"])
def test_a_link_does_not_choose_the_endpoint(outbound: Outbound, serve, segment: str) -> None:
    server = serve(answering(ok()))
    with pytest.raises(BadLink):
        api(outbound, server).get("repos", segment)
    assert server.connections == 0


def test_writing_sends_json(outbound: Outbound, serve) -> None:
    server = serve(answering(ok({}, status="201 Created")))
    made = api(outbound, server)
    assert made.post("a", json={"x": "ü"}).status == 201
    made.put("a")
    made.patch("a", json=[])
    made.delete("a")
    assert [one.split(b" ")[0] for one in server.requests] == [b"POST", b"PUT", b"PATCH", b"DELETE"]
    assert (
        server.requests[0].endswith(b'\r\n\r\n{"x":"\\u00fc"}')
        and b"Content-Type: application/json\r\n" in server.requests[0]
    )
    assert b"Content-Length: 0\r\n" in server.requests[1] and b"Content-Type" not in server.requests[1]
    assert server.connections == 1


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ("404 N", NotFound),
        ("410 G", NotFound),
        ("401 U", AccessDenied),
        ("403 F", AccessDenied),
        ("500 E", UpstreamDown),
        ("502 B", UpstreamDown),
        ("400 B", NothingToShow),
        ("422 U", NothingToShow),
        ("304 N", UpstreamOdd),
    ],
)
def test_a_failed_read_is_an_error_and_keeps_the_connection(
    outbound: Outbound, serve, status: str, error: type[Exception]
) -> None:
    server = serve(answering(page(b"" if status[0] == "3" else b'{"message":"no"}', status=status), ok()))
    made = api(outbound, server)
    with pytest.raises(error) as caught:
        made.get("a")
    assert type(caught.value) is error and "canary" not in repr(caught.value)
    assert made.get("a").status == 200 and server.connections == 1


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ("404 N", NotFound),
        ("401 U", AccessDenied),
        ("403 F", AccessDenied),
        ("500 E", UpstreamDown),
        ("400 B", ActionRefused),
        ("405 M", ActionRefused),
        ("409 C", ActionRefused),
        ("422 U", ActionRefused),
        ("301 M", ActionRefused),
        ("418 T", ActionRefused),
    ],
)
def test_a_refused_action_says_so(outbound: Outbound, serve, status: str, error: type[Exception]) -> None:
    server = serve(answering(page(b'{"message":"secret"}', "Location: /b", status=status)))
    with pytest.raises(error) as caught:
        api(outbound, server).patch("a", json={})
    assert type(caught.value) is error and "secret" not in str(caught.value)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("status", "changed"),
    [("200 OK", True), ("500 E", True), ("502 B", True), ("403 F", False), ("409 C", False), ("429 T", False)],
)
def test_it_knows_whether_anything_may_have_been_changed(outbound: Outbound, serve, status: str, changed: bool) -> None:
    server = serve(answering(ok({}), ok({}, status=status), ok({}, status=status)))
    made = api(outbound, server)
    made.get("a")
    assert not made.changed
    with suppress(AccessDenied, ActionRefused, UpstreamDown, RateLimited):
        made.patch("a", json={})
    assert made.changed is changed
    asked = api(outbound, server)
    with suppress(AccessDenied, ActionRefused, UpstreamDown, UpstreamOdd, RateLimited):
        asked.graphql("mutation B { b }")
    assert asked.changed is changed


def test_a_refusal_takes_back_nothing_that_was_done_before(outbound: Outbound, serve) -> None:
    made = api(outbound, serve(answering(ok({}), ok({}, status="409 C"))))
    made.post("a")
    with pytest.raises(ActionRefused):
        made.post("b")
    assert made.changed


def test_an_answer_that_is_too_large_is_an_error(outbound: Outbound, serve) -> None:
    body = b"x" * SMALL.api_bytes
    server = serve(answering(page(body), page(body + b"x")))
    assert len(api(outbound, server).get("a").body) == SMALL.api_bytes
    with pytest.raises(LimitExceeded) as caught:
        api(outbound, server).get("a")
    assert caught.value.limit == "api_bytes"


def test_an_endless_error_page_is_not_read_for_long(outbound: Outbound, serve) -> None:
    server = serve(sending(b"HTTP/1.1 404 N\r\n\r\n", b"x" * 65_536, again=True))
    with pytest.raises(NotFound):
        api(outbound, server).get("a")
    assert server.gone.wait(ROOM_S)


def test_an_answer_cut_off_is_an_error(outbound: Outbound, serve) -> None:
    server = serve(sending(ok({"a": "b"})[:-3]))
    with pytest.raises(UpstreamDown):
        api(outbound, server).get("a")


def test_a_slow_answer_ends_in_time(hurried: Outbound, serve) -> None:
    server = serve(sending(b"HTTP/1.1 200 OK\r\n\r\n", b"x", pause_s=0.05, again=True))
    began = time.monotonic()
    with pytest.raises(UpstreamSlow):
        api(hurried, server).get("a")
    assert time.monotonic() - began < HURRIED.api_call_s + ROOM_S


# Redirects


def test_a_read_is_redirected_within_the_origin(outbound: Outbound, serve) -> None:
    server = serve(answering(redirect("/api/v4/new?x=1", "301 M", b"body"), ok("there")))
    assert api(outbound, server).get("old").json() == "there"
    assert server.requests[1].startswith(b"GET /api/v4/new?x=1 ") and b"Bearer canary" in server.requests[1]


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1:{other}/",
        "//127.0.0.1:{other}/x",
        "https://127.0.0.1:{own}/",
        "http://localhost:{own}/",
        "ftp://x/",
        "",
    ],
)
def test_credentials_never_leave_the_origin(outbound: Outbound, serve, location: str) -> None:
    other = serve(answering(ok()))
    server = serve(lambda sock, own: answering(redirect(location.format(other=other.port, own=own.port)))(sock, own))
    with pytest.raises((UpstreamOdd, LimitExceeded)):
        api(outbound, server).get("a")
    assert other.connections == 0


def test_redirects_of_an_api_end_too(outbound: Outbound, serve) -> None:
    with pytest.raises(LimitExceeded) as caught:
        api(outbound, serve(answering(redirect("/a")))).get("a")
    assert caught.value.limit == "redirects"


# Kept connections


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


# Conditional requests


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


# Rate limits


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


def test_an_answer_that_grows_when_unpacked_is_an_error(outbound: Outbound, serve) -> None:
    for body, encoding in (
        (packed(b"x" * 9_000_000), "gzip"),
        (packed(packed(bytes(range(256)) * 9_000, 0)), "gzip, gzip"),
    ):
        server = serve(answering(page(body, f"Content-Encoding: {encoding}")))
        with pytest.raises(LimitExceeded) as caught:
            api(outbound, server).get("a")
        assert caught.value.limit == "api_bytes"
