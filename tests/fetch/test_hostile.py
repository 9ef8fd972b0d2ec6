"""Sites that answer badly: raw sockets, measured in time and memory."""

from __future__ import annotations

import gc
import socket
import struct
import time
import tracemalloc
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from itertools import cycle
from pathlib import Path

import pytest

from tests.fetch.internet import HURRIED, ROOM_S, SMALL, Handle, Server, packed, page, redirect, sending
from tests.world.space import wait_for
from unfurler.fetch import Fetched, Outbound
from unfurler.sdk.errors import LimitExceeded, NothingToShow, UnfurlError, UpstreamDown, UpstreamOdd, UpstreamSlow
from unfurler.sdk.link import Link

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
# How long this thread may compute over what a site sends; waiting for the site is not counted.
WORK_S = 0.5
TIMES = 3

Serve = Callable[[Handle], Server]


def get(outbound: Outbound, server: Server, **more):
    return outbound.fetch(Link.parse(server.url + "/"), **more)


def silent(sock, server) -> None:
    server.request(sock)
    sock.recv(1)


def gzipped_head(body: bytes, encoding: str = "gzip") -> bytes:
    return HEAD + b"Content-Encoding: %s\r\n\r\n" % encoding.encode() + body


SLOW: dict[str, Handle] = {
    "nothing at all": lambda sock, server: sock.recv(1) and silent(sock, server),
    "silent after the request": silent,
    "a status line that drips": sending(b"HTTP/1.1 200 OK", b"x", pause_s=0.05, again=True),
    "a header that drips": sending(HEAD, b"x", pause_s=0.05, again=True),
    "headers that drip": sending(HEAD, b"a: b\r\n", pause_s=0.1, again=True),
    "half a head": sending(HEAD, then="hold"),
    "a body that drips": sending(HEAD + b"\r\n", b"x", pause_s=0.05, again=True),
    "a body that stops": sending(HEAD + b"Content-Length: 100\r\n\r\nabc", then="hold"),
    "a chunk size that drips": sending(CHUNKED, b"0", pause_s=0.05, again=True),
    "a chunk extension that drips": sending(CHUNKED + b"5;", b"x", pause_s=0.05, again=True),
    "a chunk that stops": sending(CHUNKED + b"64\r\nabc", then="hold"),
    "a chunk end that never comes": sending(CHUNKED + b"3\r\nabc", then="hold"),
    "trailers that drip": sending(CHUNKED + b"0\r\n", b"a: b\r\n", pause_s=0.1, again=True),
    "a gzip stream that stops": sending(gzipped_head(packed(b"<title>a</title>" * 99)[:30]), then="hold"),
    "interim answers that drip": sending(b"HTTP/1.1 100 Continue\r\n\r\n", pause_s=0.1, again=True),
    "a redirect that stops": sending(b"HTTP/1.1 302 Found\r\nLocation: /\r\n", then="hold"),
}


@pytest.mark.parametrize("name", SLOW)
def test_the_fetch_ends_in_time_wherever_the_site_is_slow(serve: Serve, hurried: Outbound, name: str) -> None:
    server = serve(SLOW[name])
    began = time.monotonic()
    with pytest.raises((UpstreamSlow, UpstreamOdd, LimitExceeded)) as caught:
        get(hurried, server)
    assert time.monotonic() - began < HURRIED.page_fetch_s + ROOM_S
    assert isinstance(caught.value, UpstreamSlow) or "interim" in name or "size" in name
    assert server.gone.wait(ROOM_S), "the connection stays open"


def test_all_hops_share_one_clock(serve: Serve, hurried: Outbound) -> None:
    def late(sock, server) -> None:
        server.request(sock)
        time.sleep(0.2)
        sock.sendall(redirect("/again"))

    server = serve(late)
    began = time.monotonic()
    with pytest.raises(UpstreamSlow):
        get(hurried, server)
    assert time.monotonic() - began < HURRIED.page_fetch_s + ROOM_S
    assert len(server.requests) <= 3


def test_a_led_fetch_has_what_is_left_of_the_clock(serve: Serve, outbound: Outbound) -> None:
    def late(sock, server) -> None:
        server.request(sock)
        time.sleep(0.2)
        sock.sendall(page())

    server = serve(late)
    first = get(outbound, server)
    second = get(outbound, server, came_from=first)
    assert second.spent_s >= 0.4
    nearly_over = replace(second, spent_s=SMALL.page_fetch_s - 0.1)
    began = time.monotonic()
    with pytest.raises(UpstreamSlow):
        get(outbound, server, came_from=nearly_over)
    assert time.monotonic() - began < ROOM_S


FLOODS: dict[str, tuple[Handle, type[UnfurlError], str | None]] = {
    "headers": (sending(HEAD, b"a: b\r\n" * 1_000, again=True), LimitExceeded, "headers"),
    "one header": (sending(HEAD + b"a: ", b"x" * 65_536, again=True), LimitExceeded, "headers"),
    "folded lines": (sending(HEAD + b"a: b\r\n", b" x\r\n" * 1_000, again=True), LimitExceeded, "headers"),
    "lines without a colon": (sending(HEAD, b"junk\r\n" * 1_000, again=True), LimitExceeded, "headers"),
    "many long headers": (sending(HEAD, b"a: " + b"x" * 60_000 + b"\r\n", again=True), LimitExceeded, "headers"),
    "interim answers": (sending(b"HTTP/1.1 103 Early\r\na: b\r\n\r\n" * 1_000, again=True), UpstreamOdd, None),
    "few long headers": (sending(HEAD + (b"a: " + b"x" * 60_000 + b"\r\n") * 20 + b"\r\n"), LimitExceeded, "headers"),
    "status line": (sending(b"HTTP/1.1 200 ", b"x" * 65_536, again=True), LimitExceeded, "headers"),
    "chunk size": (sending(CHUNKED, b"0" * 65_536, again=True), UpstreamDown, None),
    "chunk extension": (sending(CHUNKED, b"1;" + b"x" * 70_000 + b"\r\na\r\n", again=True), UpstreamDown, None),
}


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_outside_the_body_is_an_error(serve: Serve, outbound: Outbound, name: str) -> None:
    handle, error, limit = FLOODS[name]
    server = serve(handle)
    began = time.thread_time()
    with pytest.raises(error) as caught:
        get(outbound, server)
    assert time.thread_time() - began < WORK_S
    assert getattr(caught.value, "limit", None) == limit


@pytest.mark.parametrize(("count", "works"), [(97, True), (98, False)])
def test_a_hundred_headers_are_read_and_no_more(serve: Serve, outbound: Outbound, count: int, works: bool) -> None:
    head = (
        HEAD
        + b"Content-Length: 0\r\nSet-Cookie: a=b\r\n"
        + b"".join(b"x-%d: y\r\n" % n for n in range(count))
        + b"\r\n"
    )
    server = serve(sending(head))
    if works:
        assert get(outbound, server).whole
    else:
        with pytest.raises(LimitExceeded):
            get(outbound, server)


@pytest.mark.parametrize(("length", "works"), [(65_536, True), (65_537, False)])
def test_a_header_line_of_64_kib_is_read_and_no_longer_one(
    serve: Serve, outbound: Outbound, length: int, works: bool
) -> None:
    line = b"x: ".ljust(length - 2, b"y") + b"\r\n"
    server = serve(sending(HEAD + line + b"Content-Length: 2\r\n\r\nhi"))
    if works:
        assert get(outbound, server).body == b"hi"
    else:
        with pytest.raises(LimitExceeded):
            get(outbound, server)


def measured(fetch: Callable[[], Fetched]) -> tuple[Fetched, int]:
    """What was fetched, and the bytes it took: of some times the least, for what other threads take is counted too."""
    peaks = []
    for _ in range(TIMES):
        tracemalloc.start()
        found = fetch()
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    return found, min(peaks)


# Made when they are needed: bombs take a while.
LARGE: dict[str, Callable[[], Handle]] = {
    "without a length": lambda: sending(HEAD + b"\r\n<title>a</title>", b"x" * 65_536, again=True),
    "an absurd length": lambda: sending(
        HEAD + b"Content-Length: " + b"9" * 5_000 + b"\r\n\r\n<title>a</title>", b"x" * 65_536, again=True
    ),
    "chunks without end": lambda: sending(CHUNKED, b"10000\r\n" + b"x" * 65_536 + b"\r\n", again=True),
    "one endless chunk": lambda: sending(CHUNKED + b"fffffffffffffff\r\n", b"x" * 65_536, again=True),
    "a bomb": lambda: sending(gzipped_head(packed(b"<title>a</title>" + b"x" * 60_000_000))),
    "a deflate bomb": lambda: sending(gzipped_head(zlib.compress(b"x" * 60_000_000), "deflate")),
    "a raw deflate bomb": lambda: sending(gzipped_head(zlib.compress(b"x" * 60_000_000)[2:-4], "deflate")),
    "a stacked bomb": lambda: sending(gzipped_head(packed(packed(b"x" * 200_000_000, 6)), "gzip, gzip")),
    "a mixed bomb": lambda: sending(gzipped_head(zlib.compress(packed(b"x" * 60_000_000)), "gzip, deflate")),
    "a bomb of bombs": lambda: sending(
        gzipped_head(packed(b"".join(packed(b"x" * 9_000_000) for _ in range(9))), "gzip,gzip")
    ),
}


@pytest.mark.parametrize("name", LARGE)
def test_a_large_body_is_read_to_the_limit_and_may_make_a_card(serve: Serve, outbound: Outbound, name: str) -> None:
    server = serve(LARGE[name]())
    began = time.thread_time()
    found, peak = measured(lambda: get(outbound, server))
    assert len(found.body) == SMALL.page_bytes and not found.whole
    assert time.thread_time() - began < TIMES * WORK_S
    assert peak < 16 * SMALL.page_bytes, f"{peak:,} bytes"
    assert server.gone.wait(ROOM_S)


@pytest.mark.parametrize(("length", "whole"), [(65_536, True), (65_537, False)])
@pytest.mark.parametrize("form", ["plain", "gzip", "chunked", "close"])
def test_a_page_of_exactly_the_limit_is_whole(
    serve: Serve, outbound: Outbound, form: str, length: int, whole: bool
) -> None:
    body = b"a" * length
    answers = {
        "plain": page(body),
        "gzip": page(packed(body), "Content-Encoding: gzip"),
        "chunked": CHUNKED + b"%x\r\n%s\r\n0\r\n\r\n" % (length, body),
        "close": HEAD + b"Connection: close\r\n\r\n" + body,
    }
    found = get(outbound, serve(sending(answers[form])))
    assert (len(found.body), found.whole) == (65_536, whole)


def test_many_tiny_chunks_stop_at_the_bytes_on_the_wire(serve: Serve, outbound: Outbound) -> None:
    extension = b"1;" + b"x" * 60_000 + b"\r\na\r\n"
    server = serve(sending(CHUNKED, extension, again=True))
    began = time.thread_time()
    found = get(outbound, server)
    assert not found.whole and 0 < len(found.body) < 100
    assert time.thread_time() - began < WORK_S


def test_a_flood_of_trailers_ends_the_reading(serve: Serve, outbound: Outbound) -> None:
    server = serve(sending(CHUNKED + b"3\r\n<p>\r\n0\r\n", b"a: b\r\n" * 1_000, again=True))
    assert (get(outbound, server).body, server.gone.wait(ROOM_S)) == (b"<p>", True)


BETWEEN = {
    "empty members": lambda: gzipped_head(packed(packed(b"") * 2_000_000), "gzip, gzip"),
    "empty blocks": lambda: gzipped_head(packed(b"\x00\x00\x00\xff\xff" * 10_000_000), "deflate, gzip"),
}


@pytest.mark.parametrize("name", BETWEEN)
def test_what_grows_only_in_between_is_bounded_too(serve: Serve, outbound: Outbound, name: str) -> None:
    server = serve(sending(BETWEEN[name]()))
    began = time.thread_time()
    found = get(outbound, server)
    assert (found.body, found.whole) == (b"", name == "empty members")
    assert time.thread_time() - began < WORK_S and server.gone.wait(ROOM_S)


@pytest.mark.parametrize("members", [64, 65])
def test_64_gzip_members_are_read_and_no_more(serve: Serve, outbound: Outbound, members: int) -> None:
    assert get(outbound, serve(sending(gzipped_head(packed(b"x") * members)))).body == b"x" * 64


@pytest.mark.parametrize(
    ("encoding", "error"),
    [
        ("gzip, gzip, gzip", LimitExceeded),
        ("deflate,gzip,x-gzip,gzip", LimitExceeded),
        ("br", UpstreamOdd),
        ("zstd, gzip", UpstreamOdd),
        ("gzip;q=1", UpstreamOdd),
    ],
)
def test_other_and_more_encodings_are_refused(
    serve: Serve, outbound: Outbound, encoding: str, error: type[UnfurlError]
) -> None:
    with pytest.raises(error):
        get(outbound, serve(sending(gzipped_head(packed(b"x"), encoding))))


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("", b"<p>"),
        ("identity", b"<p>"),
        ("gzip", packed(b"<p>")),
        ("X-GZIP", packed(b"<p>")),
        ("deflate", zlib.compress(b"<p>")),
        ("deflate", zlib.compress(b"<p>")[2:-4]),
        ("gzip, identity", packed(b"<p>")),
        ("gzip, gzip", packed(packed(b"<p>"))),
        ("deflate, gzip", packed(zlib.compress(b"<p>"))),
        ("gzip", packed(b"<") + packed(b"p>")),
        ("gzip", packed(b"<p>") + b"\0\0\0garbage"),
        ("gzip", packed(b"<p>")[:-8]),
    ],
)
def test_the_usual_encodings_are_undone(serve: Serve, outbound: Outbound, encoding: str, body: bytes) -> None:
    assert get(outbound, serve(sending(gzipped_head(body, encoding)))).body == b"<p>"


def test_an_empty_packed_body_is_an_empty_page(serve: Serve, outbound: Outbound) -> None:
    found = get(outbound, serve(sending(page(b"", "Content-Encoding: gzip"))))
    assert found.body == b"" and found.whole


@pytest.mark.parametrize(
    ("answer", "error", "reason"),
    [
        (b"", UpstreamDown, "upstream-cut-off"),
        (b"HTTP/1.1 200 OK\r\nContent-", UpstreamDown, "upstream-cut-off"),
        (b"HTTP/1.1 200", UpstreamDown, "upstream-cut-off"),
        (HEAD + b"Content-Length: 10\r\n\r\n", UpstreamDown, "upstream-cut-short"),
        (CHUNKED + b"5\r\nabc", UpstreamDown, "upstream-cut-off"),
        (CHUNKED + b"5\r\nabcde\r\n", UpstreamDown, "upstream-cut-off"),
        (CHUNKED + b"-5\r\nabcde\r\n0\r\n\r\n", UpstreamDown, "upstream-cut-off"),
        (CHUNKED + b"0x5\r\nabcde\r\n0\r\n\r\n", UpstreamDown, "upstream-cut-off"),
        (CHUNKED + b"3\r\nabcde\r\n0\r\n\r\n", UpstreamDown, "upstream-cut-off"),
        (CHUNKED + b"ffffffffffffffffffff\r\nabc", UpstreamDown, "upstream-cut-off"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", UpstreamOdd, "upstream-not-http"),
        (b"220 mail ESMTP\r\n", UpstreamOdd, "upstream-not-http"),
        (b"\x16\x03\x01\x02\x00\x01\x00", UpstreamOdd, "upstream-not-http"),
        (b"\x00" * 100, UpstreamOdd, "upstream-not-http"),
        (b"HTTP/2.0 200 OK\r\n\r\n", UpstreamOdd, "upstream-not-http"),
        (b"HTTP/1.1 2x0 OK\r\n\r\n", UpstreamOdd, "upstream-not-http"),
        (b"HTTP/1.1 0 OK\r\n\r\n", UpstreamOdd, "upstream-not-http"),
        (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", UpstreamOdd, "upstream-not-http"),
        (HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef", UpstreamOdd, "upstream-not-http"),
        (HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n", UpstreamOdd, "encoding-unknown"),
        (gzipped_head(b"<title>not packed</title>"), UpstreamOdd, "encoding-broken"),
        (gzipped_head(b"<title>not packed</title>", "deflate"), UpstreamOdd, "encoding-broken"),
    ],
)
def test_what_is_no_proper_answer_is_a_clear_error(
    serve: Serve, outbound: Outbound, answer: bytes, error: type[UnfurlError], reason: str
) -> None:
    server = serve(sending(answer))
    with pytest.raises(error) as caught:
        get(outbound, server)
    assert caught.value.reason == reason
    assert server.connections == 1, "no retry inside the fetch"


@pytest.mark.parametrize(
    ("answer", "body", "whole"),
    [
        (HEAD + b"Content-Length: 100\r\n\r\n<p>", b"<p>", False),
        (HEAD + b"Content-Length: nonsense\r\n\r\n<p>", b"<p>", True),
        (HEAD + b"Content-Length: -1\r\n\r\n<p>", b"<p>", True),
        (HEAD + b"Content-Length: 2\r\n\r\n<p>more", b"<p", True),
        (HEAD + b"Content-Length: 3, 3\r\n\r\n<p>", b"<p>", True),
        (HEAD + b"Content-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n3 ;x=y\r\n<p>\r\n0\r\n\r\n", b"<p>", True),
        (CHUNKED + b"3\n<p>\n0\n\n", b"<p>", True),
        (CHUNKED + b"3\r\n<p>\r\n0\r\nTrailer: x\r\n\r\n", b"<p>", True),
        (b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n<p>", b"<p>", True),
        (b"HTTP/1.1 200\r\nContent-Type: text/html\r\n\r\n<p>", b"<p>", True),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: </a>\r\n\r\n" + page(b"<p>"), b"<p>", True),
        (HEAD + b"junk line\r\n: no name\r\nX-Folded: a\r\n b\r\n\r\n<p>", b"<p>", True),
        (b"HTTP/1.1 200 OK\ncontent-type: text/html\n\n<p>", b"<p>", True),
    ],
)
def test_what_is_only_a_little_wrong_is_read(
    serve: Serve, outbound: Outbound, answer: bytes, body: bytes, whole: bool
) -> None:
    found = get(outbound, serve(sending(answer)))
    assert (found.body, found.whole) == (body, whole)


def test_a_reset_is_an_error(serve: Serve, outbound: Outbound) -> None:
    def reset(sock, server) -> None:
        server.request(sock)
        sock.sendall(HEAD + b"Content-Length: 100\r\n\r\nabc")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        sock.close()

    with pytest.raises(UpstreamDown):
        get(outbound, serve(reset))


def test_the_body_of_a_redirect_is_never_read(serve: Serve, outbound: Outbound) -> None:
    bomb = packed(b"x" * 60_000_000)
    answers = cycle(
        [
            redirect("/next")
            .replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n")
            .replace(b": 0", b": %d" % len(bomb))
            + bomb,
            page(),
        ]
    )

    def handle(sock, server) -> None:
        server.request(sock)
        sock.sendall(next(answers))
        sock.recv(1)

    server = serve(handle)
    found, peak = measured(lambda: get(outbound, server))
    assert found.whole
    assert server.connections == 2 * TIMES
    assert peak < 1_048_576


@pytest.mark.parametrize(
    "status", ["404 Not Found", "401 U", "500 E", "429 T", "204 No Content", "206 P", "300 M", "304 N"]
)
def test_the_body_of_any_other_status_is_not_read_either(serve: Serve, outbound: Outbound, status: str) -> None:
    server = serve(sending(b"HTTP/1.1 %s\r\n\r\n" % status.encode(), b"x" * 65_536, again=True))
    began = time.thread_time()
    with pytest.raises(UnfurlError):
        get(outbound, server)
    assert time.thread_time() - began < WORK_S and server.gone.wait(ROOM_S)


@pytest.mark.parametrize(
    "kind",
    [
        "application/zip",
        "application/octet-stream",
        "text/plain",
        "application/json",
        "font/woff",
        "text/css",
        "application/x-msdownload",
    ],
)
def test_what_is_neither_page_nor_file_is_closed_unread(serve: Serve, outbound: Outbound, kind: str) -> None:
    server = serve(sending(b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\n\r\n" % kind.encode(), b"x" * 65_536, again=True))
    began = time.thread_time()
    with pytest.raises(NothingToShow) as caught:
        get(outbound, server)
    assert caught.value.reason == "not-a-page"
    assert time.thread_time() - began < WORK_S and server.gone.wait(ROOM_S)


def test_a_site_that_is_not_there_is_down(outbound: Outbound) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        with pytest.raises(UpstreamDown) as caught:
            outbound.fetch(Link.parse(f"http://127.0.0.1:{bound.getsockname()[1]}/"))
    assert caught.value.retry and caught.value.reason == "upstream-refused"


def test_nothing_is_left_open(serve: Serve, outbound: Outbound) -> None:
    servers = [serve(handle) for handle, _, _ in FLOODS.values()]
    servers += [serve(answer()) for name, answer in LARGE.items() if "bomb" not in name]
    servers.append(serve(sending(redirect("/elsewhere"))))
    before = len(list(Path("/proc/self/fd").iterdir()))
    for server in servers * 3:
        with suppress(UnfurlError):
            get(outbound, server)
    for server in servers:
        server.close()
    gc.disable()
    try:
        assert wait_for(lambda: len(list(Path("/proc/self/fd").iterdir())) <= before)
    finally:
        gc.enable()
