"""One holder at a time."""

from __future__ import annotations

import os
import subprocess
import threading
import time

import pytest
from sqlalchemy import Connection

from unfurler.store import leases as module
from unfurler.store.leases import LeaseLost, Leases, database_time, this_process


@pytest.fixture
def leases(database):
    """`leases(holder, at)`: those of a process, at a moment of the clock that all share."""

    def make(holder: str, at: float) -> Leases:
        return Leases(database, holder, 60.0, now=lambda connection: at)

    return make


def test_many_who_want_it_at_once_and_one_gets_it(leases, acme):
    got, ready = [], threading.Barrier(8)

    def want(number: int) -> None:
        ready.wait()
        if leases(f"elsewhere/{number}/x", 100.0).acquire(acme):
            got.append(number)

    threads = [threading.Thread(target=want, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 1


def test_it_is_free_when_its_time_is_over(leases, acme):
    assert leases("a", 100.0).acquire(acme)
    assert leases("b", 159.0).acquire(acme) is None
    assert leases("b", 161.0).acquire(acme)


def test_extending_keeps_it(leases, acme):
    leases("a", 150.0).extend(leases("a", 100.0).acquire(acme))
    assert leases("b", 200.0).acquire(acme) is None


def test_who_lost_it_cannot_extend_it(leases, acme):
    lease = leases("a", 100.0).acquire(acme)
    assert leases("b", 200.0).acquire(acme)
    with pytest.raises(LeaseLost):
        leases("a", 201.0).extend(lease)


def test_who_lost_it_does_not_give_away_what_another_holds(leases, acme):
    lease = leases("a", 100.0).acquire(acme)
    assert leases("b", 200.0).acquire(acme)
    leases("a", 201.0).release(lease)
    assert leases("c", 201.0).acquire(acme) is None


def test_a_lease_from_before_an_uninstallation_is_worth_nothing_after_it(leases, organizations, acme):
    before = leases("a", 100.0).acquire(acme)
    organizations.erase(acme)
    organizations.install(acme, "https://acme.example", secret="s2", keys=None, by=None, now=101.0)
    after = leases("b", 102.0).acquire(acme)
    assert after.fence == before.fence
    with pytest.raises(LeaseLost):
        leases("a", 103.0).extend(before)


def test_nobody_holds_what_is_not_there(leases):
    assert leases("a", 1.0).acquire("nobody") is None


def test_the_lease_of_a_process_that_died_here_is_free_at_once(leases, acme):
    dead = subprocess.Popen(["true"])
    dead.wait()
    machine = this_process().partition("/")[0]
    assert leases(f"{machine}/{dead.pid}/x", 100.0).acquire(acme)
    assert leases(this_process(), 101.0).acquire(acme)


@pytest.mark.parametrize("holder", [f"{this_process().partition('/')[0]}/{os.getppid()}/x", "elsewhere/1/x", "odd"])
def test_the_lease_of_a_process_that_may_live_is_not_taken(leases, acme, holder):
    assert leases(holder, 100.0).acquire(acme)
    assert leases(this_process(), 101.0).acquire(acme) is None


def test_the_name_of_a_process_fits_its_column():
    assert len(this_process()) <= 64


def test_right_before_something_long_it_is_looked_whether_the_lease_outlives_it(leases, acme):
    lease = leases("a", 100.0).acquire(acme)
    assert leases("a", 114.0).lives_for(lease, 45.0)
    assert not leases("a", 116.0).lives_for(lease, 45.0)
    assert leases("b", 161.0).acquire(acme)
    with pytest.raises(LeaseLost):
        leases("a", 162.0).lives_for(lease, 45.0)


def test_machines_whose_clocks_differ_go_by_the_one_of_the_database(database, acme, monkeypatch):
    assert Leases(database, "elsewhere/1/x", 60.0).acquire(acme)
    ahead = time.time() + 240
    monkeypatch.setattr(module.time, "time", lambda: ahead)
    taken = Leases(database, "elsewhere/2/x", 60.0).acquire(acme)
    # SQLite is a file of one machine, whose processes share its clock.
    assert (taken is None) is (database.url.startswith("postgresql"))


def test_the_clock_of_the_database_is_the_wall_clock(database):
    with database.read() as connection:
        assert isinstance(connection, Connection)
        assert database_time(connection) == pytest.approx(time.time(), abs=5)
