"""Links and buttons that kill the process, or never come back."""

from __future__ import annotations

import sqlite3
import time

import pytest
import requests

from tests.world.sites import issue
from tests.world.space import title, wait_for

FIELD = "https://minefield.example"


def hurried(service, organization, what) -> bool:
    """Whether it comes to be, while nobody has to wait for the next try after a death."""

    def look() -> bool:
        with sqlite3.connect(service.database, timeout=60) as database:
            database.execute("update queue_items set due_at = 0 where crashes > 0 and ended_at is null")
        organization.call("notify")
        time.sleep(0.5)
        return what()

    return wait_for(look, 180)


def test_a_link_that_kills_its_process_ends_and_takes_nobody_with_it(space_server, fragile, github):
    for number in range(300, 306):
        github.answers(f"/repos/o/r/issues/{number}", json_body=issue(number), delay_s=0.3)
    fragile.start()
    organization, other = (space_server.install(fragile.endpoint) for _ in range(2))
    good = [f"https://github.com/o/r/issues/{number}" for number in range(300, 306)]
    organization.queue(good[0], f"{FIELD}/dies", *good[1:3], f"{FIELD}/fine")
    other.queue(*good[3:])
    assert hurried(fragile, organization, lambda: len(organization.cards()) == 4 and len(other.cards()) == 3)
    poison = next(item for item in organization.items if item["target"].endswith("/dies"))
    assert hurried(fragile, organization, lambda: fragile.ended(organization.id).get(poison["id"]) == "crashed")
    assert fragile.etag(organization.id) == max(item["etag"] for item in organization.items)
    assert {posts for one in (organization, other) for posts in [len(i["posts"]) for i in one.items]} <= {0, 1, 2}
    assert poison["posts"] == []


def test_a_click_that_kills_its_process_is_told_of_and_not_done_again(space_server, fragile):
    fragile.start()
    organization = space_server.install(fragile.endpoint)
    organization.queue(f"{FIELD}/fine")
    (item,) = [one["id"] for one in organization.items]
    assert organization.card(item)
    organization.press(item, "Step")
    said = wait_for(organization.messages)
    assert said, fragile.log.read_text()[-3_000:]
    assert "It may have happened, or not" in str(said)
    assert wait_for(lambda: fragile.query("select outcome from clicks") == [("interrupted",)])
    assert wait_for(lambda: not fragile.query("select * from presses"))


def test_a_provider_that_hangs_leaves_the_others_in_peace(space_server, fragile, github):
    github.answers("/repos/o/r/issues/310", json_body=issue(310, "In peace"))
    fragile.start()
    organization = space_server.install(fragile.endpoint)
    organization.queue(*(f"{FIELD}/hangs-{number}" for number in range(12)))
    (item,) = organization.someone_posts("https://github.com/o/r/issues/310")
    assert title(organization.card(item)) == "In peace"
    assert requests.get(f"{fragile.url}/healthz", timeout=60).ok


@pytest.mark.long
def test_a_provider_that_fails_each_time_is_left_alone_and_tried_again(space_server, fragile):
    fragile.start()
    organization = space_server.install(fragile.endpoint)
    organization.queue(*(f"{FIELD}/fails-{number}" for number in range(5)))
    assert wait_for(lambda: len(fragile.ended(organization.id)) == 5)
    organization.queue(f"{FIELD}/fine")
    assert wait_for(lambda: fragile.events("circuit.opened"))
    assert wait_for(organization.cards) == {f"{FIELD}/fine": "fine"}
    assert fragile.events("circuit.closed")
