"""How fast one person may press."""

from __future__ import annotations

from unfurler.engine.storms import Storms


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_few_at_once_are_calm_and_more_are_not():
    storms = Storms(3.0, Clock())
    assert [storms.calm("o", "p") for _ in range(7)] == [True] * 5 + [False] * 2


def test_one_person_in_a_storm_stops_nobody_else():
    storms = Storms(3.0, Clock())
    for _ in range(10):
        storms.calm("o", "p")
    assert storms.calm("o", "q")
    assert storms.calm("other", "p")


def test_after_a_pause_there_is_calm_again():
    clock = Clock()
    storms = Storms(3.0, clock)
    for _ in range(10):
        storms.calm("o", "p")
    clock.now = 0.4
    assert [storms.calm("o", "p") for _ in range(2)] == [True, False]


def test_it_is_said_once_in_a_while():
    clock = Clock()
    storms = Storms(3.0, clock)
    assert [storms.worth_saying("o", "p") for _ in range(3)] == [True, False, False]
    clock.now = 31.0
    assert storms.worth_saying("o", "p")


def test_people_are_forgotten():
    storms = Storms(3.0, Clock())
    for number in range(20_000):
        storms.calm("o", str(number))
    assert len(storms._left) <= 10_000
