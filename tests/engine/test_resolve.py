"""A link becomes a card, is remembered, and is asked for once."""

from __future__ import annotations

import threading

import pytest

from unfurler.engine.cards import EVERYONE, Viewer
from unfurler.sdk.card import Card
from unfurler.sdk.errors import NotFound, RateLimited, UnfurlError, UpstreamDown

LINK = "https://tracker.example/a"


@pytest.fixture
def resolver(world):
    return world.desk.tools.resolver


def titles(world, *names):
    """The card of `/a` is called by these names, one after the other."""
    left = list(names)

    def make() -> Card:
        name = left.pop(0)
        if isinstance(name, Exception):
            raise name
        return Card(name)

    world.cards["a"] = make


def resolve(resolver, **more):
    return resolver.resolve(resolver.match(LINK), **more).card.title


def test_a_card_is_remembered_for_its_lifetime(world, resolver):
    titles(world, "one", "two")
    assert [resolve(resolver), resolve(resolver)] == ["one", "one"]
    world.clock.now += 301
    assert resolve(resolver) == "two"


def test_a_stale_card_stands_in_for_one_lifetime_at_most(world, resolver):
    titles(world, "one", UpstreamDown("x"), UpstreamDown("x"))
    resolve(resolver)
    world.clock.now += 301
    assert resolve(resolver) == "one"
    world.clock.now += 300
    with pytest.raises(UpstreamDown):
        resolve(resolver)


def test_what_is_not_there_any_more_is_not_shown_from_memory(world, resolver):
    titles(world, "one", NotFound("gone"))
    resolve(resolver)
    world.clock.now += 301
    with pytest.raises(NotFound):
        resolve(resolver)


def test_a_failure_is_remembered_for_a_while(world, resolver):
    titles(world, NotFound("gone"), "found")
    for _ in range(2):
        with pytest.raises(UnfurlError):
            resolve(resolver)
    world.clock.now += 1_801
    assert resolve(resolver) == "found"


def test_a_rate_limit_is_not_remembered_here(world, resolver):
    titles(world, RateLimited("later"), "now")
    with pytest.raises(RateLimited):
        resolve(resolver)
    assert resolve(resolver) == "now"


def test_what_one_has_seen_is_not_shown_to_another(world, resolver):
    titles(world, "mine", "everybody's", "theirs")
    seen = [resolve(resolver, viewer=viewer) for viewer in (Viewer("me"), EVERYONE, Viewer("them"), Viewer("me"))]
    assert seen == ["mine", "everybody's", "theirs", "mine"]


def test_who_asks_anew_shares_no_asking_from_before_a_change(world, resolver):
    release, asking = threading.Event(), threading.Event()

    def old() -> Card:
        asking.set()
        release.wait()
        return Card("old")

    world.cards["a"] = old
    got = []
    first = threading.Thread(target=lambda: got.append(resolve(resolver, anew=True)))
    first.start()
    assert asking.wait(2)
    world.clock.now += 1
    resolver.forget(resolver.match(LINK))
    world.cards["a"] = lambda: Card("new")
    assert resolve(resolver, anew=True) == "new"
    release.set()
    first.join()
    assert (got, resolve(resolver)) == (["old"], "new")
