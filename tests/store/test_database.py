"""The database itself: not there, not migrated, busy."""

from __future__ import annotations

import sqlite3
import threading
import time

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from tests.world.ports import free_port
from unfurler.store.database import Database
from unfurler.store.upgrade import upgrade


def test_a_migrated_database_is_no_trouble(database):
    assert database.trouble() is None


def test_migrating_again_changes_nothing(database, acme, organizations):
    upgrade(database)
    assert organizations.ids() == [acme]


@pytest.mark.parametrize("file", ["new.db", "folder/new.db"])
def test_a_database_that_nobody_made_yet_says_what_to_run(tmp_path, file):
    assert "db upgrade" in Database(f"sqlite:///{tmp_path}/{file}").trouble()


def test_a_server_that_is_not_there_is_found_out_soon():
    began = time.monotonic()
    database = Database(f"postgresql+psycopg://nobody@127.0.0.1:{free_port()}/x")
    assert database.trouble() == "the database cannot be reached"
    assert time.monotonic() - began < 30


def test_what_fails_half_way_is_undone(database, acme, organizations):
    with pytest.raises(RuntimeError), database.write() as connection:
        connection.execute(text("delete from organizations"))
        raise RuntimeError
    assert organizations.ids() == [acme]


def test_reading_goes_on_while_somebody_writes(database, acme, organizations):
    with database.write() as connection:
        connection.execute(text("update organizations set setup = '{}'"))
        assert organizations.ids() == [acme]


def test_writers_wait_for_each_other_instead_of_failing(database, acme):
    def write() -> None:
        for _ in range(20):
            with database.write() as connection:
                connection.execute(text("update organizations set lease_fence = lease_fence + 1"))

    threads = [threading.Thread(target=write) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as connection:
        assert connection.execute(text("select lease_fence from organizations")).scalar_one() == 120


def test_a_file_that_somebody_locks_for_long_ends_in_an_error_and_recovers(migrated_file, tmp_path):
    path = tmp_path / "locked.db"
    path.write_bytes(migrated_file.read_bytes())
    database = Database(f"sqlite:///{path}")
    with database.read() as connection:  # the pragmas are set by now
        connection.exec_driver_sql("pragma busy_timeout=200")
    locker = sqlite3.connect(path, isolation_level=None)
    locker.execute("begin immediate")
    with pytest.raises(OperationalError), database.write() as connection:
        connection.execute(text("delete from organizations"))
    locker.execute("rollback")
    with database.write() as connection:
        connection.execute(text("delete from organizations"))
