"""What the fault suite stands on: a service to be killed, and a count of what was asked and of what ended."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.world.service import ROOT, Service


@pytest.fixture
def fragile(tmp_path, settings):
    """A service of this test alone, with a minefield among its providers; not started."""
    shutil.copytree(ROOT / "tests" / "world" / "providers", tmp_path / "providers")
    service = Service(Path(tmp_path), settings | {"UNFURLER_MINEFIELD_URL": "https://minefield.example"}, cwd=tmp_path)
    yield service
    if service.process is not None:
        service.kill()
