"""A click is claimed once."""

from __future__ import annotations

import threading

from sqlalchemy.exc import IntegrityError

from unfurler.store.clicks import Clicks, forget_old_clicks


def claim(clicks: Clicks, id: str, *, person: str = "u1", action: str = "a.b", record: str = "r1", now: float = 100.0):
    return clicks.claim(id, record, person, action, now=now, same_for_s=30.0)


def test_of_many_that_come_at_once_one_acts(database, acme, items, lease, new):
    items.take_in(lease, [new(1)], 100.0)
    won, ready = [], threading.Barrier(8)

    def press(number: int) -> None:
        ready.wait()
        if claim(Clicks(database, acme), f"c{number}"):
            won.append(number)

    threads = [threading.Thread(target=press, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1


def test_what_differs_in_anything_is_another_click(database, acme):
    clicks = Clicks(database, acme)
    assert claim(clicks, "c1")
    assert claim(clicks, "c2", person="u2")
    assert claim(clicks, "c3", action="a.c")
    assert claim(clicks, "c4", record="r2")
    assert claim(clicks, "c5", now=131.0)


def test_a_click_that_did_nothing_may_come_again(database, acme):
    clicks = Clicks(database, acme)
    assert claim(clicks, "c1")
    clicks.allow_again("c1", 105.0)
    assert not claim(clicks, "c2", now=104.0)
    clicks.allow_again("c1", 120.0)
    assert claim(clicks, "c3", now=106.0), "the time is only ever made shorter"
    assert not claim(clicks, "c4", now=120.0)


def test_ids_of_full_length_fit(database, acme):
    assert claim(Clicks(database, acme), "c" * 32, person="u" * 256, action="p" * 32 + "." + "f" * 63)


def test_a_click_on_an_organization_that_is_gone_claims_nothing(database):
    try:
        claimed = claim(Clicks(database, "gone"), "c1")
    except IntegrityError:
        claimed = False
    assert not claimed


def test_old_clicks_are_forgotten(database, acme):
    claim(Clicks(database, acme), "c1", now=100.0)
    claim(Clicks(database, acme), "c2", now=200.0)
    assert forget_old_clicks(database, 150.0) == 1
