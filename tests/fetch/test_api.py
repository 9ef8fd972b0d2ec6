"""What providers are given to ask their system with: what is sent, what answers become, where it may lead."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest

from tests.fetch.asking import api, ok
from tests.fetch.internet import AGENT, HURRIED, ROOM_S, SMALL, answering, packed, page, redirect, sending
from unfurler.fetch import Outbound
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


def test_an_answer_that_grows_when_unpacked_is_an_error(outbound: Outbound, serve) -> None:
    for body, encoding in (
        (packed(b"x" * 9_000_000), "gzip"),
        (packed(packed(bytes(range(256)) * 9_000, 0)), "gzip, gzip"),
    ):
        server = serve(answering(page(body, f"Content-Encoding: {encoding}")))
        with pytest.raises(LimitExceeded) as caught:
            api(outbound, server).get("a")
        assert caught.value.limit == "api_bytes"
