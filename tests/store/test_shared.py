"""What several processes share through a real Redis, and what becomes of it while Redis is away."""

from __future__ import annotations

import threading
import time

import pytest
from structlog.testing import capture_logs

from tests.world.space import wait_for
from unfurler.store.cache import LocalMemory
from unfurler.store.one_maker import OneMaker
from unfurler.store.shared import Away, Shared
from unfurler.store.shared_memory import SharedMemory

WAIT_S, REST_S = 0.2, 0.4


@pytest.fixture
def make_shared(redis):
    # Long, for a machine that is busy with other tests may let Redis wait.
    return lambda wait_s=20.0: Shared(redis.url(), wait_s=wait_s, rest_s=REST_S, monotonic=time.monotonic)


@pytest.fixture
def shared(make_shared):
    return make_shared()


@pytest.fixture
def hurried(make_shared):
    """Waits for no longer than `WAIT_S`: for a Redis that is frozen."""
    return make_shared(WAIT_S)


def local() -> LocalMemory:
    return LocalMemory(max_entries=100, max_bytes=100_000, clock=time.monotonic)


@pytest.fixture
def make_memory(make_shared, vault):
    """The memory of one process after another."""
    return lambda: SharedMemory(make_shared(), vault, local)


@pytest.fixture
def memory(hurried, vault):
    return SharedMemory(hurried, vault, local)


def back(shared: Shared) -> None:
    """Until it is noticed that Redis answers."""
    until = time.monotonic() + 10
    while shared.trouble() is not None:
        assert time.monotonic() < until
        time.sleep(0.05)


def test_what_one_process_puts_another_gets_until_its_time_is_over(make_memory):
    one, other = make_memory(), make_memory()
    one.put("k", b"\x00\xff\n", 60.0)
    assert other.get("k") == b"\x00\xff\n"
    one.put("k", b"\x00\xff\n", 0.3)
    assert wait_for(lambda: other.get("k") is None)


def test_what_has_no_life_is_not_kept(make_memory):
    one, other = make_memory(), make_memory()
    one.put("k", b"v", 5.0)
    one.put("k", b"v", 0.0)
    assert other.get("k") is None


def test_what_one_process_forgets_is_gone_for_all(make_memory):
    one, other = make_memory(), make_memory()
    one.put("k", b"v", 5.0)
    other.forget("k")
    assert one.get("k") is None


def test_of_several_processes_that_add_one_is_first(make_memory):
    assert sorted(make_memory().add("k", b"1", 5.0) for _ in range(5)) == [False] * 4 + [True]


def test_what_is_kept_cannot_be_read_and_fits_no_other_key(make_memory, redis):
    memory = make_memory()
    memory.put("mine", b"canary", 5.0)
    kept = redis.client().get("unfurler:mine")
    assert b"canary" not in kept
    redis.client().set("unfurler:other", kept)
    redis.client().set("unfurler:foreign", b"canary")
    assert (memory.get("other"), memory.get("foreign")) == (None, None)


@pytest.mark.parametrize("trouble", ["stop", "freeze"])
def test_without_redis_each_process_remembers_for_itself(memory, make_memory, redis, trouble):
    make_memory().put("before", b"v", 60.0)
    getattr(redis, trouble)()
    memory.put("during", b"v", 60.0)
    assert (memory.get("before"), memory.get("during")) == (None, b"v")
    assert (memory.add("once", b"1", 60.0), memory.add("once", b"1", 60.0)) == (True, False)
    memory.forget("during")
    assert memory.get("during") is None


def test_a_frozen_redis_costs_one_time_out_in_each_pause(memory, redis):
    redis.freeze()
    began = time.monotonic()
    for _ in range(1_000):
        memory.get("k")
    # A time-out each would be twenty times as long.
    assert time.monotonic() - began < 50 * WAIT_S


def test_many_askers_of_a_frozen_redis_wait_side_by_side(make_shared, redis):
    shared = make_shared(1.0)
    redis.freeze()
    took: list[float] = []

    def ask() -> None:
        began = time.monotonic()
        with pytest.raises(Away):
            shared.attempt(lambda client: client.ping())
        took.append(time.monotonic() - began)

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(took) == 20
    # One after the other the last would wait for 20 s.
    assert max(took) < 10


def test_an_outage_is_said_once_and_its_end_too(shared, redis):
    redis.stop()
    with capture_logs() as logs:
        for _ in range(50):
            shared.trouble()
        assert shared.trouble() is not None
        redis.start()
        back(shared)
    assert [line["event"] for line in logs] == ["redis.away", "redis.back"]


def test_what_was_forgotten_meanwhile_is_forgotten_when_redis_is_back(hurried, memory, make_memory, redis):
    make_memory().put("k", b"old", 60.0)
    redis.freeze()
    memory.forget("k")
    memory.put("other", b"near", 60.0)
    time.sleep(REST_S)
    redis.thaw()
    back(hurried)
    assert (memory.get("k"), memory.get("other")) == (None, None)


def test_what_was_added_meanwhile_stays_added(hurried, memory, redis):
    redis.freeze()
    assert memory.add("message", b"1", 60.0)
    redis.thaw()
    back(hurried)
    assert not memory.add("message", b"1", 60.0)


class Source:
    """Something slow that is asked, and remembers what it gave."""

    def __init__(self, takes_s: float) -> None:
        self.takes_s = takes_s
        self.asked = 0
        self.made: str | None = None

    def make(self) -> str:
        self.asked += 1
        time.sleep(self.takes_s)
        self.made = "card"
        return self.made


def ask_by_all(makers: list[OneMaker], source: Source) -> list[str]:
    results: list[str] = []
    threads = [
        threading.Thread(target=lambda maker=maker: results.append(maker.make("k", source.make, lambda: source.made)))
        for maker in makers
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def test_of_several_processes_one_makes(make_shared):
    source = Source(0.3)
    assert ask_by_all([OneMaker(make_shared(), 5.0) for _ in range(4)], source) == ["card"] * 4
    assert source.asked == 1


def test_a_maker_that_died_holds_nobody_up_for_longer_than_its_lock_lives(make_shared, redis):
    source = Source(0.0)
    held, release = threading.Event(), threading.Event()

    def die() -> str:
        held.set()
        release.wait(60)
        return "late"

    threading.Thread(target=lambda: OneMaker(make_shared(), 0.5).make("k", die, lambda: None), daemon=True).start()
    assert held.wait(60)
    began = time.monotonic()
    assert OneMaker(make_shared(), 0.5).make("k", source.make, lambda: None) == "card"
    assert time.monotonic() - began < 30
    release.set()


@pytest.mark.parametrize("trouble", ["stop", "freeze"])
def test_without_redis_everybody_makes(make_shared, redis, trouble):
    makers = [OneMaker(make_shared(WAIT_S), 5.0) for _ in range(3)]
    source = Source(0.3)
    getattr(redis, trouble)()
    assert ask_by_all(makers, source) == ["card"] * 3
    assert source.asked == 3


def test_a_failure_to_make_frees_the_lock(make_shared):
    maker = OneMaker(make_shared(), 60.0)
    with pytest.raises(ZeroDivisionError):
        maker.make("k", lambda: 1 // 0, lambda: None)
    began = time.monotonic()
    assert maker.make("k", lambda: "card", lambda: None) == "card"
    assert time.monotonic() - began < 30
