"""Somebody posts a link; a card appears."""

from __future__ import annotations

import threading

from tests.world.sites import issue
from tests.world.space import buttons, texts, title, wait_for


def test_a_github_issue_becomes_a_card(space, github):
    github.answers("/repos/o/r/issues/1", json_body=issue(1, "Crash on start"))
    (item,) = space.someone_posts("https://github.com/o/r/issues/1")
    card = space.card(item)
    assert title(card) == "Crash on start"
    assert "Open" in texts(card)
    assert buttons(card)[:1] == ["Refresh"]


def test_a_page_becomes_a_card(space, pages):
    pages.answers(
        "/post",
        '<title>x</title><meta property="og:title" content="Spring sale"><meta property="og:site_name" content="Shop">',
    )
    (item,) = space.someone_posts(f"{pages.url}/post")
    assert title(space.card(item)) == "Spring sale"


def test_a_broken_link_does_not_hold_back_the_next_one(space, github):
    github.answers("/repos/o/r/issues/11", status=404)
    github.answers("/repos/o/r/issues/12", json_body=issue(12, "Second"))
    space.someone_posts("https://github.com/o/r/issues/11", "https://github.com/o/r/issues/12")
    assert wait_for(space.cards) == {"https://github.com/o/r/issues/12": "Second"}


def test_a_fast_link_does_not_wait_for_a_slow_one(space, github, pages):
    fast_is_there = threading.Event()
    pages.answers("/slow", "<title>Slow</title>", until=fast_is_there)
    github.answers("/repos/o/r/issues/13", json_body=issue(13, "Fast"))
    slow, fast = space.someone_posts(f"{pages.url}/slow", "https://github.com/o/r/issues/13")
    assert title(space.card(fast)) == "Fast"
    assert space.item(slow)["content"] is None
    fast_is_there.set()
    assert title(space.card(slow)) == "Slow"


def test_a_burst_is_answered_once_each(space, github):
    links = []
    for number in range(200, 300):
        github.answers(f"/repos/o/r/issues/{number}", json_body=issue(number, f"Number {number}"))
        links.append(f"https://github.com/o/r/issues/{number}")
    github.answers("/repos/o/r/issues/250", status=404)
    space.queue(*links)
    assert wait_for(lambda: len(space.cards()) == 99)
    assert {len(item["posts"]) for item in space.items if item["content"]} == {1}
    assert github.most_at_once <= 4
