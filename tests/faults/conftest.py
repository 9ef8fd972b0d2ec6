"""What the fault suite stands on: a service to be killed, with sites of its own."""

from __future__ import annotations

import shutil

import pytest

from tests.world import postgres
from tests.world.line import Line
from tests.world.ports import free_port
from tests.world.redis import or_skip
from tests.world.service import ROOT, Service
from tests.world.sites import Site
from tests.world.space import Server
from unfurler.sandbox.sandbox import Settings
from unfurler.sandbox.server import running


@pytest.fixture(scope="module")
def github():
    """GitHub's API, of these tests alone: it answers for everything that the load asks."""
    site = Site()
    yield site
    site.close()


@pytest.fixture(scope="module")
def settings(space_server, github):
    """What a service of these tests is configured with."""
    return {
        "UNFURLER_SPACE_HOSTS": space_server.url,
        "UNFURLER_GITHUB_API_URL": github.url,
        "UNFURLER_CACHE_TTL": "0",
    }


@pytest.fixture
def fragile(tmp_path, settings):
    """A service of this test alone, with a minefield among its providers; not started."""
    shutil.copytree(ROOT / "tests" / "world" / "providers", tmp_path / "providers")
    service = Service(tmp_path, settings, cwd=tmp_path)
    yield service
    if service.process is not None:
        service.kill()


@pytest.fixture
def postgres_server():
    """PostgreSQL of this test alone, to be restarted."""
    place = postgres.programs()
    if place is None:
        or_skip("PostgreSQL")
    with postgres.running(place) as server:
        yield server


@pytest.fixture(scope="module")
def long_line():
    line = Line(free_port())
    yield line
    line.close()


@pytest.fixture
def line(long_line):
    """Where `far_service` reaches the emulated Space of `far_space`; it can be cut, slowed and silenced."""
    long_line.cuts.clear()
    yield long_line
    long_line.heal()


@pytest.fixture(scope="module")
def far_space(long_line):
    """An emulated Space at the other end of the line; tests speak to it directly."""
    (port,) = long_line.ports
    with running(Settings(port=port, server_url=long_line.url)):
        yield Server(f"http://127.0.0.1:{port}")


@pytest.fixture(scope="module")
def far_service(tmp_path_factory, settings, long_line, far_space):
    """A service whose Space is at the other end of the line; started."""
    environ = settings | {"UNFURLER_SPACE_HOSTS": long_line.url}
    service = Service(tmp_path_factory.mktemp("far"), environ).start()
    yield service
    service.kill()
