"""While the playground is on, the service tells of a link's way, to who knows the link."""

from __future__ import annotations

import pytest
import requests

from tests.world.people import sign_in_on_homepage
from tests.world.service import Service
from tests.world.sites import issue
from tests.world.space import wait_for

LINK = "https://github.com/o/r/issues/71"


@pytest.fixture(scope="module")
def open_service(tmp_path_factory, settings):
    running = Service(tmp_path_factory.mktemp("open"), settings | {"UNFURLER_PLAYGROUND": "on"}).start()
    yield running
    running.stop()


@pytest.fixture
def acme(space_server, open_service):
    yield space_server.install(open_service.endpoint)
    assert space_server.violations == []


def story(service, organization, item, link=LINK):
    asked = {"organization": organization.id, "item": item, "link": link}
    return requests.get(f"{service.url}/playground/story", params=asked, timeout=60)


def steps(service, organization, item, link=LINK) -> dict[str, str]:
    """Name → what is said, of the latest pass."""
    answer = wait_for(lambda: (found := story(service, organization, item, link)).ok and found)
    told = answer.json()["passes"][-1]["steps"]
    return {step["name"]: "\n".join([step["said"], *step["more"]]) for step in told}


def test_each_step_of_a_link_is_told(acme, open_service, github):
    github.answers("/repos/o/r/issues/71", json_body=issue(71))
    (item,) = acme.someone_posts(LINK)
    assert acme.card(item)
    wait_for(lambda: "Card" in steps(open_service, acme, item))
    told = steps(open_service, acme, item)
    assert told["Link"] == LINK
    assert told["Provider"].startswith("GitHub (github), rule /<owner>/<repo>/issues/<int:number>")
    assert "without an account" in told["Memory"]
    assert f"GET {github.url}/repos/o/r/issues/71: 200 in" in told["Requests"]
    assert "preview" in told["Card"]


def test_why_there_is_none_is_told_with_what_helps(acme, open_service, github):
    github.answers("/repos/o/r/issues/72", status=404)
    link = "https://github.com/o/r/issues/72"
    (item,) = acme.someone_posts(link)
    assert wait_for(lambda: "No card" in steps(open_service, acme, item, link))
    told = steps(open_service, acme, item, link)
    assert "reason: not-found" in told["No card"]
    assert "Look whether the link is right" in told["What helps"]


def test_a_press_adds_to_the_story(acme, open_service, github):
    github.answers("/repos/o/r/issues/71", json_body=issue(71))
    (item,) = acme.someone_posts(LINK)
    assert acme.card(item)
    acme.press(item, "Refresh")
    assert wait_for(lambda: len(story(open_service, acme, item).json()["passes"]) == 2)


def test_who_does_not_know_organization_item_and_link_is_told_nothing(acme, open_service, github, space_server):
    github.answers("/repos/o/r/issues/71", json_body=issue(71))
    (item,) = acme.someone_posts(LINK)
    assert steps(open_service, acme, item)
    other = space_server.install(open_service.endpoint)
    for organization, id, link in ((other, item, LINK), (acme, "1", LINK), (acme, item, "https://github.com/o/r")):
        assert story(open_service, organization, id, link).status_code == 404


def test_nothing_is_told_while_the_playground_is_off(space, service, github):
    github.answers("/repos/o/r/issues/71", json_body=issue(71))
    (item,) = space.someone_posts(LINK)
    assert space.card(item)
    assert story(service, space, item).status_code == 404
    assert requests.get(f"{service.url}/playground/drawing/cards.js", timeout=60).status_code == 404


def test_what_an_account_saw_is_not_told_only_that_there_was_one(team, office, hub):
    ann = team.people[0]
    sign_in_on_homepage(office, team, ann, hub, "story-ann")
    repository = hub.repository("canaryplace/canaryrepo", readers=["story-ann"])
    link = hub.issue(repository, 1, "CANARYTITLE", body="CANARYTEXT")
    (item,) = team.someone_posts(link, author=ann)
    assert team.card(item)
    answer = wait_for(lambda: (found := story(office, team, item, link)).ok and found)
    everyone, account = [step for step in answer.json()["passes"][-1]["steps"] if step["name"] == "Requests"]
    assert "repos/canaryplace" in everyone["more"][0]
    assert f"{hub.url.partition('//')[2]} (with an account, so its address is not told): 200" in account["more"][0]
    assert "canaryplace" not in str(account)
    assert "CANARY" not in answer.text
