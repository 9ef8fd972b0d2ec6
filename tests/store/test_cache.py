"""What is remembered for a while."""

from __future__ import annotations

import threading
import time

import pytest

from unfurler.sdk.errors import UpstreamSlow
from unfurler.store.cache import LocalMemory, OneAtATime


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def memory(clock):
    return LocalMemory(max_entries=10, max_bytes=1_000, clock=clock)


def test_it_is_gone_when_its_time_is_over(memory, clock):
    memory.put("k", b"v", 5.0)
    assert memory.get("k") == b"v"
    clock.now = 5.1
    assert memory.get("k") is None


def test_it_is_bounded_in_entries(memory):
    for number in range(100):
        memory.put(str(number), b"", 5.0)
    assert sum(memory.get(str(number)) is not None for number in range(100)) == 10


def test_it_is_bounded_in_bytes(memory):
    for number in range(10):
        memory.put(str(number), b"x" * 400, 5.0)
    assert sum(memory.get(str(number)) is not None for number in range(10)) == 2


def test_what_is_larger_than_all_the_room_pushes_nothing_out(memory):
    memory.put("small", b"v", 5.0)
    memory.put("large", b"x" * 1_001, 5.0)
    assert (memory.get("small"), memory.get("large")) == (b"v", None)


def test_of_many_that_add_at_once_one_is_first(memory):
    first, ready = [], threading.Barrier(8)

    def add(number: int) -> None:
        ready.wait()
        if memory.add("k", b"1", 5.0):
            first.append(number)

    threads = [threading.Thread(target=add, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(first) == 1


def test_what_was_added_can_be_added_again_after_its_time(memory, clock):
    assert memory.add("k", b"1", 5.0)
    clock.now = 5.1
    assert memory.add("k", b"1", 5.0)


def test_the_same_thing_wanted_by_many_is_made_once():
    making, made = OneAtATime(60.0), []

    def make() -> int:
        made.append(1)
        time.sleep(0.05)
        return 7

    got = []
    threads = [threading.Thread(target=lambda: got.append(making.make("k", make))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (got, len(made)) == ([7] * 8, 1)


def test_a_failure_is_everybodys_and_does_not_stay():
    making = OneAtATime(60.0)
    with pytest.raises(ZeroDivisionError):
        making.make("k", lambda: 1 // 0)
    assert making.make("k", lambda: 1) == 1


def test_who_joins_one_that_hangs_does_not_wait_for_ever():
    making, release, begun = OneAtATime(0.05), threading.Event(), threading.Event()
    first = threading.Thread(target=lambda: making.make("k", lambda: begun.set() or release.wait()))
    first.start()
    begun.wait()
    with pytest.raises(UpstreamSlow):
        making.make("k", lambda: None)
    release.set()
    first.join()


def test_a_timeout_that_was_made_is_what_everybody_gets():
    def make():
        raise TimeoutError("made")

    with pytest.raises(TimeoutError, match="made"):
        OneAtATime(60.0).make("k", make)
