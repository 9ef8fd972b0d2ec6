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


def test_repeats_of_one_press_are_none():
    clock = Clock()
    storms = Storms(3.0, clock, same_for_s=30.0)
    assert all(storms.calm("o", "p", ("r1", "close")) for _ in range(50))
    assert [storms.calm("o", "p", (f"r{number}", "close")) for number in range(2, 7)] == [True] * 4 + [False]
    assert not storms.calm("o", "p", ("r6", "close")), "what was refused was not taken"
    assert storms.calm("o", "q", ("r1", "close")) and storms.calm("other", "p", ("r1", "close"))
    clock.now = 31.0
    assert [storms.calm("o", "p", (f"r{number}", "close")) for number in range(7)] == [True] * 5 + [False] * 2


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
