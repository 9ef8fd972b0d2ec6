"""What the fault suite stands on: a service to be killed, and a count of what was asked and of what ended."""

from __future__ import annotations

import shutil
from pathlib import Path

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
def fragile(tmp_path, settings, github):
    """A service of this test alone, with a minefield among its providers; not started."""
    shutil.copytree(ROOT / "tests" / "world" / "providers", tmp_path / "providers")
    environ = settings | {"UNFURLER_GITHUB_API_URL": github.url}
    service = Service(Path(tmp_path), environ, cwd=tmp_path)
    yield service
    if service.process is not None:
        service.kill()
