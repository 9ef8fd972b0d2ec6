"""What a fetch of a page or a file gives."""

from __future__ import annotations

import threading
import time

import pytest

from tests.fetch.internet import AGENT, ROOM_S, SMALL, Clock, answering, page, redirect, sending
from unfurler.fetch import Allow, Guard, Outbound, Pacing
from unfurler.limits import Limits
from unfurler.sdk.api import Document
from unfurler.sdk.errors import AccessDenied, NotFound, NothingToShow, RateLimited, UpstreamDown
from unfurler.sdk.link import Link


def get(outbound: Outbound, server, path: str = "/", **more):
    return outbound.fetch(Link.parse(server.url + path), **more)


def test_a_request_says_who_asks_and_nothing_else(serve, outbound: Outbound, monkeypatch, tmp_path) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    server = serve(
        answering(redirect("/b").replace(b"\r\n\r\n", b"\r\nSet-Cookie: a=b\r\n\r\n"), page(b"x", "Set-Cookie: c=d"))
    )
    get(outbound, server, "/a", language="de")
    get(outbound, server, "/c")
    assert server.connections == 3, "no connection is kept"
    head = (
        f"GET /b HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nUser-Agent: {AGENT}\r\n"
        "Accept: text/html,application/xhtml+xml,*/*;q=0.5\r\nAccept-Language: de\r\n"
        "Accept-Encoding: gzip, deflate\r\nConnection: close\r\n\r\n"
    )
    assert server.requests[1].decode() == head
    assert b"Accept-Language: en\r\n" in server.requests[2]


def test_credentials_of_a_request_go_nowhere_else(serve, outbound: Outbound) -> None:
    server = serve(answering(redirect("/b"), page()))
    reply = outbound.request("GET", server.url, headers={"Authorization": "Bearer canary", "Cookie": "canary"})
    assert reply.status == 302 and len(server.requests) == 1
    get(outbound, server)
    assert b"canary" not in server.requests[1]


@pytest.mark.parametrize(
    ("kind", "content_type", "charset", "is_page"),
    [
        ("text/html", "text/html", None, True),
        ('Text/HTML ; Charset="UTF-8"', "text/html", "utf-8", True),
        ("text/html; x=y; charset='koi8-r'", "text/html", "koi8-r", True),
        ("application/xhtml+xml;charset=", "application/xhtml+xml", None, True),
        (None, "", None, True),
        ("", "", None, True),
        ("html", "", None, True),
        ("*/*", "", None, True),
        ("text/html, text/html; charset=a", "text/html, text/html", "a", None),
        ("image/png", "image/png", None, False),
        ("IMAGE/SVG+XML", "image/svg+xml", None, False),
        ("video/mp4", "video/mp4", None, False),
        ("audio/ogg", "audio/ogg", None, False),
        ("application/pdf", "application/pdf", None, False),
    ],
)
def test_the_type_says_what_it_is(serve, outbound: Outbound, kind, content_type, charset, is_page) -> None:
    server = serve(answering(page(b"body", kind=kind)))
    if is_page is None:
        with pytest.raises(NothingToShow):
            get(outbound, server)
        return
    found = get(outbound, server)
    assert (found.content_type, found.charset, found.is_page, found.whole, found.size) == (
        content_type,
        charset,
        is_page,
        True,
        4,
    )


@pytest.mark.parametrize("kind", ["text/html", None])
@pytest.mark.parametrize("magic", [b"%PDF-1.7", b"\x89PNG\r\n\x1a\n", b"PK\x03\x04", b"\x1f\x8b\x08"])
def test_bytes_that_are_something_else_are_no_page(serve, outbound: Outbound, kind, magic) -> None:
    with pytest.raises(NothingToShow):
        get(outbound, serve(answering(page(magic + b"x" * 100, kind=kind))))


def test_of_a_file_the_beginning_is_read_and_its_length_known(serve, outbound: Outbound) -> None:
    server = serve(sending(page(b"x" * 1_000_000, kind="application/pdf")))
    found = get(outbound, server)
    assert (len(found.body), found.whole, found.size) == (SMALL.file_head_bytes, False, 1_000_000)
    assert len(get(outbound, server, file_bytes=1_000_000).body) == 1_000_000


def ranged(
    total: int, status: str = "206 Partial Content", content_range: str | None = None, body: bytes | None = None
):
    def answer(request: bytes) -> bytes:
        size = int(request.partition(b"Range: bytes=-")[2].split(b"\r")[0])
        said = content_range or f"bytes {total - size}-{total - 1}/{total}"
        return page(
            b"e" * size if body is None else body, f"Content-Range: {said}", status=status, kind="application/pdf"
        )

    return answer


def test_the_end_of_a_file_is_read_by_one_ranged_request(serve, outbound: Outbound) -> None:
    server = serve(answering(ranged(1_000_000)))
    document = Document(server.url + "/f?x=y", "application/pdf", None, b"", size=1_000_000, whole=False, is_page=False)
    assert outbound.fetch_end(document, 100, guard=outbound.guard) is None, (
        "a document of unknown origin gets no allowance"
    )
    server = serve(answering(page(b"x" * 1_000_000, kind="application/pdf"), ranged(1_000_000)))
    found = get(outbound, server, "/f?x=y")
    assert outbound.fetch_end(found, 100) == b"e" * 100
    assert server.requests[1].startswith(b"GET /f?x=y HTTP/1.1\r\n")
    assert b"Accept-Encoding: identity\r\nConnection: close\r\nRange: bytes=-100\r\n" in server.requests[1]


@pytest.mark.parametrize(
    "answer",
    [
        page(b"x" * 100, kind="application/pdf"),
        redirect("/elsewhere"),
        page(b"", status="416 R"),
        page(b"", status="404 N"),
        b"garbage\r\n",
        ranged(1_000, content_range="bytes 0-99/1000"),
        ranged(1_000, content_range="bytes 800-999/1000"),
        ranged(1_000, content_range="nonsense"),
        ranged(1_000, content_range="bytes 900-999/*"),
        ranged(1_000, body=b"x" * 100_000),
    ],
)
def test_a_site_that_cannot_give_the_end_gives_none(serve, outbound: Outbound, answer) -> None:
    server = serve(answering(page(b"x" * 1_000_000, kind="application/pdf"), answer))
    assert outbound.fetch_end(get(outbound, server), 100) is None
    assert len(server.requests) == 2


def test_reading_stops_when_there_is_enough(serve, outbound: Outbound) -> None:
    server = serve(
        sending(
            page()[:-7].replace(b"Content-Length: 20", b"Content-Length: 9000"),
            b"</title></head>",
            then="hold",
            pause_s=0.05,
        )
    )
    seen: list[int] = []

    def enough(so_far: bytes) -> bool:
        seen.append(len(so_far))
        return b"</head>" in so_far

    began = time.monotonic()
    found = get(outbound, server, enough=enough)
    assert found.body.endswith(b"</head>") and not found.whole
    assert time.monotonic() - began < ROOM_S and server.gone.wait(ROOM_S)


def test_asking_whether_there_is_enough_costs_little(serve, outbound: Outbound) -> None:
    seen: list[int] = []

    def handle(sock, server) -> None:
        server.request(sock)
        sock.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n"
            + b"10\r\n"
            + b"x" * 16
            + b"\r\n"
        )
        sock.sendall(b"10\r\nxxxxxxxxxxxxxxxx\r\n" * 4_000 + b"0\r\n\r\n")

    get(outbound, serve(handle), enough=lambda so_far: seen.append(len(so_far)) is not None)
    assert len(seen) < 300


def test_json_is_read_only_where_it_is_wanted(serve, outbound: Outbound) -> None:
    server = serve(answering(page(b"{}", kind="application/json; charset=utf-8")))
    with pytest.raises(NothingToShow):
        get(outbound, server)
    found = get(outbound, server, data=True)
    assert (found.body, found.is_page, found.content_type) == (b"{}", False, "application/json")
    assert b"Accept: application/json" in server.requests[1]
    xml = serve(answering(page(b"<a/>", kind="application/oembed+xml")))
    assert get(outbound, xml, data=True).body == b"<a/>"


@pytest.mark.parametrize(
    ("status", "error", "reason", "retry"),
    [
        ("404 N", NotFound, "not-found", False),
        ("410 G", NotFound, "not-found", False),
        ("401 U", AccessDenied, "access-denied", False),
        ("403 F", AccessDenied, "access-denied", False),
        ("400 B", NothingToShow, "upstream-status", False),
        ("451 L", NothingToShow, "upstream-status", False),
        ("201 C", NothingToShow, "upstream-status", False),
        ("203 N", NothingToShow, "upstream-status", False),
        ("304 N", NothingToShow, "upstream-status", False),
        ("999 X", NothingToShow, "upstream-status", False),
        ("500 E", UpstreamDown, "upstream-status", True),
        ("503 U", UpstreamDown, "upstream-status", True),
        ("429 T", RateLimited, "rate-limited", True),
    ],
)
def test_a_status_becomes_an_error(serve, outbound: Outbound, status, error, reason, retry) -> None:
    with pytest.raises(error) as caught:
        get(outbound, serve(answering(page(b"<title>error page</title>", status=status))))
    assert (caught.value.reason, caught.value.retry) == (reason, retry)


@pytest.mark.parametrize("status", ["429 T", "503 U"])
@pytest.mark.parametrize(
    ("said", "wait_s"),
    [("7", 7), ("Fri, 02 Jan 2026 03:04:15 GMT", 10), ("100000", 900), ("Fri, 01 Jan 2100 00:00:00 GMT", 900)],
)
def test_a_site_that_asks_for_patience_gets_it(serve, outbound: Outbound, clock: Clock, status, said, wait_s) -> None:
    server = serve(answering(page(b"", f"Retry-After: {said}", status=status), page()))
    for _ in range(3):
        with pytest.raises(RateLimited) as caught:
            get(outbound, server)
        assert caught.value.retry_at is not None
        assert (caught.value.retry_at - clock.now).total_seconds() == wait_s
    assert len(server.requests) == 1
    clock.forward(wait_s)
    assert get(outbound, server).whole


def test_patience_is_for_that_host_and_port(serve, outbound: Outbound) -> None:
    busy = serve(answering(page(b"", "Retry-After: 60", status="429 T")))
    other = serve(answering(page()))
    with pytest.raises(RateLimited):
        get(outbound, busy)
    assert get(outbound, other).whole


def test_patience_is_known_to_all_processes_that_share_a_memory(serve) -> None:
    from tests.fetch.internet import Cache

    memory, clock = Cache(), Clock()
    first, second = (
        Outbound(SMALL, Guard.make(Allow.parse("127.0.0.1")), user_agent=AGENT, pacing=Pacing(memory, now=clock))
        for _ in range(2)
    )
    server = serve(answering(page(b"", "Retry-After: 60", status="429 T")))
    for outbound in (first, second):
        with pytest.raises(RateLimited):
            get(outbound, server)
    assert len(server.requests) == 1 and memory.lifetimes == [60.0]


@pytest.mark.parametrize(
    ("headers", "fresh_s"),
    [
        ((), None),
        (("Cache-Control: max-age=60",), 60.0),
        (("Cache-Control: public, max-age=60, s-maxage=90",), 90.0),
        (("Cache-Control: no-store",), 0.0),
        (('cache-control: No-Cache="x", max-age=5',), 0.0),
        (("Cache-Control: private, max-age=5",), 0.0),
        (("Cache-Control: max-age=60", "Age: 20"), 40.0),
        (("Cache-Control: max-age=60", "Age: 99"), 0.0),
        (("Cache-Control: max-age=-1",), None),
        (("Cache-Control: max-age=x",), None),
        (('Cache-Control: max-age="30"',), 30.0),
        (("Cache-Control: immutable",), None),
    ],
)
def test_cache_control_says_how_long_it_is_fresh(serve, outbound: Outbound, headers, fresh_s) -> None:
    assert get(outbound, serve(answering(page(b"x", *headers)))).fresh_s == fresh_s


@pytest.mark.parametrize(
    ("headers", "nosnippet", "noarchive"),
    [
        ((), False, False),
        (("X-Robots-Tag: noindex",), False, False),
        (("X-Robots-Tag: NoSnippet",), True, False),
        (("X-Robots-Tag: noindex, noarchive",), False, True),
        (("X-Robots-Tag: nosnippet", "x-robots-tag: noarchive"), True, True),
        (("X-Robots-Tag: googlebot: nosnippet",), False, False),
        (("X-Robots-Tag: Unfurler: nosnippet, noarchive",), True, True),
        (("X-Robots-Tag: max-snippet: 0",), True, False),
        (("X-Robots-Tag: max-snippet:20, noarchive",), False, True),
        (("X-Robots-Tag: unavailable_after: 25 Jun 2030 15:00:00 PST",), False, False),
    ],
)
def test_robots_headers_are_read(serve, outbound: Outbound, headers, nosnippet, noarchive) -> None:
    found = get(outbound, serve(answering(page(b"x", *headers))))
    assert (found.nosnippet, found.noarchive) == (nosnippet, noarchive)


def test_who_waits_in_line_hears_of_the_patience_asked_for_meanwhile(serve) -> None:
    limits = Limits(fetches_per_host=1)
    outbound = Outbound(limits, Guard.make(Allow.parse("127.0.0.1")), user_agent=AGENT)

    def handle(sock, server) -> None:
        server.request(sock)
        time.sleep(0.1)
        sock.sendall(page(b"", "Retry-After: 60", status="429 T"))

    server = serve(handle)

    def limited() -> None:
        with pytest.raises(RateLimited):
            get(outbound, server)

    threads = [threading.Thread(target=limited) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(server.requests) == 1
