"""A link that is posted again: asked once, served stale in need, failures kept briefly."""

from __future__ import annotations

import pytest

from tests.world.service import Service
from tests.world.sites import issue
from tests.world.space import title, wait_for


@pytest.fixture(scope="module")
def remembering(tmp_path_factory, settings):
    """A service that keeps cards for two seconds."""
    service = Service(tmp_path_factory.mktemp("remembering"), settings | {"UNFURLER_CACHE_TTL": "2"}).start()
    yield service
    service.stop()


@pytest.fixture
def space(space_server, remembering):
    return space_server.install(remembering.endpoint)


def test_the_same_link_asked_for_by_many_at_once_is_fetched_once(space, space_server, remembering, github):
    other = space_server.install(remembering.endpoint)
    github.answers("/repos/o/r/issues/81", json_body=issue(81), delay_s=0.5)
    for organization in (space, other):
        organization.queue(*["https://github.com/o/r/issues/81"] * 5)
    assert wait_for(lambda: all(item["content"] for organization in (space, other) for item in organization.items))
    assert github.calls("/repos/o/r/issues/81") == 1


def test_a_remembered_card_stands_in_while_the_source_fails(space, github):
    github.answers("/repos/o/r/issues/82", json_body=issue(82, "Remembered"))
    (first,) = space.someone_posts("https://github.com/o/r/issues/82")
    assert space.card(first)
    github.answers("/repos/o/r/issues/82", status=503)
    wait_for(lambda: False, 2.2)
    (second,) = space.someone_posts("https://github.com/o/r/issues/82")
    assert title(space.card(second)) == "Remembered"
    assert github.calls("/repos/o/r/issues/82") == 2


def test_a_failure_is_remembered_for_a_while(space, remembering, github):
    for _ in range(3):
        space.queue("https://github.com/o/r/issues/83")
        wait_for(lambda: False, 0.3)
    assert github.calls("/repos/o/r/issues/83") == 1


def test_an_unchanged_reply_is_not_sent_again(space, github):
    github.answers("/repos/o/r/issues/84", json_body=issue(84, "Unchanged"), headers={"ETag": '"e1"'})
    for _ in range(2):
        (item,) = space.someone_posts("https://github.com/o/r/issues/84")
        assert title(space.card(item)) == "Unchanged"
        wait_for(lambda: False, 2.2)
    asked = [asked for asked in github.asked if asked.path == "/repos/o/r/issues/84"]
    assert [request.headers.get("if-none-match") for request in asked] == [None, '"e1"']
