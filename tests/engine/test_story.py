"""The way of a link is told to who listens, with nothing in it that is private."""

from __future__ import annotations

import pytest

from unfurler.engine import story
from unfurler.engine.registry import Installed, Registry
from unfurler.engine.story import Stories, listening
from unfurler.sdk.errors import NotFound
from unfurler.sdk.link import Link
from unfurler.sdk.provider import Provider, Sites
from unfurler.store.cache import LocalMemory

ADDRESS = "https://api.example/things/7"
REQUEST = story.Request("GET", "api.example", ADDRESS, 200, None, 3.0, 10)


def ask(private: bool) -> None:
    with story.looking(private=private):
        story.tell_request(REQUEST)


def test_nothing_is_kept_where_nobody_listens():
    ask(private=False)
    with listening(1.0) as told:
        pass
    assert told.looks == []


def test_what_was_asked_with_an_account_is_told_without_its_address():
    with listening(1.0) as told:
        ask(private=False)
        ask(private=True)
    addresses = [(look.private, look.requests[0].host, look.requests[0].address) for look in told.looks]
    assert addresses == [(False, "api.example", ADDRESS), (True, "api.example", None)]


def test_a_look_that_fails_says_why():
    with listening(1.0) as told, pytest.raises(NotFound), story.looking(private=False):
        raise NotFound("It is not there.")
    assert (told.looks[0].outcome, told.looks[0].sentence) == ("not-found", "It is not there.")


def test_requests_without_end_are_counted_and_not_kept():
    with listening(1.0) as told, story.looking(private=False):
        for _ in range(100):
            story.tell_request(REQUEST)
    assert len(told.looks[0].requests) + told.looks[0].unseen_requests == 100
    assert len(told.looks[0].requests) == 30


def test_a_story_is_found_by_who_knows_the_link_and_for_a_while():
    now = [0.0]
    stories = Stories(LocalMemory(max_entries=10, max_bytes=100_000, clock=lambda: now[0]), lambda: now[0], 60.0)
    for _ in range(7):
        with stories.told("acme", "item", "https://x.example/1"):
            ask(private=False)
    assert len(stories.of("acme", "item", "https://x.example/1")) == 5
    assert stories.of("acme", "item", "https://x.example/2") == []
    assert stories.of("globex", "item", "https://x.example/1") == []
    now[0] = 61.0
    assert stories.of("acme", "item", "https://x.example/1") == []


def test_the_rules_that_nearly_fit_are_the_ones_with_most_parts_in_common():
    tracker = Provider("tracker", title="Tracker", sites=Sites("t.example"))
    for at, rule in enumerate(("/<a>/issues/<int:n>", "/<a>/boards/<int:n>", "/search/<q>/x/y")):
        names = [name for name in ("a", "n", "q") if f"{name}>" in rule]
        scope: dict = {}
        exec(f"def f{at}(link, api, {', '.join(names)}): ...", scope)
        tracker.link(rule)(scope[f"f{at}"])
    registry = Registry([Installed(tracker, (tracker.sites.public,))])
    near = [rule for _, rule in registry.near(Link.parse("https://t.example/web/issues/new"))]
    assert near[0] == "/<a>/issues/<int:n>"
    assert registry.near(Link.parse("https://other.example/web")) == []
