"""The application in this process: every piece real, the database a file, Space a server on loopback."""

from __future__ import annotations

import shutil

import pytest
from cryptography.fernet import Fernet

from tests.space.signing import public, signed, vouches
from tests.world.sites import Site
from unfurler.config import read_configuration
from unfurler.engine.loading import load_providers
from unfurler.store.database import Database
from unfurler.store.upgrade import upgrade
from unfurler.web.app import create_app
from unfurler.web.build import build_service


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory):
    """A database file with all tables, to be copied."""
    path = tmp_path_factory.mktemp("migrated") / "template.db"
    database = Database(f"sqlite:///{path}")
    upgrade(database)
    database.close()
    return path


@pytest.fixture
def site():
    """A Space server that vouches for the first key, with an empty queue."""
    opened = Site()
    vouches(opened, 0)
    yield opened
    opened.close()


@pytest.fixture
def build(tmp_path, site, migrated_file):
    """Makes a service with more settings."""
    made = []

    def build(**settings: str):
        environ = {
            "UNFURLER_SECRET_KEYS": Fernet.generate_key().decode(),
            "UNFURLER_DATABASE_URL": f"sqlite:///{tmp_path}/web{len(made)}.db",
            "UNFURLER_SPACE_HOSTS": site.url,
            "UNFURLER_BASE_URL": "https://unfurl.example",
        }
        shutil.copy(migrated_file, tmp_path / f"web{len(made)}.db")
        loaded = load_providers()
        service = build_service(read_configuration(environ | settings, loaded.providers), loaded)
        service.organizations.install("acme", site.url, secret="canary-s1", keys=public(0), by=None, now=1.0)
        made.append(service)
        return service

    yield build
    for service in made:
        service.stop()
        service.database.close()


@pytest.fixture
def service(build):
    return build()


@pytest.fixture
def web(service):
    return create_app(service).test_client()


@pytest.fixture
def deliver(web):
    """Delivers a body to the webhook as Space would, or as `headers` say; the status."""

    def deliver(body: bytes, headers=None) -> int:
        sent = dict(headers if headers is not None else signed(body))
        return web.post("/api/space", data=body, headers=sent | {"Content-Type": "application/json"}).status_code

    return deliver
