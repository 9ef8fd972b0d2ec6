"""The database is locked, full, or restarted in the middle of drains: nothing is lost, and the service recovers."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest

from tests.faults.load import Load
from tests.world.service import Service
from tests.world.space import wait_for


def test_a_locked_database_loses_nothing(space_server, fragile, github):
    fragile.start()
    organization = space_server.install(fragile.endpoint)
    load = Load(github, organization)
    load.post(5)
    with load.troubles.during("lock"), sqlite3.connect(fragile.database, isolation_level=None) as holder:
        holder.execute("begin immediate")
        load.post(5)
        # Longer than a writer waits for its turn.
        time.sleep(7)
        load.post(5)
        holder.execute("rollback")
    account = load.account(fragile)
    assert (account.faults, account.asked) == ([], 15), account


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 4 MiB, to be filled."""
    place = tmp_path / "disk"
    place.mkdir()
    if os.getuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "none", place]).returncode:
        pytest.skip("no disk can be mounted here")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


def fill(disk: Path) -> Path:
    """Up to the last byte; the file to be removed."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (65_536, 1):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                continue
    return filler


@pytest.mark.long
def test_a_full_disk_counts_nothing_as_done_and_loses_nothing(space_server, tmp_path, settings, github, small_disk):
    database = small_disk / "unfurler.db"
    service = Service(tmp_path, settings | {"UNFURLER_DATABASE_URL": f"sqlite:///{database}"}).start()
    try:
        organization = space_server.install(service.endpoint)
        load = Load(github, organization, delay_s=0.3)
        load.post(5)
        assert wait_for(organization.cards)
        with load.troubles.during("full disk"):
            load.post(20)
            filler = fill(small_disk)
            load.post(20)
            for _ in range(3):
                assert organization.call("notify")["status"] in (200, 503)
                time.sleep(0.5)
            filler.unlink()
        assert service.events("work.failed") or service.events("database.away")
        account = load.account(service)
        assert (account.faults, account.asked) == ([], 45), account
        assert service.process.poll() is None
    finally:
        service.kill()


@pytest.mark.long
def test_postgresql_restarted_in_the_middle_of_drains_loses_nothing(
    space_server, tmp_path, settings, github, postgres_server
):
    service = Service(tmp_path, settings | {"UNFURLER_DATABASE_URL": f"{postgres_server.url}/postgres"}).start()
    try:
        organizations = [space_server.install(service.endpoint) for _ in range(2)]
        load = Load(github, *organizations, delay_s=0.2)
        for away_s in (0.0, 2.0):
            load.post(15)
            assert wait_for(lambda: github.at_once, 20)
            with load.troubles.during("restart of PostgreSQL"):
                postgres_server.stop()
                statuses = {o.call("notify")["status"] for o in organizations}
                load.post(3)
                time.sleep(away_s)
                postgres_server.start()
            assert statuses <= {200, 503}
        account = load.account(service)
        assert (account.faults, account.asked) == ([], 72), account
        assert service.process.poll() is None
        organizations[0].queue("https://github.com/o/r/issues/9")
        assert wait_for(lambda: "https://github.com/o/r/issues/9" in organizations[0].cards())
    finally:
        service.kill()
