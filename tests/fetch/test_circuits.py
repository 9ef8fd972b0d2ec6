"""A place that fails again and again is left alone, tried by one, and asked again once it answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from unfurler.fetch.circuits import OPENS_AFTER, Circuits
from unfurler.sdk.errors import NotFound, Paused, RateLimited, UpstreamDown, UpstreamSlow
from unfurler.store.cache import LocalMemory

START = datetime(2026, 1, 1, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def circuits(clock):
    return Circuits(now=clock, chance=lambda: 1.0)


def call(circuits, error: Exception | None = None, *, whom: str = "a.example", status: int = 200) -> None:
    with circuits.watching("api", whom) as fail:
        if error is not None:
            raise error
        if status >= 500:
            fail()


def fails(circuits, times: int, **more) -> None:
    for _ in range(times):
        with pytest.raises(UpstreamDown):
            call(circuits, UpstreamDown("x"), **more)


def opened(circuits, **more) -> float:
    """For how many seconds a caller is told to stay away; 0 where it is let in."""
    try:
        call(circuits, **more)
    except Paused as paused:
        return (paused.retry_at - circuits._now()).total_seconds()
    return 0.0


def test_it_opens_after_failures_in_a_row_and_for_that_place_alone(circuits):
    fails(circuits, OPENS_AFTER - 1)
    assert opened(circuits) == 0
    fails(circuits, OPENS_AFTER)
    assert opened(circuits) == 5
    assert opened(circuits, whom="b.example") == 0
    assert circuits.states() == {"api": 1}


def test_an_answer_that_says_the_server_is_in_trouble_is_a_failure(circuits):
    for _ in range(OPENS_AFTER):
        call(circuits, status=502)
    assert opened(circuits)


@pytest.mark.parametrize(
    "error", [NotFound("x"), RateLimited("x"), UpstreamSlow("x", reason="fetch-busy"), ValueError("x")]
)
def test_what_says_nothing_against_the_place_does_not_open_it(circuits, error):
    for _ in range(3 * OPENS_AFTER):
        with pytest.raises(type(error)):
            call(circuits, error)
    assert opened(circuits) == 0


def test_one_alone_tries_it_and_an_answer_lets_everybody_in(circuits, clock):
    fails(circuits, OPENS_AFTER)
    clock.sleep(5)
    with circuits.watching("api", "a.example"):
        assert 0 < opened(circuits) <= 20
    assert [opened(circuits), circuits.states()["api"]] == [0, 0]


def test_a_failed_trial_opens_it_for_longer_up_to_a_minute(circuits, clock):
    fails(circuits, OPENS_AFTER)
    pauses = []
    for _ in range(6):
        pauses.append(opened(circuits))
        clock.sleep(pauses[-1])
        fails(circuits, 1)
    assert pauses == [5, 10, 20, 40, 60, 60]


def test_failures_of_calls_that_were_under_way_when_it_opened_do_not_prolong_it(circuits):
    fails(circuits, OPENS_AFTER)
    for _ in range(10):
        circuits.note("api", "a.example", failed=True)
    assert opened(circuits) == 5


def test_a_trial_that_never_ends_does_not_keep_it_shut(circuits, clock):
    fails(circuits, OPENS_AFTER)
    clock.sleep(5)
    circuits.enter("api", "a.example")
    assert opened(circuits)
    clock.sleep(20)
    assert opened(circuits) == 0


def test_processes_that_share_a_memory_stay_away_together_and_each_tries_for_itself(clock):
    memory = LocalMemory(max_entries=10, max_bytes=10_000, clock=lambda: clock.now.timestamp())
    one, other = (Circuits(memory, now=clock, chance=lambda: 1.0) for _ in range(2))
    fails(one, OPENS_AFTER)
    assert opened(other) == 5
    clock.sleep(5)
    other.enter("api", "a.example")
    assert opened(other)
    other.note("api", "a.example", failed=False)
    assert opened(other) == 0
    assert opened(one) == 0


@pytest.mark.parametrize("kept", [b"x", b"1 x", b"nan", b"\xff 1"])
def test_what_some_other_version_wrote_is_nothing(kept):
    class Odd:
        def get(self, key: str) -> bytes:
            return kept

        def put(self, key: str, value: bytes, lifetime_s: float) -> None:
            pass

    call(Circuits(Odd()))
