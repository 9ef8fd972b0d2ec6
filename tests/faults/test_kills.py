"""Kill -9: nothing is lost, and nothing is posted again but what was between "sent" and "recorded"."""

from __future__ import annotations

import random
import time

import pytest

from tests.faults.killing import kill_worker, when
from tests.faults.load import Load
from tests.world.space import wait_for

QUEUE = "unfurls/queue"


def requests_of(space_server, organization, path: str, method: str) -> list[dict]:
    seen = space_server.get("requests", clientId=organization.id, path=path)["requests"]
    return [one for one in seen if one["method"] == method and one["path"].endswith(path)]


@pytest.mark.parametrize(
    ("step", "path", "method", "again"),
    [
        ("reading the queue", QUEUE, "GET", 0),
        ("posting", f"{QUEUE}/content", "POST", 1),
    ],
)
def test_a_kill_while_space_answers_loses_nothing(space_server, fragile, github, step, path, method, again):
    fragile.start()
    organization = space_server.install(fragile.endpoint)
    load = Load(github, organization)
    # Taken, and answered late: the process dies in between.
    space_server.post("faults", clientId=organization.id, path=path, method=method, delay_s=1.5, after=True, times=1)
    before = len(requests_of(space_server, organization, path, method))
    load.post(10)
    organization.call("notify")
    if method == "POST":
        assert wait_for(lambda: any(item["posts"] for item in organization.items), 30)
        assert len(requests_of(space_server, organization, path, method)) == before
    else:
        time.sleep(0.5)
    assert kill_worker(fragile)
    account = load.account(fragile, 60)
    assert account.lost == [], account
    assert account.repeated <= again * account.asked
    assert max(len(item["posts"]) for item in organization.items) <= 1 + again


def test_a_kill_while_a_site_is_asked_loses_nothing_and_repeats_nothing(space_server, fragile, github):
    fragile.start()
    organization = space_server.install(fragile.endpoint)
    load = Load(github, organization, delay_s=1.0)
    asked = len(github.asked)
    killed = when(lambda: len(github.asked) >= asked + 4, lambda: kill_worker(fragile))
    load.post(6)
    organization.call("notify")
    killed.join(30)
    account = load.account(fragile, 60)
    assert (account.lost, account.repeated) == ([], 0), account


def test_a_click_under_way_when_its_process_is_killed_is_told_of_and_not_done_again(space_server, fragile):
    fragile.start()
    organization = space_server.install(fragile.endpoint)
    organization.queue("https://minefield.example/fine")
    (item,) = [one["id"] for one in organization.items]
    assert organization.card(item)
    assert organization.press(item, "Wait") == [200]
    assert wait_for(lambda: fragile.query("select count(*) from clicks") == [(1,)])
    assert kill_worker(fragile)
    said = wait_for(organization.messages, 60)
    assert "It may have happened, or not" in str(said)
    assert len(said) == 1


def test_kills_at_random_moments_under_load(space_server, fragile, github):
    chance = random.Random(7)
    fragile.start()
    organizations = [space_server.install(fragile.endpoint) for _ in range(2)]
    load = Load(github, *organizations)
    kills = 0
    for _ in range(4):
        load.post(15)
        time.sleep(chance.uniform(0.0, 1.0))
        kills += kill_worker(fragile)
        time.sleep(chance.uniform(0.5, 1.5))
    account = load.account(fragile, 90)
    assert account.lost == [], account
    # What was under way to Space when the process died, at most one posting of each organization.
    assert account.repeated <= kills * 32, account
