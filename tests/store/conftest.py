"""Every test here runs on a real SQLite file, and on a real PostgreSQL where one can be started."""

from __future__ import annotations

import shutil
from itertools import count

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import create_engine, text

from tests.world import postgres
from tests.world.redis import or_skip
from unfurler.store.database import Database
from unfurler.store.leases import Leases
from unfurler.store.organizations import Organizations
from unfurler.store.queue_items import QueueItems
from unfurler.store.records import NewItem
from unfurler.store.secrets import Vault
from unfurler.store.upgrade import upgrade

_NUMBERS = count()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory):
    """An SQLite file with all tables, to be copied."""
    path = tmp_path_factory.mktemp("migrated") / "template.db"
    database = Database(f"sqlite:///{path}")
    upgrade(database)
    database.close()
    return path


@pytest.fixture(scope="session")
def postgres_url():
    """A server with a migrated database called `template`."""
    place = postgres.programs()
    if place is None:
        or_skip("PostgreSQL")
    with postgres.running(place) as server:
        url = server.url
        with create_engine(f"{url}/postgres", isolation_level="AUTOCOMMIT").connect() as connection:
            connection.execute(text("create database template"))
        database = Database(f"{url}/template")
        upgrade(database)
        database.close()
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """The address of a fresh, migrated database."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / "unfurler.db")
        return f"sqlite:///{tmp_path}/unfurler.db"
    server = request.getfixturevalue("postgres_url")
    name = f"test{next(_NUMBERS)}"
    engine = create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"create database {name} template template"))
    engine.dispose()
    return f"{server}/{name}"


@pytest.fixture
def database(url):
    opened = Database(url)
    yield opened
    opened.close()


@pytest.fixture
def vault():
    return Vault([Fernet.generate_key().decode()])


@pytest.fixture
def organizations(database, vault):
    return Organizations(database, vault)


@pytest.fixture
def acme(organizations):
    """The id of an organization that is there."""
    organizations.install("acme", "https://acme.example", secret="s1", keys="{}", by="u1", now=1.0)
    return "acme"


@pytest.fixture
def items(database, vault, acme):
    return QueueItems(database, vault, acme)


@pytest.fixture
def lease(database, acme):
    held = Leases(database, "me/1/x", 60.0).acquire(acme)
    assert held is not None
    return held


@pytest.fixture
def new():
    """Makes queue items: `new(7)` is the one with etag 7."""

    def make(etag: int, *, url: str | None = None, message: str | None = None, item: str | None = None) -> NewItem:
        return NewItem(f"r{etag}", item or f"i{etag}", etag, url or f"https://example.com/{etag}", "u1", message)

    return make
