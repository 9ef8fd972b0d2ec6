"""The world of the tests. Nothing of ours is mocked: the service, the emulated Space and the sites are real servers."""

from __future__ import annotations

import os
from pathlib import Path

import hypothesis
import pytest

from tests.world.redis import RedisServer
from tests.world.service import Service
from tests.world.sites import Site
from tests.world.space import Organization, Server
from unfurler.sandbox.sandbox import Settings
from unfurler.sandbox.server import running

# How long an example takes says more of the machine than of us.
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")

# Folders whose tests begin processes and wait for them, those with the longest files first.
FIRST = ("cli", "docs", "machines", "browser", "behaviour", "faults", "web")


def pytest_collection_modifyitems(items):
    """Side by side, what takes long begins first: begun last, it would leave all workers but one with nothing to do."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=lambda item: _place(item.path.relative_to(Path(__file__).parent).parts[0]))


def _place(folder: str) -> int:
    return FIRST.index(folder) if folder in FIRST else len(FIRST)


@pytest.fixture(scope="session")
def space_server():
    """An emulated Space."""
    with running(Settings(port=0)) as sandbox:
        yield Server(sandbox.url)


@pytest.fixture(scope="session")
def github():
    """GitHub's API, as far as a test says."""
    site = Site()
    yield site
    site.close()


@pytest.fixture(scope="session")
def pages():
    """A site of pages, covered by the generic provider."""
    site = Site()
    yield site
    site.close()


@pytest.fixture(scope="session")
def settings(space_server, github, pages):
    """What the shared service is configured with."""
    return {
        "UNFURLER_SPACE_HOSTS": space_server.url,
        "UNFURLER_GITHUB_API_URL": github.url,
        "UNFURLER_DOMAINS": f"127.0.0.1:{pages.port}",
        "UNFURLER_FETCH_ALLOW": f"127.0.0.1:{pages.port}",
        "UNFURLER_CACHE_TTL": "0",
    }


@pytest.fixture(scope="session")
def service(tmp_path_factory, settings):
    """The service that most tests share; each brings its own organization."""
    running_service = Service(tmp_path_factory.mktemp("service"), settings).start()
    yield running_service
    running_service.stop()


@pytest.fixture
def space(space_server, service) -> Organization:
    """An organization of its own that has installed the shared service."""
    yield space_server.install(service.endpoint)
    assert space_server.violations == []


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory):
    server = RedisServer(tmp_path_factory.mktemp("redis")).start()
    yield server
    server.thaw()
    server.stop()


@pytest.fixture
def redis(redis_server):
    """Running and empty, whatever the test before did to it."""
    redis_server.thaw()
    if redis_server.process is None:
        redis_server.start()
    redis_server.client().flushall()
    yield redis_server
    redis_server.thaw()
