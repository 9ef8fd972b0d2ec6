"""One pass over a queue, whatever providers, the chat side or the process do meanwhile."""

from __future__ import annotations

import threading
import time

import pytest

from tests.world.space import wait_for
from unfurler.engine.drain import Drain
from unfurler.engine.happenings import LinkEnded
from unfurler.engine.ports import HostTrouble, Verdict
from unfurler.sdk.card import Button, Card
from unfurler.sdk.errors import NotFound, UpstreamDown
from unfurler.store.leases import LeaseLost


def raising(error: BaseException):
    def make() -> Card:
        raise error

    return make


def in_the_background(run) -> threading.Thread:
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def test_every_item_ends_once_and_the_etag_stands_at_the_last(world):
    items = world.chat.someone_posts(*(f"p{number}" for number in range(250)))
    assert world.desk.drain("acme") is None
    assert {len(previews) for previews in world.chat.posted.values()} == {1}
    assert (set(world.ended()), world.items.etag()) == (set(items), 250)


def test_a_queue_that_is_read_again_is_not_answered_again(world):
    world.chat.someone_posts("a", "b")
    world.desk.drain("acme")
    world.desk.organizations._update("acme", etag=None)
    world.desk.drain("acme")
    assert {len(previews) for previews in world.chat.posted.values()} == {1}


@pytest.mark.parametrize(
    "error", [ValueError("x"), MemoryError(), SystemExit(3), KeyboardInterrupt(), RecursionError()]
)
def test_a_provider_that_fails_in_any_way_ends_its_item_alone(world, error):
    world.cards["bad"] = raising(error)
    bad, good = world.chat.someone_posts("bad", "good")
    world.desk.drain("acme")
    assert world.chat.titles == {good: "good"}
    assert world.ended()[bad] in ("provider-failed", "bug")


@pytest.mark.parametrize(
    "made",
    [
        None,
        "a text",
        Card(title=None),
        Card(title=7),
        Card("x", buttons=["no"]),
        Card("x", text="\ud800"),
        Card("x", fresh_s="y"),
    ],
)
def test_what_is_no_card_ends_its_item_alone(world, made):
    world.cards["bad"] = lambda: made
    bad, good = world.chat.someone_posts("bad", "good")
    world.desk.drain("acme")
    assert world.chat.titles == {good: "good"}
    assert world.ended()[bad] == "provider-failed"


def test_a_provider_that_never_comes_back_is_not_waited_for(world):
    release = threading.Event()
    world.cards["bad"] = lambda: release.wait() and Card("late")
    bad, good = world.chat.someone_posts("bad", "good")
    drain = in_the_background(lambda: world.desk.drain("acme"))
    assert wait_for(lambda: world.chat.titles == {good: "good"})
    world.clock.now += 61
    drain.join(60)
    assert world.ended()[bad] == "provider-silent"
    assert world.desk.tools.hands.left_behind() == {"tracker": 1}
    release.set()
    assert wait_for(lambda: not world.desk.tools.hands.left_behind())
    assert bad not in world.chat.posted


def test_a_link_that_comes_while_another_is_slow_does_not_wait_for_it(world):
    release = threading.Event()
    world.cards["slow"] = lambda: release.wait() and Card("slow")
    (slow,) = world.chat.someone_posts("slow")
    drain = in_the_background(lambda: world.desk.drain("acme"))
    assert wait_for(lambda: world.chat.asked >= 2)
    (fast,) = world.chat.someone_posts("fast")
    world.news.append("acme")
    assert wait_for(lambda: fast in world.chat.posted)
    assert slow not in world.chat.posted
    release.set()
    drain.join(60)
    assert slow in world.chat.posted


def test_another_try_that_falls_due_meanwhile_is_not_held_up_by_a_slow_one(world):
    release = threading.Event()
    world.cards["slow"] = lambda: release.wait() and Card("slow")
    world.cards["down"] = raising(UpstreamDown("It is down."))
    slow, down = world.chat.someone_posts("slow", "down")
    drain = in_the_background(lambda: world.desk.drain("acme"))

    def waits() -> bool:
        with world.desk.database.read() as connection:
            return connection.exec_driver_sql("select count(*) from queue_items where tries = 1").scalar_one() == 1

    assert wait_for(waits)
    world.cards["down"] = lambda: Card("up again")
    world.clock.now += 3
    assert wait_for(lambda: down in world.chat.posted)
    assert slow not in world.chat.posted
    release.set()
    drain.join(60)


def test_what_has_nothing_to_show_ends_even_while_nothing_can_be_posted(world):
    world.cards["gone"] = raising(NotFound("It is not there."))
    world.chat.refuses_posts = HostTrouble("http-503")
    gone, fine = world.chat.someone_posts("gone", "fine")
    for _ in range(3):
        assert world.desk.drain("acme")
        world.clock.now += 60
    assert world.ended() == {gone: "not-found"}
    world.chat.refuses_posts = None
    world.desk.drain("acme")
    assert world.chat.titles == {fine: "fine"}


def test_a_temporary_failure_holds_the_etag_and_nobody_else(world):
    world.cards["down"] = raising(UpstreamDown("It is down."))
    first, down, last = world.chat.someone_posts("a", "down", "b")
    again_s = world.desk.drain("acme")
    assert set(world.chat.posted) == {first, last}
    assert (world.items.etag(), again_s) == (1, pytest.approx(2.0))
    del world.cards["down"]
    world.clock.now += 3
    world.desk.drain("acme")
    assert (world.ended()[down], world.items.etag()) == ("posted", 3)


def test_a_failure_that_stays_ends_after_the_tries_there_are(world):
    world.cards["down"] = raising(UpstreamDown("It is down."))
    (down,) = world.chat.someone_posts("down")
    tries = 0
    while down not in world.ended():
        world.desk.drain("acme")
        world.clock.now += 100
        tries += 1
    assert tries == 5


def test_an_item_that_waited_longer_than_it_lives_ends_unasked(world):
    asked = []
    world.cards["late"] = lambda: asked.append(1) or Card("late")
    world.chat.refuses_posts = HostTrouble("http-503")
    (late,) = world.chat.someone_posts("late")
    world.desk.drain("acme")
    world.clock.now += 1_801
    world.desk.drain("acme")
    assert (world.ended()[late], len(asked)) == ("expired", 1)


@pytest.mark.parametrize(
    "verdict", [Verdict.EXPIRED, Verdict.GONE, Verdict.NOT_APPROVED, Verdict.REFUSED, Verdict.UNKNOWN]
)
def test_each_verdict_ends_its_own_item(world, verdict):
    one, other = world.chat.someone_posts("a", "b")
    world.chat.verdicts[one] = verdict
    world.desk.drain("acme")
    assert world.ended() == {one: verdict.value, other: "posted"}


def test_an_item_of_which_nothing_was_said_is_looked_at_again(world):
    (item,) = world.chat.someone_posts("a")
    world.chat.verdicts[item] = None
    assert world.desk.drain("acme") == pytest.approx(2.0)
    world.chat.verdicts.clear()
    world.clock.now += 3
    world.desk.drain("acme")
    assert world.ended() == {item: "posted"}


def test_a_stopping_process_begins_nothing_more_and_leaves_the_rest(world):
    release, begun = threading.Event(), []
    for number in range(40):
        world.cards[f"p{number}"] = lambda: begun.append(1) or (release.wait(60) and Card("done"))
    world.chat.someone_posts(*(f"p{number}" for number in range(40)))
    drain = in_the_background(lambda: world.desk.drain("acme"))
    assert wait_for(lambda: begun)
    world.stopping = True
    time.sleep(0.2)
    release.set()
    drain.join(60)
    assert not drain.is_alive()
    assert 0 < len(world.ended()) == len(begun) < 40
    assert len(world.items.waiting(world.clock(), 100)) == 40 - len(begun)


def test_a_stopping_process_does_not_wait_for_what_hangs(world):
    release = threading.Event()
    world.cards["bad"] = lambda: release.wait() and Card("late")
    world.chat.someone_posts("bad")
    drain = in_the_background(lambda: world.desk.drain("acme"))
    assert wait_for(lambda: world.chat.asked >= 2)
    world.stopping = True
    assert world.sees_the_end_of(drain)
    assert world.desk.tools.leases.acquire("acme")
    release.set()


def test_an_organization_that_leaves_in_the_middle_leaves_nothing_behind(world):
    world.cards["a"] = lambda: world.desk.organizations.erase("acme") or Card("too late")
    world.chat.someone_posts("a")
    world.desk.drain("acme")
    assert world.chat.posted == {}
    assert world.ended() == {}
    assert world.desk.drain("acme") is None


def test_who_lost_the_lease_posts_nothing(world):
    lease = world.desk.tools.leases.acquire("acme")
    drain = Drain(world.desk.tools, world.chat, world.items, lease, world.desk.members(world.organization))
    world.chat.someone_posts("a")

    def meanwhile() -> Card:
        world.desk.tools.leases.acquire("acme")
        return Card("a")

    world.cards["a"] = meanwhile
    with pytest.raises(LeaseLost):
        drain.run()
    assert world.chat.posted == {}


def test_a_long_drain_keeps_its_lease(world):
    release = threading.Event()
    world.cards["slow"] = lambda: release.wait() and Card("slow")
    world.chat.someone_posts("slow")
    drain = in_the_background(lambda: world.desk.drain("acme"))
    assert wait_for(lambda: world.chat.asked >= 2)

    def until() -> float:
        with world.desk.database.read() as connection:
            return connection.exec_driver_sql("select lease_until from organizations").scalar_one()

    world.clock.now += 50
    assert wait_for(lambda: until() > world.clock.now + 50)
    release.set()
    drain.join(60)


def test_how_long_the_chat_side_asked_to_be_left_alone_is_not_cut_short_by_a_notification(world):
    world.chat.trouble = HostTrouble("rate-limited", retry_after_s=300.0)
    assert world.desk.drain("acme") == pytest.approx(300, abs=1)
    assert world.desk.drain("acme") == pytest.approx(300, abs=1)
    assert world.chat.asked == 1


def test_one_host_does_not_take_every_place(world):
    most, at_once, lock = 0, 0, threading.Lock()

    def make() -> Card:
        nonlocal most, at_once
        with lock:
            at_once += 1
            most = max(most, at_once)
        time.sleep(0.02)
        with lock:
            at_once -= 1
        return Card("x")

    for number in range(20):
        world.cards[f"p{number}"] = make
    world.chat.someone_posts(*(f"p{number}" for number in range(20)))
    world.desk.drain("acme")
    assert most == 4


def test_the_record_holds_the_actions_of_the_buttons_that_were_posted(world):
    world.cards["a"] = lambda: Card(
        "a", buttons=[Button.open("Open", "https://tracker.example/"), Button("B", action="tracker.close")]
    )
    (item,) = world.chat.someone_posts("a")
    world.desk.drain("acme")
    record = world.items.find(world.chat.posted[item][0].record)
    assert record.offered == ("tracker.close", "card.refresh")


def test_the_time_of_a_link_begins_where_its_queue_was_asked_for(world):
    world.desk.waited_s = lambda id: 3.0
    world.chat.someone_posts("a")
    world.desk.drain("acme")
    (ended,) = [one for one in world.happened if isinstance(one, LinkEnded)]
    assert ended.ms == 3_000
