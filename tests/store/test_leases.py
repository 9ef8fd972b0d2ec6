"""One holder at a time."""

from __future__ import annotations

import os
import subprocess
import threading

import pytest

from unfurler.store.leases import LeaseLost, Leases, this_process


def test_many_who_want_it_at_once_and_one_gets_it(database, acme):
    got, ready = [], threading.Barrier(8)

    def want(number: int) -> None:
        ready.wait()
        if Leases(database, f"elsewhere/{number}/x", 60.0).acquire(acme, 100.0):
            got.append(number)

    threads = [threading.Thread(target=want, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 1


def test_it_is_free_when_its_time_is_over(database, acme):
    assert Leases(database, "a", 60.0).acquire(acme, 100.0)
    assert Leases(database, "b", 60.0).acquire(acme, 159.0) is None
    assert Leases(database, "b", 60.0).acquire(acme, 161.0)


def test_extending_keeps_it(database, acme):
    leases = Leases(database, "a", 60.0)
    leases.extend(leases.acquire(acme, 100.0), 150.0)
    assert Leases(database, "b", 60.0).acquire(acme, 200.0) is None


def test_who_lost_it_cannot_extend_it(database, acme):
    leases = Leases(database, "a", 60.0)
    lease = leases.acquire(acme, 100.0)
    assert Leases(database, "b", 60.0).acquire(acme, 200.0)
    with pytest.raises(LeaseLost):
        leases.extend(lease, 201.0)


def test_who_lost_it_does_not_give_away_what_another_holds(database, acme):
    leases = Leases(database, "a", 60.0)
    lease = leases.acquire(acme, 100.0)
    assert Leases(database, "b", 60.0).acquire(acme, 200.0)
    leases.release(lease)
    assert Leases(database, "c", 60.0).acquire(acme, 201.0) is None


def test_a_lease_from_before_an_uninstallation_is_worth_nothing_after_it(database, organizations, acme):
    before = Leases(database, "a", 60.0).acquire(acme, 100.0)
    organizations.erase(acme)
    organizations.install(acme, "https://acme.example", secret="s2", keys=None, by=None, now=101.0)
    after = Leases(database, "b", 60.0).acquire(acme, 102.0)
    assert after.fence == before.fence
    with pytest.raises(LeaseLost):
        Leases(database, "a", 60.0).extend(before, 103.0)


def test_nobody_holds_what_is_not_there(database):
    assert Leases(database, "a", 60.0).acquire("nobody", 1.0) is None


def test_the_lease_of_a_process_that_died_here_is_free_at_once(database, acme):
    dead = subprocess.Popen(["true"])
    dead.wait()
    machine = this_process().partition("/")[0]
    assert Leases(database, f"{machine}/{dead.pid}/x", 60.0).acquire(acme, 100.0)
    assert Leases(database, this_process(), 60.0).acquire(acme, 101.0)


@pytest.mark.parametrize("holder", [f"{this_process().partition('/')[0]}/{os.getppid()}/x", "elsewhere/1/x", "odd"])
def test_the_lease_of_a_process_that_may_live_is_not_taken(database, acme, holder):
    assert Leases(database, holder, 60.0).acquire(acme, 100.0)
    assert Leases(database, this_process(), 60.0).acquire(acme, 101.0) is None


def test_the_name_of_a_process_fits_its_column():
    assert len(this_process()) <= 64
