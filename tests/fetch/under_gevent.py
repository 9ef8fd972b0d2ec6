"""Run by test_gevent.py in a process of its own: slow sites under a monkey-patched gevent, as the web process has it.

Prints one JSON object: for each slow site how long the fetch took, and how it ended.
"""

from gevent import monkey

monkey.patch_all()

import json  # noqa: E402
import logging  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402

import gevent  # noqa: E402
import structlog  # noqa: E402

from tests.fetch.internet import (  # noqa: E402
    AGENT,
    HURRIED,
    PUBLIC,
    SMALL,
    Net,
    Server,
    answering,
    page,
    read_request,
    sending,
)
from unfurler.fetch import Allow, Guard, Outbound  # noqa: E402
from unfurler.sdk.errors import UnfurlError  # noqa: E402
from unfurler.sdk.link import Link  # noqa: E402

structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))


def tls_record_that_drips(sock, _server) -> None:
    sock.recv(65_536)
    sock.sendall(b"\x16\x03\x03\x40\x00")
    for _ in range(200):
        sock.sendall(b"\x02")
        time.sleep(0.05)


def hold(sock, _server) -> None:
    read_request(sock)
    sock.recv(1)


SLOW = {
    "http silent": hold,
    "http head": sending(b"HTTP/1.1 200 OK\r\n", b"a: b\r\n", pause_s=0.05, again=True),
    "http body": sending(b"HTTP/1.1 200 OK\r\n\r\n", b"x", pause_s=0.05, again=True),
    "https handshake": tls_record_that_drips,
    "https silent": hold,
}


def fetch(name: str) -> tuple[str, float, str]:
    net = Net(names={"site.example": [PUBLIC]}, ports={PUBLIC: Server(SLOW[name]).port})
    outbound = Outbound(HURRIED, Guard.make(Allow()), user_agent=AGENT, resolver=net.resolve, dial=net.dial)
    began = time.monotonic()
    try:
        outbound.fetch(Link.parse(f"{name.split()[0]}://site.example/"))
        end = "answered"
    except UnfurlError as error:
        end = error.reason
    return name, time.monotonic() - began, end


def dns() -> tuple[str, float, str]:
    outbound = Outbound(HURRIED, Guard.make(Allow()), user_agent=AGENT, resolver=lambda *_: time.sleep(20) or [PUBLIC])
    began = time.monotonic()
    try:
        outbound.fetch(Link.parse("http://site.example/"))
        end = "answered"
    except UnfurlError as error:
        end = error.reason
    return "dns", time.monotonic() - began, end


def main() -> None:
    jobs = [gevent.spawn(fetch, name) for name in SLOW] + [gevent.spawn(dns)]
    gevent.joinall(jobs)
    found = {name: (took, end) for name, took, end in (job.value for job in jobs)}
    server = Server(answering(page(b"{}")))
    outbound = Outbound(SMALL, Guard.make(Allow.parse("127.0.0.1")), user_agent=AGENT)
    many = [gevent.spawn(outbound.request, "POST", server.url, json={}) for _ in range(50)]
    gevent.joinall(many)
    found["posts"] = (0.0, str(sum(job.value.status == 200 for job in many)))
    json.dump(found, sys.stdout)


main()
