"""Work that several processes share: over a real Redis, with Dramatiq's own workers."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import dramatiq
import pytest
from cryptography.fernet import Fernet

from tests.world.space import wait_for
from unfurler.limits import Limits
from unfurler.store.secrets import Vault
from unfurler.web.shared import Together

# A machine that is busy with other tests may let Redis wait for longer than the service would.
LIMITS = Limits(redis_s=20.0, redis_rest_s=0.3)
HURRIED = Limits(redis_s=0.5, redis_rest_s=0.3)


class Runs:
    """What was run, and by whom; each run waits for `go`, and has to be done `again_s` once more."""

    def __init__(self) -> None:
        self.of: list[str] = []
        self.at_once = 0
        self.go = threading.Event()
        self.again_s: list[float | None] = []
        self.failures = 0

    def __call__(self, organization: str) -> float | None:
        self.of.append(organization)
        if self.failures:
            self.failures -= 1
            raise OSError("the database is away")
        self.go.wait(60)
        return self.again_s.pop(0) if self.again_s else None


class Process:
    """One process: it asks, and where it `works` it takes messages too."""

    def __init__(self, url: str, run: Runs, limits: Limits) -> None:
        self.sharing = Together(url, limits, Vault([Fernet.generate_key().decode()]), works=False)
        self.pool = ThreadPoolExecutor(4)
        self.work = self.sharing.work("drain", run, self.pool)
        self.worker: dramatiq.Worker | None = None
        self._ended = threading.Event()
        threading.Thread(target=self.work.keep_time, daemon=True).start()

    def works(self) -> Process:
        self.sharing.say_alive()
        threading.Thread(target=self._live, daemon=True).start()
        self.worker = dramatiq.Worker(self.sharing.broker, worker_timeout=30, worker_threads=4)
        self.worker.start()
        return self

    def _live(self) -> None:
        while not self._ended.wait(0.5):
            self.sharing.say_alive()

    def end(self) -> None:
        self._ended.set()
        self.work.stop(0.0)
        if self.worker is not None:
            self.worker.stop(2_000)
        self.pool.shutdown(wait=False)


@pytest.fixture
def start(redis):
    """Starts one process after another."""
    started: list[Process] = []

    def make(run: Runs, limits: Limits = LIMITS) -> Process:
        started.append(Process(redis.url(), run, limits))
        return started[-1]

    yield make
    redis.thaw()
    for process in started:
        process.end()


@pytest.fixture
def runs():
    return Runs()


def test_a_worker_does_what_another_process_asks_for(start, runs):
    runs.go.set()
    web = Runs()
    start(runs).works()
    start(web).work.ask("a")
    assert wait_for(lambda: runs.of) == ["a"]
    time.sleep(0.3)
    assert (runs.of, web.of) == (["a"], [])


def test_asked_for_many_times_before_it_begins_it_runs_once(start, runs, redis):
    runs.go.set()
    web = start(Runs())
    web.sharing.say_alive()
    for _ in range(50):
        web.work.ask("a")
    assert redis.client().llen("unfurler:queue:unfurler") == 1
    start(runs).works()
    assert wait_for(lambda: runs.of)
    time.sleep(0.3)
    assert runs.of == ["a"]


def test_asked_for_while_it_runs_it_runs_once_more_at_its_end(start, runs):
    start(runs).works()
    web = start(Runs())
    web.work.ask("a")
    assert wait_for(lambda: runs.of)
    for _ in range(50):
        web.work.ask("a")
    began = time.monotonic()
    runs.go.set()
    assert wait_for(lambda: len(runs.of) == 2)
    # The message that came while it ran is brought again after 2 s; that is not waited for.
    assert time.monotonic() - began < 2
    time.sleep(2.6)
    assert runs.of == ["a", "a"]


def test_what_was_asked_anew_and_taken_up_needs_no_further_pass(start, runs):
    worker, web = start(runs).works(), start(Runs())
    web.work.ask("a")
    assert wait_for(lambda: runs.of)
    assert not worker.work.asked_anew("a")
    web.work.ask("a")
    assert (worker.work.asked_anew("a"), worker.work.asked_anew("a")) == (True, False)
    runs.go.set()
    time.sleep(2.6)
    assert runs.of == ["a"]


def test_what_is_asked_for_later_waits_and_the_earlier_one_counts(start, runs, redis):
    runs.go.set()
    start(runs).works()
    web = start(Runs())
    began = time.monotonic()
    web.work.ask_later("a", 0.6)
    for _ in range(20):
        web.work.ask_later("a", 30.0)
    assert redis.client().hlen("unfurler:queue:unfurler.DQ.msgs") == 1
    assert wait_for(lambda: runs.of)
    assert 0.5 < time.monotonic() - began < 20


def test_what_a_pass_leaves_undone_is_done_again(start, runs):
    runs.go.set()
    runs.again_s = [0.2, None]
    start(runs).works()
    start(Runs()).work.ask("a")
    assert wait_for(lambda: len(runs.of) == 2)
    time.sleep(0.5)
    assert runs.of == ["a", "a"]


def test_a_failed_pass_is_brought_again_by_the_broker(start, runs, redis):
    runs.failures = 1
    start(runs).works()
    start(Runs()).work.ask("a")
    assert wait_for(lambda: redis.client().hlen("unfurler:queue:unfurler.DQ.msgs") == 1)
    (message,) = redis.client().hvals("unfurler:queue:unfurler.DQ.msgs")
    assert b"database is away" not in message
    assert b'"retries":1' in message


def test_without_a_worker_the_process_that_is_asked_does_it(start, runs):
    runs.go.set()
    start(runs).work.ask("a")
    assert wait_for(lambda: runs.of) == ["a"]


def test_what_is_asked_for_as_the_first_worker_comes_is_not_lost(start):
    web_runs, runs = Runs(), Runs()
    web_runs.go.set()
    runs.go.set()
    web = start(web_runs)
    web.work.ask("a")
    assert wait_for(lambda: web_runs.of)
    start(runs).works()
    web.work.ask("a")
    assert wait_for(lambda: runs.of) == ["a"]


@pytest.mark.parametrize("trouble", ["stop", "freeze"])
def test_without_redis_the_process_that_is_asked_does_it(start, runs, redis, trouble):
    runs.go.set()
    web = start(runs, HURRIED)
    web.sharing.say_alive()
    getattr(redis, trouble)()
    began = time.monotonic()
    web.work.ask("a")
    web.work.ask_later("b", 0.1)
    # Nobody waits for what does not answer for longer than twice 0.5 s.
    assert time.monotonic() - began < 10
    assert wait_for(lambda: sorted(runs.of) == ["a", "b"])


def test_a_worker_goes_on_after_redis_came_back_empty(start, runs, redis):
    runs.go.set()
    start(runs).works()
    web = start(Runs())
    redis.stop()
    time.sleep(0.5)
    redis.start()
    assert wait_for(lambda: web.sharing.trouble() is None)
    web.work.ask("a")
    assert wait_for(lambda: runs.of) == ["a"]


def test_what_a_stopped_worker_leaves_is_another_ones(start, redis):
    leaves, takes = Runs(), Runs()
    takes.go.set()
    first = start(leaves).works()
    start(Runs()).work.ask("a")
    assert wait_for(lambda: leaves.of)
    for consumer in first.worker.consumers.values():
        consumer.stop()
    first.work.stop(0.0)
    start(takes).works()
    leaves.go.set()
    assert wait_for(lambda: takes.of) == ["a"]


def test_two_kinds_of_work_do_not_mix(start, redis):
    drains, setups = Runs(), Runs()
    drains.go.set()
    setups.go.set()
    process = start(drains)
    other = process.sharing.work("set-up", setups, process.pool)
    process.works()
    other.ask("a")
    assert wait_for(lambda: setups.of) == ["a"]
    assert drains.of == []
