"""A press of a button: what it may do, what it does once, and which buttons live how long."""

from __future__ import annotations

import dataclasses
import threading

import pytest

from tests.world.space import wait_for
from unfurler.engine.ports import HostTrouble, PersonId, Press, Preview
from unfurler.engine.storms import Storms
from unfurler.sdk.card import Card, Field
from unfurler.sdk.errors import ActionRefused
from unfurler.store.clicks import Clicks
from unfurler.store.organizations import Organization
from unfurler.store.presses import TakenPress

LINK = "https://tracker.example/a"


@pytest.fixture
def item(world):
    """A link whose card is posted, with more to show and one action."""
    (item,) = world.chat.someone_posts("a")
    world.cards["a"] = lambda: Card("a", fields=[Field("n", "v")], buttons=[action(world).button("Close")])
    world.desk.drain("acme")
    return item


def action(world):
    return world.desk.tools.resolver.registry.providers[0].actions["tracker.close"]


def press(world, item, action, *, person="somebody", record=None, link=LINK):
    shown = world.chat.posted[item][0]
    world.desk.click(world.organization, Press(PersonId(person), action, record or shown.record, link))


def sizes(world, item):
    return [preview.size for preview in world.chat.posted[item]]


def test_an_action_runs_and_the_card_is_shown_anew(world, item):
    press(world, item, "tracker.close")
    assert (world.acts, len(world.chat.posted[item]), world.chat.told) == (["a"], 2, [])


def test_the_same_click_by_many_threads_at_once_acts_once(world, item):
    ready = threading.Barrier(6)

    def click() -> None:
        ready.wait()
        press(world, item, "tracker.close")

    threads = [threading.Thread(target=click) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert world.acts == ["a"]


def test_two_people_act_both(world, item):
    press(world, item, "tracker.close", person="one")
    press(world, item, "tracker.close", person="two")
    assert world.acts == ["a", "a"]


@pytest.mark.parametrize(
    "more",
    [
        {"action": "tracker.open"},
        {"action": "card.less"},
        {"record": "guessed"},
        {"link": "https://tracker.example/b"},
        {"link": "x"},
    ],
)
def test_what_does_not_fit_the_record_does_nothing(world, item, more):
    press(world, item, **({"action": "tracker.close"} | more))
    assert (world.acts, len(world.chat.posted[item]), world.chat.told) == ([], 1, [])


def test_a_button_that_is_not_on_the_new_card_is_dead(world, item):
    world.cards["a"] = lambda: Card("a")
    press(world, item, "card.refresh")
    press(world, item, "tracker.close")
    assert world.acts == []


def test_the_buttons_of_the_posted_card_work_on_after_its_item_has_expired(world, item):
    world.clock.now += 2_000
    for _ in range(2):
        press(world, item, "card.more")
    assert [message.size for _, message in world.chat.told] == ["full", "full"]


def test_a_card_that_could_not_be_posted_keeps_its_buttons(world, item):
    world.chat.refuses_posts = HostTrouble("http-503")
    press(world, item, "card.more")
    world.chat.refuses_posts = None
    press(world, item, "card.more")
    assert sizes(world, item) == ["compact", "full"]


def test_more_and_less_take_turns(world, item):
    for button in ("card.more", "card.less", "card.more"):
        press(world, item, button)
    assert sizes(world, item) == ["compact", "full", "compact", "full"]


@pytest.mark.parametrize("said", [None, 7, "a\0b", "\ud800", "x" * 5_000])
def test_whatever_an_action_says_its_card_is_shown_anew(world, item, said):
    object.__setattr__(action(world), "function", lambda click, api, name: said)
    press(world, item, "tracker.close")
    assert len(world.chat.posted[item]) == 2
    with world.desk.database.read() as connection:
        assert connection.exec_driver_sql("select outcome from clicks").scalar_one() == "done"


@pytest.mark.parametrize(
    ("error", "words"),
    [(ActionRefused("It is locked."), "It is locked."), (ValueError("secret"), "the provider failed")],
)
def test_who_pressed_is_told_why_it_did_not_work(world, item, error, words):
    def refuse(click, api, name):
        raise error

    object.__setattr__(action(world), "function", refuse)
    press(world, item, "tracker.close")
    ((person, message),) = world.chat.told
    assert person == "somebody"
    assert words in message
    assert "secret" not in message


@pytest.fixture
def failing(world):
    """The action counts its tries and fails."""
    tries: list[str] = []

    def fail(click, api, name):
        tries.append(name)
        raise ActionRefused("It is locked.")

    object.__setattr__(action(world), "function", fail)
    return tries


@pytest.mark.parametrize(("changed", "again_after_s"), [(False, 3), (True, 30)])
def test_a_failed_press_may_be_repeated_once_nothing_can_happen_twice(world, item, failing, changed, again_after_s):
    """At once it is a repeat of the same click; later a new try, where the first certainly did nothing."""
    world.api.changed = changed
    for _ in range(4):
        press(world, item, "tracker.close")
    world.clock.now += again_after_s - 1
    press(world, item, "tracker.close")
    assert (len(failing), len(world.chat.told)) == (1, 1)
    world.clock.now += 2
    press(world, item, "tracker.close")
    assert (len(failing), len(world.chat.told)) == (2, 2)


def test_repeats_of_a_click_are_no_storm(world, item):
    world.desk.storms = Storms(1.0, world.clock)
    for _ in range(30):
        press(world, item, "tracker.close")
    assert (world.acts, world.chat.told) == (["a"], [])
    for _ in range(30):
        press(world, item, "card.refresh")
    assert [told for _, told in world.chat.told] == ["That is faster than I can follow. Try again in a moment."]


def test_a_card_that_was_being_fetched_when_the_action_ran_is_not_remembered(world, item):
    """The state before the action, arriving after it, must not come back out of the memory."""
    release, asking = threading.Event(), threading.Event()

    def slow() -> Card:
        asking.set()
        release.wait()
        return Card("before")

    world.clock.now += 10_000
    world.cards["a"] = slow
    world.chat.someone_posts("a")
    drain = threading.Thread(target=lambda: world.desk.drain("acme"), daemon=True)
    drain.start()
    assert asking.wait(60)
    world.clock.now += 1
    world.cards["a"] = lambda: Card("after")
    press(world, item, "tracker.close")
    assert wait_for(lambda: any(isinstance(told, str) and "Closed" in told for _, told in world.chat.told))
    release.set()
    drain.join(60)
    match = world.desk.tools.resolver.match(LINK)
    assert world.desk.tools.resolver.resolve(match).card.title == "after"


def test_after_the_item_has_expired_the_card_comes_as_a_message(world, item):
    world.clock.now += 2_000
    press(world, item, "card.refresh")
    ((_, message),) = world.chat.told
    assert isinstance(message, Preview)


def test_a_click_never_raises_whatever_happens(world, item):
    world.desk.organizations.erase("acme")
    shown = world.chat.posted[item][0]

    world.desk.click(
        Organization("acme", "https://acme.example"), Press(PersonId("p"), "card.more", shown.record, LINK)
    )
    assert world.acts == []


@pytest.mark.parametrize(
    ("begun", "outcome", "said"),
    [(False, None, "Nothing was done"), (True, None, "It may have happened, or not"), (True, "done", "Closed a")],
)
def test_who_pressed_what_a_dead_process_took_is_told_what_is_known_and_nothing_is_done(world, begun, outcome, said):
    clicks = Clicks(world.desk.database, "acme")
    if begun:
        clicks.claim("p1", "r1", "ann", "tracker.close", now=world.clock(), same_for_s=30.0)
    if outcome:
        clicks.end("p1", outcome, "Closed a", world.clock())
    taken = TakenPress("p1", "acme", "ann", "tracker.close", "r1")
    assert world.desk.tell_interrupted(world.organization, taken)
    ((person, told),) = world.chat.told
    assert (person, world.acts) == ("ann", [])
    assert said in told
    assert (clicks.find("p1").outcome if begun else None) == (outcome or ("interrupted" if begun else None))


def test_an_action_that_never_comes_back_is_told_of_and_holds_nobody_up(world, item):
    release = threading.Event()
    slow = dataclasses.replace(action(world), function=lambda click, api, name: release.wait() and "Late")
    world.desk.tools.resolver.registry.providers[0].actions["tracker.close"] = slow
    tools = world.desk.tools
    world.desk.tools = dataclasses.replace(tools, limits=dataclasses.replace(tools.limits, provider_s=0.1))
    press(world, item, "tracker.close")
    assert world.desk.tools.hands.left_behind() == {"tracker": 1}
    assert "It may have happened, or not" in world.chat.told[0][1]
    release.set()
