"""Raw requests, the proxy, the log, and what all kinds share."""

from __future__ import annotations

import json
import threading
import time

import pytest
from structlog.testing import capture_logs

from tests.fetch.internet import (
    AGENT,
    PUBLIC,
    ROOM_S,
    SMALL,
    Clock,
    Net,
    answering,
    page,
    read_request,
    redirect,
    sending,
)
from tests.world.space import wait_for
from unfurler.fetch import Allow, Finished, Guard, Outbound, Pacing, Proxy, Site
from unfurler.limits import Limits
from unfurler.sdk.errors import AddressRefused, LimitExceeded, UnfurlError, UpstreamDown, UpstreamSlow
from unfurler.sdk.link import Link


@pytest.mark.parametrize("status", ["200 OK", "201 C", "204 N", "302 F", "401 U", "404 N", "429 T", "500 E"])
def test_a_raw_request_gives_every_status_as_it_is(outbound: Outbound, serve, status: str) -> None:
    body = b"" if status.startswith("204") else b'{"a":1}'
    server = serve(answering(page(body, "Location: /elsewhere", "X-Two: a", "x-two: b", status=status)))
    reply = outbound.request("POST", server.url + "/x?y=z", json={"b": 2}, headers={"Authorization": "Bearer t"})
    assert (reply.status, reply.body, reply.headers["x-two"]) == (int(status[:3]), body, "a, b")
    assert len(server.requests) == 1 and server.requests[0].endswith(b'\r\n\r\n{"b":2}')
    assert (
        b"Content-Type: application/json\r\n" in server.requests[0]
        and b"Authorization: Bearer t\r\n" in server.requests[0]
    )


def test_forms_and_bytes_are_sent_as_they_are(outbound: Outbound, serve) -> None:
    server = serve(answering(page(b"{}")))
    outbound.request("POST", server.url, data={"a": "b c", "d": "&"})
    outbound.request("POST", server.url, data=b"raw", headers={"content-type": "text/x"})
    outbound.request("GET", server.url)
    assert (
        server.requests[0].endswith(b"\r\n\r\na=b+c&d=%26")
        and b"application/x-www-form-urlencoded" in server.requests[0]
    )
    assert server.requests[1].endswith(b"\r\n\r\nraw") and server.requests[1].lower().count(b"content-type") == 1
    assert b"Content-Length" not in server.requests[2]
    assert server.connections == 1


def test_a_raw_request_has_limits(outbound: Outbound, serve) -> None:
    server = serve(answering(page(b"[1]".ljust(101))))
    assert outbound.request("GET", server.url, max_bytes=101).json() == [1]
    with pytest.raises(LimitExceeded):
        outbound.request("GET", server.url, max_bytes=100)
    slow = serve(sending(b"HTTP/1.1 200 OK\r\n", b"a: b\r\n", pause_s=0.05, again=True))
    began = time.monotonic()
    with pytest.raises(UpstreamSlow):
        outbound.request("GET", slow.url, timeout_s=0.2)
    assert time.monotonic() - began < 0.2 + ROOM_S


def test_who_answers_before_hearing_everything_is_heard(outbound: Outbound, serve) -> None:
    def early(sock, server) -> None:
        sock.recv(100)
        sock.sendall(page(b"too large", status="413 T"))
        time.sleep(0.1)

    with pytest.raises(UnfurlError) as caught:
        reply = outbound.request("POST", serve(early).url, data=b"x" * 20_000_000)
        assert reply.status == 413
        raise UnfurlError("done")
    assert caught.value.reason in ("failed", "upstream-cut-off"), "a reset may overtake the answer"


def test_a_broken_header_value_is_not_quoted(outbound: Outbound, serve) -> None:
    server = serve(answering(page()))
    with pytest.raises(UnfurlError) as caught:
        outbound.request("GET", server.url, headers={"Authorization": "Bearer canary\r\nX: y"})
    assert "canary" not in str(caught.value) and caught.value.__cause__ is None
    assert server.requests == []


def test_a_post_on_loopback_costs_little(serve) -> None:
    outbound = Outbound(Limits(), Guard.make(Allow.parse("127.0.0.1")), user_agent=AGENT)
    server = serve(answering(page(b"{}")))
    spent = []
    for _ in range(50):
        began = time.perf_counter()
        outbound.request("POST", server.url, json={"a": 1})
        spent.append(time.perf_counter() - began)
    # A delayed acknowledgement costs 0.04 s each time; a busy machine costs that now and then.
    assert sorted(spent)[25] < 0.02


def test_a_server_that_writes_head_and_body_apart_costs_no_delayed_acknowledgement(serve) -> None:
    import socket

    def two_writes(sock: socket.socket, server) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 0)
        while server.request(sock):
            head, _, body = page(b"{}").partition(b"\r\n\r\n")
            sock.send(head + b"\r\n\r\n")
            sock.send(body)

    outbound = Outbound(Limits(), Guard.make(Allow.parse("127.0.0.1")), user_agent=AGENT)
    server = serve(two_writes)
    spent = []
    for _ in range(50):
        began = time.perf_counter()
        outbound.request("POST", server.url, json={"a": 1})
        spent.append(time.perf_counter() - began)
    assert sorted(spent)[25] < 0.02


# The operator's proxy


@pytest.mark.parametrize(
    "text", ["proxy:3128", "https://proxy:3128", "socks5://proxy", "http://", "http://a b", "http://proxy/path"]
)
def test_a_proxy_is_an_http_origin(text: str) -> None:
    with pytest.raises(ValueError, match="write http://host:port"):
        Proxy.parse(text)


def through(net: Net, proxy: str = "http://me:p%40ss@proxy.corp:3128") -> Outbound:
    net.names["proxy.corp"] = ["10.0.0.9"]
    return Outbound(
        SMALL,
        Guard.make(Allow.parse("wiki.lan")),
        user_agent=AGENT,
        resolver=net.resolve,
        dial=net.dial,
        proxy=Proxy.parse(proxy),
    )


def test_a_proxy_is_asked_for_everything_and_looks_up_itself(net: Net, serve) -> None:
    server = serve(answering(page(b"x")))
    net.ports = {"10.0.0.9": server.port}
    outbound = through(net)
    assert outbound.fetch(Link.parse("http://unknown.example:8080/a?b")).body == b"x"
    outbound.request("GET", "http://wiki.lan/")
    outbound.request("GET", "http://wiki.lan/again")
    assert net.asked == ["proxy.corp"] * 2 and set(net.dialled) == {("10.0.0.9", 3128)}
    assert server.requests[0].startswith(
        b"GET http://unknown.example:8080/a?b HTTP/1.1\r\nHost: unknown.example:8080\r\n"
    )
    assert b"Proxy-Authorization: Basic bWU6cEBzcw==\r\n" in server.requests[0]
    assert Proxy.parse("http://proxy.corp:3128/").headers == {}
    assert "cEBzcw" not in repr(Proxy.parse("http://me:p%40ss@proxy.corp:3128"))


@pytest.mark.parametrize(
    "url", ["http://localhost/", "http://a.internal/", "http://site.example:22/", "http://127.0.0.1/", "http://[::1]/"]
)
def test_a_proxy_takes_over_no_other_rule(net: Net, url: str) -> None:
    with pytest.raises(AddressRefused):
        through(net).fetch(Link.parse(url))
    assert net.dialled == []


def test_a_secure_page_is_tunnelled(net: Net, serve) -> None:
    def refuse(sock, server) -> None:
        server.request(sock)
        sock.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")

    server = serve(refuse)
    net.ports = {"10.0.0.9": server.port}
    with pytest.raises(UpstreamDown):
        through(net).fetch(Link.parse("https://site.example/secret"))
    assert (
        server.requests[0].startswith(b"CONNECT site.example:443 HTTP/1.")
        and b"Proxy-Authorization: Basic" in server.requests[0]
    )
    assert b"secret" not in server.requests[0]


# The log


def test_each_request_leaves_one_line_without_secrets(serve, clock: Clock) -> None:
    finished: list[Finished] = []
    outbound = Outbound(
        SMALL,
        Guard.make(Allow.parse("127.0.0.1")),
        user_agent=AGENT,
        pacing=Pacing(now=clock),
        observe=lambda done, _target: finished.append(done),
    )
    server = serve(
        answering(
            redirect("/canary-b?canary=c"),
            page(b"canary-body", "X-Canary: canary-header"),
            page(b"canary", status="404 N"),
        )
    )
    with capture_logs() as lines:
        outbound.fetch(Link.parse(server.url + "/canary-path?q=canary-query"))
        with pytest.raises(UnfurlError):
            outbound.api(
                Site(server.url, server.url, outbound.guard, "canary-viewer", authorization="Bearer canary")
            ).get("canary")
        outbound.request("GET", server.url + "/canary", kind="space", headers={"X": "canary"})
        with pytest.raises(AddressRefused):
            outbound.fetch(Link.parse("http://10.0.0.1/canary"))
        with pytest.raises(UnfurlError):
            outbound.fetch(Link.parse(serve(sending(b"canary")).url + "/canary"))
    assert "canary" not in json.dumps(lines)
    assert [(line["event"], line["kind"], line["status"], line["outcome"], line["reason"]) for line in lines] == [
        ("fetch.done", "page", 302, "answered", None),
        ("fetch.done", "page", 200, "answered", None),
        ("fetch.done", "api", 404, "answered", None),
        ("fetch.done", "space", 404, "answered", None),
        ("fetch.done", "page", None, "failed", "address-refused"),
        ("fetch.done", "page", None, "failed", "upstream-not-http"),
    ]
    assert len(finished) == 6 and finished[1].bytes > 60 and finished[1].ms >= 0


def test_no_error_carries_an_address(outbound: Outbound, serve) -> None:
    for answer in (
        b"",
        b"junk",
        page(b"", status="500 E"),
        page(b"", status="404 N"),
        redirect("ftp://canary"),
        page(b"x")[:-1][:70],
    ):
        with pytest.raises(UnfurlError) as caught:
            outbound.fetch(Link.parse(serve(sending(answer)).url + "/canary"))
        error: BaseException | None = caught.value
        while error is not None:
            assert "canary" not in str(error)
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


# Turns


def failing(outbound: Outbound, url: str) -> None:
    with pytest.raises(UnfurlError):
        outbound.fetch(Link.parse(url))


def test_strangers_pages_do_not_hold_up_raw_requests(serve) -> None:
    limits = Limits(fetches=2, fetches_per_host=2, page_fetch_s=60.0)
    outbound = Outbound(limits, Guard.make(Allow.parse("127.0.0.1")), user_agent=AGENT)
    slow = serve(lambda sock, server: (read_request(sock), sock.recv(1)))
    threads = [threading.Thread(target=lambda: failing(outbound, slow.url)) for _ in range(4)]
    for thread in threads:
        thread.start()
    quick = serve(answering(page(b"{}")))
    began = time.monotonic()
    assert outbound.request("GET", quick.url).status == 200
    assert time.monotonic() - began < ROOM_S
    slow.close()
    for thread in threads:
        thread.join()


def test_a_turn_that_does_not_come_is_an_error_that_may_be_tried_again(serve) -> None:
    limits = Limits(fetches=1, page_fetch_s=60.0)
    outbound = Outbound(limits, Guard.make(Allow.parse("127.0.0.1")), user_agent=AGENT, turn_s=0.1)
    slow = serve(lambda sock, server: (read_request(sock), sock.recv(1)))
    holder = threading.Thread(target=lambda: failing(outbound, slow.url))
    holder.start()
    assert wait_for(lambda: slow.connections)
    with pytest.raises(UpstreamSlow) as caught:
        outbound.fetch(Link.parse(serve(answering(page())).url))
    assert caught.value.reason == "fetch-busy" and caught.value.retry
    slow.close()
    holder.join()


def test_a_hop_to_a_busy_host_waits_no_longer_than_its_fetch(net: Net, serve) -> None:
    limits = Limits(fetches_per_host=1, page_fetch_s=0.5)
    outbound = Outbound(limits, Guard.make(Allow()), user_agent=AGENT, resolver=net.resolve, dial=net.dial)
    slow = serve(lambda sock, server: (read_request(sock), sock.recv(1)))
    first = serve(answering(redirect("http://other.example/")))
    net.ports = {PUBLIC: first.port, "1.1.1.1": slow.port}
    threads = [threading.Thread(target=lambda: failing(outbound, "http://other.example/")) for _ in range(3)]
    for thread in threads:
        thread.start()
    assert wait_for(lambda: slow.connections)
    began = time.monotonic()
    with pytest.raises(UpstreamSlow):
        outbound.fetch(Link.parse("http://site.example/"))
    assert time.monotonic() - began < limits.page_fetch_s + ROOM_S
    slow.close()
    for thread in threads:
        thread.join()
