"""Who runs work for an organization, and when."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.world.space import wait_for
from unfurler.engine.presses import Overloaded, Presses
from unfurler.engine.work import LocalWork


@pytest.fixture
def pool():
    executor = ThreadPoolExecutor(8)
    yield executor
    executor.shutdown()


class Runs:
    """What was run; each run waits for `go`."""

    def __init__(self) -> None:
        self.of: list[str] = []
        self.go = threading.Event()
        self.again_s: float | None = None

    def __call__(self, organization: str) -> float | None:
        self.of.append(organization)
        self.go.wait(60)
        return self.again_s


def test_asked_for_many_times_while_it_runs_it_runs_once_more(pool):
    runs = Runs()
    work = LocalWork(runs, pool, time.monotonic)
    work.ask("a")
    assert wait_for(lambda: runs.of)
    for _ in range(50):
        work.ask("a")
    runs.go.set()
    assert work.stop(0.0) or wait_for(lambda: work.stop(1.0))
    assert len(runs.of) <= 2


def test_what_was_asked_anew_and_taken_up_needs_no_further_pass(pool):
    runs = Runs()
    work = LocalWork(runs, pool, time.monotonic)
    work.ask("a")
    assert wait_for(lambda: runs.of)
    work.ask("a")
    assert (work.asked_anew("a"), work.asked_anew("a")) == (True, False)
    runs.go.set()
    time.sleep(0.1)
    assert runs.of == ["a"]


def test_of_one_organization_one_runs_at_a_time(pool):
    most, running, lock = 0, 0, threading.Lock()

    def run(organization: str) -> None:
        nonlocal most, running
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.002)
        with lock:
            running -= 1

    work = LocalWork(run, pool, time.monotonic)
    threads = [threading.Thread(target=lambda: [work.ask("a") for _ in range(50)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wait_for(lambda: not work._running)
    assert most == 1


def test_organizations_run_side_by_side(pool):
    runs = Runs()
    work = LocalWork(runs, pool, time.monotonic)
    for organization in "abc":
        work.ask(organization)
    assert wait_for(lambda: sorted(runs.of) == ["a", "b", "c"])
    runs.go.set()


def test_what_failed_is_done_again_by_itself_each_time_after_a_longer_rest(pool):
    fails = [True] * 6 + [False, True]

    def run(organization: str) -> None:
        if fails.pop(0):
            raise RuntimeError

    work, rests = LocalWork(run, pool, lambda: 0.0), []
    while fails:
        left = len(fails)
        work.ask("a")
        assert wait_for(lambda left=left: len(fails) < left and not work._running)
        rests.append(work._later.pop("a", None))
    assert rests == [1, 2, 4, 8, 15, 15, None, 1]


def test_an_organization_for_which_there_was_no_thread_is_not_lost(pool):
    broken = ThreadPoolExecutor(1)
    broken.shutdown()
    work = LocalWork(lambda organization: None, broken, time.monotonic)
    work.ask("a")
    assert (work._running, "a" in work._later) == (set(), True)


def test_the_clock_asks_for_what_is_due_earliest_first(pool):
    runs = Runs()
    runs.go.set()
    work = LocalWork(runs, pool, time.monotonic)
    work.ask_later("late", 0.2)
    work.ask_later("soon", 0.05)
    work.ask_later("soon", 60.0)
    threading.Thread(target=work.keep_time, daemon=True).start()
    assert wait_for(lambda: len(runs.of) == 2)
    assert runs.of == ["soon", "late"]
    work.stop(1.0)


def test_stopping_waits_for_what_runs_and_takes_no_more(pool):
    runs = Runs()
    work = LocalWork(runs, pool, time.monotonic)
    work.ask("a")
    assert wait_for(lambda: runs.of)
    assert not work.stop(0.05)
    work.ask("b")
    runs.go.set()
    assert work.stop(60.0)
    assert runs.of == ["a"]


def test_clicks_of_an_organization_wait_behind_its_own_and_not_behind_anothers(pool):
    presses, go, done = Presses(pool, share=2), threading.Event(), []
    for _ in range(20):
        presses.ask("busy", lambda: go.wait(60) and done.append("busy"))
    presses.ask("other", lambda: done.append("other"))
    assert wait_for(lambda: done == ["other"])
    go.set()
    assert presses.stop(60.0)
    assert len(done) == 21


def test_more_clicks_than_there_is_room_for_are_refused(pool):
    presses, go = Presses(pool, share=1, room=3), threading.Event()
    with pytest.raises(Overloaded):
        for _ in range(10):
            presses.ask("a", lambda: go.wait(60))
    presses.ask("b", lambda: None)
    go.set()
    assert presses.stop(60.0)


def test_clicks_that_were_taken_are_done_before_the_end_and_no_more_are_taken(pool):
    presses, done = Presses(pool, share=1), []
    for number in range(5):
        presses.ask("a", lambda number=number: time.sleep(0.02) or done.append(number))
    assert presses.stop(60.0)
    assert done == [0, 1, 2, 3, 4]
    with pytest.raises(Overloaded):
        presses.ask("a", lambda: None)


def test_a_click_that_fails_does_not_hold_up_the_next(pool):
    presses, done = Presses(pool, share=1), []
    presses.ask("a", lambda: 1 // 0)
    presses.ask("a", lambda: done.append(1))
    assert presses.stop(60.0)
    assert done == [1]


def test_nothing_is_kept_of_organizations_that_are_done(pool):
    presses = Presses(pool)
    for number in range(100):
        presses.ask(str(number), lambda: None)
    assert presses.stop(60.0)
    assert (presses._waiting, dict(presses._running)) == ({}, {})


def test_what_runs_knows_for_how_long_it_was_asked_for():
    now, waited = [100.0], []
    release = threading.Event()

    def run(organization: str) -> None:
        waited.append(work.waited_s(organization))
        release.wait(60)
        assert work.asked_anew(organization)
        waited.append(work.waited_s(organization))

    held = Held()
    work = LocalWork(run, held, lambda: now[0])
    work.ask("acme")
    now[0] += 7
    work.ask("acme")
    held.begin()
    assert wait_for(lambda: waited == [7.0])
    now[0] += 10
    work.ask("acme")
    now[0] += 2
    release.set()
    assert wait_for(lambda: waited == [7.0, 2.0])
    assert wait_for(lambda: work.waited_s("acme") == 0.0)


class Held:
    """A pool that begins nothing before it is told to."""

    def __init__(self) -> None:
        self.waiting = []

    def submit(self, run, *arguments) -> None:
        self.waiting.append((run, arguments))

    def begin(self) -> None:
        for run, arguments in self.waiting:
            threading.Thread(target=run, args=arguments, daemon=True).start()
