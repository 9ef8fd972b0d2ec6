"""Organizations in a real database, and a client of a Space that does what a test tells it to."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from cryptography.fernet import Fernet

from tests.space.script import CREDENTIALS, Clock, Script, scripted, way_out
from tests.space.signing import public
from tests.world.sites import Site
from unfurler.space.client import SpaceClient
from unfurler.space.server import Server
from unfurler.store.database import Database
from unfurler.store.organizations import Organizations
from unfurler.store.secrets import Vault
from unfurler.store.upgrade import upgrade


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory):
    """A database file with all tables, to be copied."""
    path = tmp_path_factory.mktemp("migrated") / "template.db"
    database = Database(f"sqlite:///{path}")
    upgrade(database)
    database.close()
    return path


@pytest.fixture
def organizations(tmp_path, migrated_file):
    """With `acme`, whose messages the first key signs."""
    shutil.copy(migrated_file, tmp_path / "space.db")
    database = Database(f"sqlite:///{tmp_path}/space.db")
    made = Organizations(database, Vault([Fernet.generate_key().decode()]))
    made.install("acme", "https://acme.example", secret="s1", keys=public(0), by=None, now=1.0)
    yield made
    database.close()


@pytest.fixture
def site():
    """A server over real HTTP."""
    opened = Site()
    yield opened
    opened.close()


@pytest.fixture
def space() -> Iterator[Script]:
    with scripted() as script:
        yield script


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(space: Script, clock: Clock) -> SpaceClient:
    return SpaceClient(
        Server(space.url + "/", way_out(), clock=clock, sleep=clock.sleep, jitter=lambda: 0.0), CREDENTIALS
    )
