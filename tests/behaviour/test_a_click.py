"""Somebody presses a button of a card."""

from __future__ import annotations

from tests.world.sites import issue
from tests.world.space import buttons, texts, title, wait_for


def shown(space, github, number: int, **more) -> str:
    """The item of an issue whose card is there."""
    github.answers(f"/repos/o/r/issues/{number}", json_body=issue(number, **more))
    (item,) = space.someone_posts(f"https://github.com/o/r/issues/{number}")
    assert space.card(item)
    return item


def test_refresh_shows_the_new_state(space, github):
    item = shown(space, github, 31)
    github.answers("/repos/o/r/issues/31", json_body=issue(31, "Crash on start", "closed"))
    assert space.press(item, "Refresh") == [200]
    assert wait_for(lambda: "Closed" in texts(space.item(item)["content"]))
    assert space.messages() == []


def test_more_and_less_change_the_size(space, github):
    item = shown(space, github, 32, milestone={"title": "May release"})
    assert "May release" not in texts(space.card(item))
    space.press(item, "More")
    assert wait_for(lambda: "May release" in texts(space.item(item)["content"]))
    assert "Less" in buttons(space.item(item)["content"])
    space.press(item, "Less")
    assert wait_for(lambda: "May release" not in texts(space.item(item)["content"]))


def test_anybody_may_press_and_is_answered_themselves(space, github):
    item = shown(space, github, 33)
    github.answers("/repos/o/r/issues/33", status=500)
    other = space.people[1]
    space.press(item, "Refresh", other)
    assert wait_for(lambda: space.messages(other))
    assert space.messages(space.people[0]) == []
    assert space.posts(item) == 1


def test_the_same_bytes_delivered_three_times_act_once(space, github):
    item = shown(space, github, 34)
    calls = github.calls("/repos/o/r/issues/34")
    assert space.press(item, "Refresh", times=3, sameBytes=True) == [200, 200, 200]
    assert wait_for(lambda: space.posts(item) == 2)
    assert github.calls("/repos/o/r/issues/34") == calls + 1


def test_after_the_life_of_the_item_the_card_comes_as_a_message(space, github):
    item = shown(space, github, 35, title="Thirty minutes later")
    space.server.post("clock", advance_s=31 * 60)
    space.press(item, "Refresh")
    (message,) = wait_for(space.messages)
    assert title(message["content"]) == "Thirty minutes later"


def test_only_a_cards_own_buttons_can_be_pressed(space, space_server, service, github):
    item = shown(space, github, 36)
    posted = space.item(item)
    button = next(
        e["action"]
        for s in posted["content"]["sections"]
        for group in s["elements"]
        if group["className"] == "MessageControlGroup"
        for e in group["elements"]
    )
    press = {"link": posted["target"], "context": posted["context"], "userId": space.people[0]}
    forged = [
        press | {"actionId": "github.close", "actionValue": button["payload"]},
        press | {"actionId": "card.less", "actionValue": button["payload"]},
        press | {"actionId": "card.refresh", "actionValue": "guessed"},
        press
        | {"actionId": "card.refresh", "actionValue": button["payload"], "link": "https://github.com/o/r/issues/1"},
    ]
    for body in forged:
        assert space.call("press-raw", **body)["deliveries"][0]["status"] == 200
    stranger = space_server.install(service.endpoint)
    theirs = press | {"actionId": "card.refresh", "actionValue": button["payload"], "userId": stranger.people[0]}
    assert stranger.call("press-raw", **theirs)["deliveries"][0]["status"] == 200
    done = wait_for(lambda: [e for e in service.events("click.done") if e["outcome"] == "unknown-button"][4:])
    assert done
    assert space.posts(item) == 1


def test_a_storm_of_presses_is_answered_politely(space, github):
    item = shown(space, github, 37)
    space.press(item, "Refresh", times=12, sameBytes=False, parallel=True)
    assert wait_for(lambda: any("faster" in texts(message["content"]) for message in space.messages()))
