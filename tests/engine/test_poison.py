"""An item that was under way when its process died is tried again a few times, alone, and holds nobody up."""

from __future__ import annotations

import threading
import time

from tests.world.space import wait_for
from unfurler.sdk.card import Card
from unfurler.sdk.errors import UpstreamDown
from unfurler.store.leases import Lease, Leases
from unfurler.store.records import NewItem


def as_next_process(world, number: int) -> Leases:
    """Whatever is done from now on is done by another process, when the lease of the one before has run out."""
    leases = Leases(world.desk.database, f"elsewhere/{number}/x", 60.0, now=lambda connection: 5_000.0 * number)
    object.__setattr__(world.desk.tools, "leases", leases)
    return leases


def dies_with(world, number: int, *items: str) -> None:
    """A process took these up, and is gone."""
    lease = as_next_process(world, number).acquire("acme")
    assert isinstance(lease, Lease)
    world.items.resume(lease, world.clock(), 10, float)
    world.clock.now += 100
    known = {record.item: record.id for record in world.items.waiting(world.clock(), 1_000)}
    world.items.begin(lease, [known[item] for item in items])


def taken_in(world, *names: str) -> list[str]:
    """Items that are recorded and wait: their provider was not asked yet."""
    items = world.chat.someone_posts(*names)
    lease = world.desk.tools.leases.acquire("acme")
    fresh = [NewItem(f"r{i.etag}", i.id, i.etag, i.url, i.author, i.message) for i in world.chat.queue]
    world.items.take_in(lease, fresh, world.clock())
    return items


def after_the_wait(world) -> None:
    """A drain that finds what happened, and one when those that wait after it are due."""
    world.desk.drain("acme")
    world.clock.now += 100
    time.sleep(0.02)  # a queue that was looked at for nothing rests
    world.desk.drain("acme")


def test_after_as_many_deaths_as_tries_it_ends_as_crashed_and_the_etag_moves_on(world):
    asked = []
    world.cards["bad"] = lambda: asked.append(1) or Card("bad")
    bad, good = taken_in(world, "bad", "good")
    for number in range(1, 6):
        dies_with(world, number, bad)
    as_next_process(world, 6)
    after_the_wait(world)
    assert world.ended() == {bad: "crashed", good: "posted"}
    assert (asked, world.items.etag()) == ([], 2)


def test_a_death_counts_as_a_try(world):
    bad, good = taken_in(world, "bad", "good")
    for number in range(1, 5):
        dies_with(world, number, bad, good)
    as_next_process(world, 6)
    after_the_wait(world)
    assert world.ended() == {bad: "posted", good: "posted"}


def test_those_that_two_processes_died_with_are_taken_up_one_at_a_time_and_the_others_do_not_wait(world):
    names = [f"p{number}" for number in range(6)]
    items = taken_in(world, *names, *(f"q{number}" for number in range(20)))
    for number in (1, 2):
        dies_with(world, number, *items[:6])
    as_next_process(world, 3)
    world.items.resume(world.desk.tools.leases.acquire("acme"), world.clock(), 10, lambda crashes: 0.0)
    release, most, at_once, lock = threading.Event(), 0, 0, threading.Lock()

    def suspect() -> Card:
        nonlocal most, at_once
        with lock:
            at_once += 1
            most = max(most, at_once)
        release.wait(60)
        with lock:
            at_once -= 1
        return Card("x")

    world.cards.update(dict.fromkeys(names, suspect))
    drain = threading.Thread(target=lambda: world.desk.drain("acme"), daemon=True)
    drain.start()
    assert wait_for(lambda: len(world.chat.posted) == 20)
    release.set()
    drain.join(60)
    assert (most, len(world.ended())) == (1, 26)


def test_two_organizations_of_one_process_take_up_such_items_one_at_a_time_too(world):
    bad, _ = taken_in(world, "bad", "good")
    for number in (1, 2):
        dies_with(world, number, bad)
    as_next_process(world, 3)
    world.items.resume(world.desk.tools.leases.acquire("acme"), world.clock(), 10, lambda crashes: 0.0)
    world.desk.tools.suspects.acquire()
    drain = threading.Thread(target=lambda: world.desk.drain("acme"), daemon=True)
    drain.start()
    assert wait_for(lambda: len(world.chat.posted) == 1)
    assert bad not in world.chat.posted
    world.desk.tools.suspects.release()
    drain.join(60)
    assert bad in world.chat.posted
    assert world.desk.tools.suspects.acquire(blocking=False)


def test_one_death_is_anybodys_doing_and_slows_nobody(world):
    items = taken_in(world, "a", "b", "c")
    dies_with(world, 1, *items)
    as_next_process(world, 2)
    together = threading.Barrier(3)
    world.cards.update(dict.fromkeys("abc", lambda: (together.wait(60) and Card("x")) or Card("x")))
    world.desk.drain("acme")
    assert set(world.ended().values()) == {"posted"}


def test_a_process_that_stops_in_order_leaves_nothing_to_be_suspected(world):
    release = threading.Event()
    world.cards["slow"] = lambda: release.wait() and Card("slow")
    world.chat.someone_posts("slow")
    drain = threading.Thread(target=lambda: world.desk.drain("acme"), daemon=True)
    drain.start()
    assert wait_for(lambda: world.chat.asked >= 2)
    world.stopping = True
    assert world.sees_the_end_of(drain)
    lease = as_next_process(world, 1).acquire("acme")
    assert world.items.resume(lease, world.clock(), 10, float).crashes == 0
    release.set()


def test_reading_does_not_begin_at_an_item_that_waits(world):
    def down() -> Card:
        raise UpstreamDown("It is down.")

    world.cards["down"] = down
    world.chat.someone_posts("down", *(f"p{number}" for number in range(50)))
    world.desk.drain("acme")
    read = []
    waiting = world.chat.waiting
    world.chat.waiting = lambda after, at_most: read.append(after) or waiting(after, at_most)
    world.desk.drain("acme")
    assert (world.items.etag(), read) == (None, [51])
