"""When a queue may be looked at again."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from unfurler.engine.patience import Patience
from unfurler.engine.ports import HostTrouble
from unfurler.limits import Limits


class Clock:
    """A clock that stands still."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def patience(clock):
    return Patience(Limits(), lambda: 1.0, clock)


def test_a_queue_without_anything_rests_longer_each_time_until_something_is_found(patience, clock):
    rests = []
    for _ in range(8):
        patience.note_done("acme", found=False)
        rests.append(patience.left_alone_s("acme"))
        clock.now += 1
        assert patience.left_alone_s("acme") == 0
    assert [round(rest, 3) for rest in rests] == [0.005, 0.01, 0.02, 0.04, 0.08, 0.1, 0.1, 0.1]
    patience.note_done("acme", found=True)
    assert patience.left_alone_s("acme") == 0
    patience.note_done("acme", found=False)
    assert patience.left_alone_s("acme") == pytest.approx(0.005)


def test_what_one_organization_waits_for_no_other_waits_for(patience):
    patience.note_done("acme", found=False)
    patience.note_trouble("acme", HostTrouble("http-429", retry_after_s=30))
    assert patience.left_alone_s("other") == 0


def test_trouble_is_waited_out_longer_each_time_and_never_for_more_than_a_minute(patience):
    waits = [patience.note_trouble("acme", HostTrouble("http-503")) for _ in range(5_000)]
    assert waits[:6] == [2, 4, 8, 16, 32, 60]
    assert waits[-1] == 60
    patience.note_done("acme", found=True)
    assert patience.note_trouble("acme", HostTrouble("http-503")) == 2


def test_what_the_chat_side_asks_for_no_notification_shortens(patience, clock):
    assert patience.note_trouble("acme", HostTrouble("http-429", retry_after_s=300)) == 300
    assert patience.left_alone_s("acme") == 300
    assert patience.note_trouble("acme", HostTrouble("http-429", retry_after_s=10**9)) == Limits().retry_after_s
    clock.now += Limits().retry_after_s
    assert patience.left_alone_s("acme") == 0


def test_one_server_does_not_take_every_place(patience):
    with ExitStack() as taken:
        free = [taken.enter_context(patience.place_at("https://slow.example")) for _ in range(40)]
        assert free == [True] * 32 + [False] * 8
        assert taken.enter_context(patience.place_at("https://other.example"))
    with patience.place_at("https://slow.example") as free_again:
        assert free_again
