"""A link has one line in the log, a click another; each says everything that may be said."""

from __future__ import annotations

import json

import pytest

from tests.world.people import choose, sign_in_on_homepage
from tests.world.sites import issue
from tests.world.space import wait_for


@pytest.fixture
def lines(service, space):
    """The lines of that name about this organization, once there are any."""

    def lines(name: str) -> list[dict]:
        found = wait_for(lambda: [event for event in service.events(name) if event["organization"] == space.id])
        assert found, name
        return found

    return lines


def test_the_line_of_a_link_says_whose_which_how_and_how_long(space, github, lines):
    github.answers("/repos/o/r/issues/701", json_body=issue(701), delay_s=0.2)
    (item,) = space.someone_posts("https://github.com/o/r/issues/701")
    assert space.card(item)
    (line,) = lines("link.ended")
    assert {name: line[name] for name in ("provider", "rule", "end", "reason", "tries", "viewer", "cache")} == {
        "provider": "github",
        "rule": "/<owner>/<repo>/issues/<int:number>",
        "end": "posted",
        "reason": None,
        "tries": 1,
        "viewer": "everyone",
        "cache": "miss",
    }
    assert line["requests"] >= 1
    assert 200 <= line["requests_ms"] <= line["ms"] < 10_000


def test_a_link_that_was_tried_again_still_has_one_line(space, github, lines):
    github.answers("/repos/o/r/issues/702", status=502)
    space.someone_posts("https://github.com/o/r/issues/702")
    assert wait_for(lambda: github.calls("/repos/o/r/issues/702"))
    github.answers("/repos/o/r/issues/702", json_body=issue(702))
    (line,) = lines("link.ended")
    assert (line["end"], line["tries"] > 1) == ("posted", True)


def test_a_link_of_nobody_has_a_line_as_well(space, lines):
    space.queue("https://nobody.example/x")
    (line,) = lines("link.ended")
    assert (line["end"], line["reason"], line["provider"], line["requests"]) == ("nothing", "no-provider", None, 0)


def test_the_line_of_a_click_says_the_same_of_it(space, github, lines):
    github.answers("/repos/o/r/issues/703", json_body=issue(703))
    (item,) = space.someone_posts("https://github.com/o/r/issues/703")
    assert space.card(item)
    space.press(item, "Refresh")
    (line,) = lines("click.done")
    (link,) = lines("link.ended")
    assert (line["record"], line["rule"]) == (link["record"], link["rule"])
    assert (line["provider"], line["action"], line["outcome"]) == ("github", "card.refresh", "shown")
    assert (line["cache"], line["viewer"], line["requests"] >= 1) == ("miss", "everyone", True)


def test_what_needed_an_account_says_so_and_not_whose(office, team, hub):
    ann = team.people[0]
    repository = hub.repository("line/private", readers=["line-ann"])
    link = hub.issue(repository, 1, "A private matter")
    choose(office, team, ann, hub, "show")
    sign_in_on_homepage(office, team, ann, hub, "line-ann")
    (item,) = team.someone_posts(link)
    assert team.card(item)
    line = wait_for(lambda: [e for e in office.events("link.ended") if e["organization"] == team.id])[-1]
    assert (line["viewer"], line["cache"]) == ("account", "miss")
    for secret in ("line/private", "line-ann", "A private matter", ann):
        assert secret not in json.dumps(line)
