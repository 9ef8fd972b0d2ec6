"""Fixtures for the way out."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.fetch.internet import (
    AGENT,
    HURRIED,
    OTHER_PUBLIC,
    PUBLIC,
    SMALL,
    Clock,
    Handle,
    Net,
    Server,
    answering,
    page,
)
from unfurler.fetch import Allow, Guard, Outbound, Pacing


@pytest.fixture
def serve() -> Iterator[Callable[[Handle], Server]]:
    """Starts servers that end with the test."""
    servers: list[Server] = []

    def start(handle: Handle) -> Server:
        servers.append(Server(handle))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def net() -> Net:
    return Net(names={"site.example": [PUBLIC], "other.example": [OTHER_PUBLIC]})


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def outbound(clock: Clock) -> Iterator[Outbound]:
    """The real thing on loopback, which is on the allow-list, with small limits."""
    made = Outbound(SMALL, Guard.make(Allow.parse("127.0.0.1")), user_agent=AGENT, pacing=Pacing(now=clock))
    yield made
    made.close()


@pytest.fixture
def hurried(clock: Clock) -> Iterator[Outbound]:
    """The same with little time."""
    made = Outbound(HURRIED, Guard.make(Allow.parse("127.0.0.1")), user_agent=AGENT, pacing=Pacing(now=clock))
    yield made
    made.close()


@pytest.fixture
def public(net: Net, clock: Clock) -> Iterator[Outbound]:
    """Nothing allowed, in the made-up internet."""
    made = Outbound(
        SMALL, Guard.make(Allow()), user_agent=AGENT, resolver=net.resolve, dial=net.dial, pacing=Pacing(now=clock)
    )
    yield made
    made.close()


@pytest.fixture
def site(serve, net: Net) -> Server:
    """What stands at the public address of the made-up internet."""
    server = serve(answering(page()))
    net.ports = {PUBLIC: server.port}
    return server
