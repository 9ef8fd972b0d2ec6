"""Opening connections: the one place where a socket is dialled.

The guard decides here, on the addresses that are then dialled, and nothing is looked up again in between. This is
urllib3's own seam (`_new_conn`); TLS above it stays urllib3's, checked against the host in the URL.
"""

from __future__ import annotations

import http.client
import itertools
import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import certifi
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util import Url

from unfurler.fetch.addresses import Address, parse_address
from unfurler.fetch.answer import Answer
from unfurler.fetch.deadline import Deadline, Times
from unfurler.fetch.guard import Guard, Judged, literal_address
from unfurler.fetch.proxy import Proxy
from unfurler.fetch.resolve import Lookups
from unfurler.fetch.target import Target
from unfurler.fetch.watchdog import Ticket, Watchdog
from unfurler.sdk.errors import AddressRefused, UpstreamDown

Dial = Callable[[Address, int, float], socket.socket]
"""Address, port and seconds to a connected socket. Raises OSError."""


def system_dial(address: Address, port: int, timeout_s: float) -> socket.socket:
    """A TCP connection to exactly this address."""
    sock = socket.socket(socket.AF_INET if address.version == 4 else socket.AF_INET6, socket.SOCK_STREAM)
    try:
        sock.settimeout(timeout_s)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.connect((str(address), port))
    except BaseException:
        sock.close()
        raise
    return sock


def system_trust() -> ssl.SSLContext:
    """The authorities of the system, where an operator adds his own, beside those of certifi."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context


class Connector:
    """Makes connections that know the rules they were opened under."""

    def __init__(
        self,
        lookups: Lookups,
        watchdog: Watchdog,
        *,
        max_addresses: int,
        max_headers: int,
        dial: Dial = system_dial,
        trust: Callable[[], ssl.SSLContext] = system_trust,
        proxy: Proxy | None = None,
    ) -> None:
        self.watchdog = watchdog
        self.max_headers = max_headers
        self.proxy = proxy
        self._lookups = lookups
        self._max_addresses = max_addresses
        self._dial = dial
        self._trust = trust
        self._context: ssl.SSLContext | None = None
        self._lock = threading.Lock()

    def connection(self, target: Target, guard: Guard, times: Times, deadline: Deadline) -> Connection:
        """A connection for one request, not yet opened. Raises AddressRefused for what needs no look-up."""
        guard.judge_name(target)
        kind = _Https if target.scheme == "https" else _Http
        return kind(self, target, guard, times, deadline)

    @property
    def context(self) -> ssl.SSLContext:
        """Built at the first use: it reads files."""
        with self._lock:
            if self._context is None:
                self._context = self._trust()
            return self._context

    def open(self, target: Target, guard: Guard, times: Times, deadline: Deadline) -> tuple[socket.socket, bool]:
        """A connected socket, with whether an allowance opened the way. Raises AddressRefused and Upstream errors."""
        if self.proxy is not None:
            # The operator's proxy looks up again, so the address rule is its; scheme, name and port stay ours.
            guard.judge_name(target)
            answers = self._answers(self.proxy.target, times, deadline)
            judged = Judged(_addresses(answers), opened=guard.names(target))
            return self._connect(judged.addresses, self.proxy.target.port, times, deadline), judged.opened
        judged = guard.judge(target, self._answers(target, times, deadline))
        return self._connect(judged.addresses, target.port, times, deadline), judged.opened

    def _answers(self, target: Target, times: Times, deadline: Deadline) -> Sequence[str]:
        literal = literal_address(target)
        if literal is not None:
            return [str(literal)]
        return self._lookups.find(target.host, target.port, min(times.dns_s, deadline.left_s()))

    def _connect(self, addresses: Sequence[Address], port: int, times: Times, deadline: Deadline) -> socket.socket:
        failure: Exception = UpstreamDown("The site has no address.", reason="host-unknown")
        for address in _by_turns(addresses)[: self._max_addresses]:
            limit_s = min(times.connect_s, deadline.left_s())
            try:
                return self._dial(address, port, limit_s)
            except TimeoutError:
                failure = times.unconnected()
            except OSError:
                failure = UpstreamDown("The site does not take connections.", reason="upstream-refused")
        raise failure


class _Guarded(HTTPConnection):
    """What both kinds of connection have on top of urllib3's."""

    def __init__(
        self,
        connector: Connector,
        target: Target,
        guard: Guard,
        times: Times,
        deadline: Deadline,
        **more: Any,
    ) -> None:
        at = connector.proxy.target if connector.proxy is not None else target
        super().__init__(host=at.bare_host, port=at.port, socket_options=None, **more)
        self.target = target
        self.opened = False
        self._connector = connector
        self._guard = guard
        self._lifeline: socket.socket | None = None
        self._ticket: Ticket | None = None
        self.renew(times, deadline)

    def renew(self, times: Times, deadline: Deadline) -> None:
        """Make ready for one more request, under the clock of that request."""
        self._times = times
        self._deadline = deadline
        self.timeout = min(times.gap_s, deadline.left_s())
        if self._lifeline is not None:
            self._ticket = self._connector.watchdog.watch(deadline.at, self._cut)

    def rest(self) -> bool:
        """The request is over; whether the connection was left alone by the watchdog."""
        if self._ticket is None:
            return True
        self._ticket.cancel()
        return not self._ticket.fired

    def answer(self) -> Answer:
        """Read the head of what comes back."""
        found = http.client.HTTPConnection.getresponse(self)
        assert isinstance(found, Answer)
        return found

    def response_class(self, sock: socket.socket, _debuglevel: int = 0, method: str | None = None) -> Answer:  # type: ignore[override]
        """What http.client makes of the socket once the request is out."""
        return Answer(sock, method, self._deadline, self._times, self._connector.max_headers)

    def close(self) -> None:
        """Also of the second handle."""
        self.rest()
        super().close()
        if self._lifeline is not None:
            self._lifeline.close()
            self._lifeline = None

    def _new_conn(self) -> socket.socket:
        at = self._connector.proxy.target if self._connector.proxy is not None else self.target
        if (self._dns_host, self.port) != (at.bare_host, at.port):
            raise AddressRefused("This address is not one that is fetched.", reason="address-misread")
        sock, self.opened = self._connector.open(self.target, self._guard, self._times, self._deadline)
        # TLS takes the socket apart, and closing it elsewhere frees its number for another: a handle of its own
        # is what can be shut down at any moment without hitting the wrong one.
        self._lifeline = sock.dup()
        sock.settimeout(min(self._times.gap_s, self._deadline.left_s()))
        self._ticket = self._connector.watchdog.watch(self._deadline.at, self._cut)
        return sock

    def _cut(self) -> None:
        lifeline = self._lifeline
        if lifeline is not None:
            with suppress(OSError):
                lifeline.shutdown(socket.SHUT_RDWR)


class _Http(_Guarded):
    """Plain HTTP."""

    def __init__(self, connector: Connector, target: Target, guard: Guard, times: Times, deadline: Deadline) -> None:
        super().__init__(connector, target, guard, times, deadline)


class _Https(_Guarded, HTTPSConnection):
    """HTTP over TLS."""

    def __init__(self, connector: Connector, target: Target, guard: Guard, times: Times, deadline: Deadline) -> None:
        more: dict[str, Any] = {"ssl_context": connector.context}
        if connector.proxy is not None:
            more["proxy"] = Url(scheme="http", host=connector.proxy.target.bare_host, port=connector.proxy.target.port)
        super().__init__(connector, target, guard, times, deadline, **more)
        if connector.proxy is not None:
            self.set_tunnel(target.bare_host, target.port, headers=connector.proxy.headers, scheme="http")


Connection = _Http | _Https


def _by_turns(addresses: Sequence[Address]) -> list[Address]:
    """The families taking turns, beginning with the first one's: a broken one costs one attempt, not all of them."""
    first = [one for one in addresses if one.version == addresses[0].version]
    other = [one for one in addresses if one.version != addresses[0].version]
    return [one for pair in itertools.zip_longest(first, other) for one in pair if one is not None]


def _addresses(answers: Sequence[str]) -> tuple[Address, ...]:
    return tuple(one for one in map(parse_address, answers) if one is not None)
