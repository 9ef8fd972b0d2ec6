"""Two processes on one organization's queue, on PostgreSQL: one is stopped in the middle, and wakes up too late."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from tests.faults.killing import workers
from tests.faults.load import Load
from tests.world.service import Service
from tests.world.space import wait_for


def run(database: str, statement: str) -> None:
    engine = create_engine(database)
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


@pytest.mark.long
def test_who_wakes_up_late_posts_nothing_again_and_moves_nothing(
    space_server, settings, github, postgres_server, tmp_path
):
    database = f"{postgres_server.url}/postgres"
    environ = settings | {"UNFURLER_DATABASE_URL": database}
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    one = Service(Path(tmp_path / "one"), environ).start()
    same = {"UNFURLER_SECRET_KEYS": one.environ["UNFURLER_SECRET_KEYS"]}
    other = Service(Path(tmp_path / "other"), environ | same)
    stopped: list[int] = []
    try:
        organization = space_server.install(one.endpoint)
        load = Load(github, organization, delay_s=1.0)
        load.post(12)
        organization.call("notify")
        begun = "select count(*) from queue_items where begun_by is not null and ended_at is null"
        assert wait_for(lambda: one.query(begun)[0][0] > 0, 30)
        stopped = workers(one)
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        # Its lease runs out.
        run(database, "update organizations set lease_until = 0")
        other.start()
        account = load.account(other)
        assert account.faults == [], account
        etag = other.etag(organization.id)
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)
        assert wait_for(lambda: [e for e in one.events("drain.done") if e["outcome"] == "lease-lost"], 30)
        assert {len(item["posts"]) for item in organization.items} <= {0, 1}
        assert other.etag(organization.id) == etag == max(item["etag"] for item in organization.items)
    finally:
        for service in (one, other):
            if service.process is not None:
                service.kill()
