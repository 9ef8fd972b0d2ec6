"""Kill -9: nothing is lost, and nothing is posted again but what was between "sent" and "recorded"."""

from __future__ import annotations

import random
import time

import pytest

from tests.faults.killing import kill_some, kill_worker, when
from tests.faults.load import Load
from tests.world.space import wait_for

QUEUE = "unfurls/queue"


def requests_of(space_server, organization, path: str, method: str) -> list[dict]:
    seen = space_server.get("requests", clientId=organization.id, path=path)["requests"]
    return [one for one in seen if one["method"] == method and one["path"].endswith(path)]


@pytest.mark.parametrize(
    ("step", "path", "method", "again", "whole_group"),
    [
        ("reading the queue", QUEUE, "GET", 0, False),
        ("posting", f"{QUEUE}/content", "POST", 1, False),
        ("posting", f"{QUEUE}/content", "POST", 1, True),
    ],
)
def test_a_kill_while_space_answers_loses_nothing(
    space_server, fragile, github, step, path, method, again, whole_group
):
    fragile.start()
    organization = space_server.install(fragile.endpoint)
    load = Load(github, organization)
    # Taken, and answered late: the process dies in between.
    late = {"path": path, "method": method, "delay_s": 1.5, "after": True, "times": 1}
    fault = space_server.post("faults", clientId=organization.id, **late)["id"]
    before = len(requests_of(space_server, organization, path, method))
    load.post(10)
    organization.call("notify")
    if method == "POST":
        assert wait_for(lambda: any(item["posts"] for item in organization.items))
        assert len(requests_of(space_server, organization, path, method)) == before
    else:
        assert wait_for(lambda: fault not in str(space_server.get("faults")))
    with load.troubles.during("kill"):
        begin_again = kill_some(fragile, whole_group=whole_group)
    begin_again()
    account = load.account(fragile)
    assert account.faults == [], account
    assert max(len(item["posts"]) for item in organization.items) == 1 + again
    assert all(why.startswith("on its way") for why in account.repeats.explained), account


def test_a_kill_while_a_site_is_asked_loses_nothing_and_repeats_nothing(space_server, fragile, github):
    fragile.start()
    organization = space_server.install(fragile.endpoint)
    load = Load(github, organization, delay_s=1.0)
    asked = len(github.asked)
    killed = when(lambda: len(github.asked) >= asked + 4, lambda: kill_worker(fragile))
    load.post(6)
    organization.call("notify")
    killed.join(30)
    account = load.account(fragile)
    assert (account.faults, len(account.repeats)) == ([], 0), account


def test_a_click_under_way_when_its_process_is_killed_is_told_of_and_not_done_again(space_server, fragile):
    fragile.start()
    organization = space_server.install(fragile.endpoint)
    organization.queue("https://minefield.example/fine")
    (item,) = [one["id"] for one in organization.items]
    assert organization.card(item)
    assert organization.press(item, "Wait") == [200]
    assert wait_for(lambda: fragile.query("select count(*) from clicks") == [(1,)])
    assert kill_worker(fragile)
    said = wait_for(organization.messages)
    assert "It may have happened, or not" in str(said)
    assert len(said) == 1


@pytest.mark.long
def test_kills_at_random_moments_under_load(space_server, fragile, github):
    chance = random.Random(7)
    fragile.start()
    organizations = [space_server.install(fragile.endpoint) for _ in range(2)]
    load = Load(github, *organizations)
    for number in range(4):
        load.post(15)
        time.sleep(chance.uniform(0.0, 1.0))
        with load.troubles.during("kill"):
            begin_again = kill_some(fragile, whole_group=number == 2)
        begin_again()
        time.sleep(chance.uniform(0.5, 1.5))
    account = load.account(fragile)
    assert account.faults == [], account


@pytest.mark.long
def test_a_repeat_that_nothing_explains_is_found(space_server, fragile, github):
    """The judge of the others: without its trouble the repeat of a killed posting is one that must not be."""
    fragile.start()
    organization = space_server.install(fragile.endpoint)
    load = Load(github, organization)
    space_server.post("faults", clientId=organization.id, path=f"{QUEUE}/content", delay_s=1.5, after=True, times=1)
    load.post(3)
    organization.call("notify")
    assert wait_for(lambda: any(item["posts"] for item in organization.items))
    kill_worker(fragile)
    account = load.account(fragile)
    assert account.lost == []
    assert len(account.repeats.unexplained) == len(account.repeats) > 0
