"""The database is locked, or away for a while."""

from __future__ import annotations

import sqlite3
import time

from tests.faults.load import Load


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
    account = load.account(fragile, 90)
    assert (account.faults, account.asked) == ([], 15), account
