"""A press that was taken is done, or somebody looks after it."""

from __future__ import annotations

import os
import subprocess

import pytest

from unfurler.store.clicks import Clicks, settle_interrupted
from unfurler.store.leases import this_process
from unfurler.store.presses import TakenPress, TakenPresses

PRESS = TakenPress("p1", "acme", "u1", "github.close", "r1")


@pytest.fixture
def dead() -> str:
    """The name of a process of this machine that has ended."""
    ended = subprocess.Popen(["true"])
    ended.wait()
    return f"{this_process().partition('/')[0]}/{ended.pid}/x"


def test_what_is_done_is_left_to_nobody(database, acme, dead):
    presses = TakenPresses(database, dead)
    presses.keep(PRESS, 100.0)
    presses.done("p1")
    assert TakenPresses(database, this_process()).left(0.0) == []


def test_what_a_dead_process_took_is_left_to_one_of_the_others(database, acme, dead):
    TakenPresses(database, dead).keep(PRESS, 100.0)
    machine = this_process().partition("/")[0]
    one, other = (TakenPresses(database, f"{machine}/{pid}/x") for pid in (1, os.getppid()))
    assert (one.left(0.0), other.left(0.0)) == ([PRESS], [])


def test_what_a_process_that_may_live_took_is_its_own_until_it_is_too_old(database, acme):
    TakenPresses(database, "elsewhere/1/x").keep(PRESS, 100.0)
    mine = TakenPresses(database, this_process())
    assert (mine.left(99.0), mine.left(101.0)) == ([], [PRESS])


def test_many_that_living_processes_took_do_not_hide_one_of_the_dead(database, acme, dead):
    alive = TakenPresses(database, "elsewhere/1/x")
    for number in range(120):
        alive.keep(TakenPress(f"a{number}", "acme", "u1", "github.close", "r1"), 100.0)
    TakenPresses(database, dead).keep(PRESS, 101.0)
    assert TakenPresses(database, this_process()).left(0.0) == [PRESS]


def test_what_was_given_back_is_looked_after_again(database, acme, dead):
    TakenPresses(database, dead).keep(PRESS, 100.0)
    mine = TakenPresses(database, this_process())
    assert mine.left(0.0)
    mine.give_back("p1")
    assert mine.left(0.0) == [PRESS]


def test_an_organization_that_leaves_takes_its_presses_with_it(database, organizations, acme, dead):
    TakenPresses(database, dead).keep(PRESS, 100.0)
    organizations.erase("acme")
    assert TakenPresses(database, this_process()).left(0.0) == []


def test_a_claim_that_never_came_to_an_end_is_settled_once_it_is_old(database, acme):
    clicks = Clicks(database, acme)
    for id, at in (("old", 100.0), ("new", 900.0)):
        clicks.claim(id, id, "u1", "a.b", now=at, same_for_s=30.0)
    assert settle_interrupted(database, 500.0, 1_000.0) == 1
    assert [clicks.find(id).outcome for id in ("old", "new")] == ["interrupted", None]
