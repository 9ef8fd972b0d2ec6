"""What the fault suite stands on: a service to be killed, with sites of its own."""

from __future__ import annotations

import shutil

import pytest

from tests.world.service import ROOT, Service
from tests.world.sites import Site


@pytest.fixture
def github():
    """GitHub's API, of this test alone: it answers for everything that the load asks."""
    site = Site()
    yield site
    site.close()


@pytest.fixture
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
