"""The queue and the results are read so that no oddity loses the rest."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from tests.space.judge import sample
from tests.space.test_payloads import JSON
from unfurler.engine.ports import PersonId, QueueItem, Verdict
from unfurler.space.identifiers import ById, ByUsername, read_message, read_profile
from unfurler.space.queue_items import parse_queue, parse_verdicts

ANN = PersonId("2BgVYn24Jx6u")


def item(**members: Any) -> dict[str, Any]:
    return {"id": "a", "target": "https://host.example/", "etag": 1} | members


def read(**members: Any) -> QueueItem:
    (waiting,) = parse_queue([item(**members)])
    return waiting.item({"ann.lee": ANN}.get)


def test_the_sample_is_read_whole() -> None:
    items = [waiting.item(lambda _: None) for waiting in parse_queue(sample("resp.Response.GetUnfurlQueueItems"))]
    assert [each.etag for each in items] == list(range(101, 110))
    assert items[0] == QueueItem(
        id=items[0].id,
        url="https://tracker.example.com/tasks/8842",
        author=ANN,
        message="3FhQeS2URbeY/id:CsT000CsT",
        etag=101,
    )
    assert [each.author is None for each in items].count(True) == 1
    assert [each.message for each in items[1:]] == [None] * 8
    assert parse_queue(sample("resp.Response.GetUnfurlQueueItems--empty")) == []


@pytest.mark.parametrize(
    ("received", "profile"),
    [
        ({"className": "ProfileIdentifier.Id", "id": "x"}, ById(PersonId("x"))),
        ({"className": "ProfileIdentifier.Id", "id": "x", "$errors": []}, ById(PersonId("x"))),
        ("id:x", ById(PersonId("x"))),
        ({"className": "ProfileIdentifier.Username", "username": "ann.lee"}, ByUsername("ann.lee")),
        ("username:ann.lee", ByUsername("ann.lee")),
        ({"className": "ProfileIdentifier.ExternalId", "externalId": "x"}, None),
        ({"className": "ProfileIdentifier.Me"}, None),
        ("me", None),
        ("externalId:x", None),
        (None, None),
        ({}, None),
        ({"className": "ProfileIdentifier.Id"}, None),
        ({"className": "ProfileIdentifier.Id", "id": None}, None),
        ({"className": "ProfileIdentifier.Id", "id": ["x"]}, None),
        ({"className": "ProfileIdentifier.Id", "id": "a\x00"}, None),
        ({"className": "ProjectIdentifier.Id", "id": "x"}, None),
        ({"className": ["ProfileIdentifier.Id"], "id": "x"}, None),
        ("id:", None),
        ("x", None),
        (7, None),
    ],
)
def test_both_forms_of_a_profile(received: object, profile: object) -> None:
    assert read_profile(received) == profile


@pytest.mark.parametrize(
    ("received", "message"),
    [
        ({"className": "ChatMessageIdentifier.InternalId", "id": "m"}, "id:m"),
        ({"className": "ChatMessageIdentifier.ExternalId", "externalId": "m"}, "externalId:m"),
        ("id:m", "id:m"),
        ("externalId:m", "externalId:m"),
        ("m", None),
        ({"className": "ChatMessageIdentifier.Newer", "id": "m"}, None),
        (None, None),
    ],
)
def test_both_forms_of_a_message(received: object, message: str | None) -> None:
    assert read_message(received) == message


def test_an_author_known_by_name_is_looked_up() -> None:
    assert read(authorUserId="username:ann.lee").author == ANN
    assert read(authorUserId="username:nobody").author is None


@pytest.mark.parametrize(
    "context",
    [
        None,
        7,
        "ChatMessageUnfurlContext",
        {},
        {"className": "ChatMessageUnfurlContext"},
        {"className": "ChatMessageUnfurlContext", "channel": None, "messageId": "id:m"},
        {"className": "ChatMessageUnfurlContext", "channel": "c", "messageId": None},
        {"className": "SomethingNewer", "channel": "c", "messageId": "id:m"},
        {"className": {"x": 1}},
    ],
)
def test_an_odd_context_is_no_chat_message(context: object) -> None:
    assert read(context=context).message is None


@pytest.mark.parametrize(
    "broken",
    [
        None,
        7,
        "x",
        [],
        {},
        item(id=None),
        item(id=""),
        item(id=7),
        item(id="a\x00"),
        item(id="\ud800"),
        item(etag=None),
        item(etag="1"),
        item(etag=True),
        item(etag=1.5),
        item(etag=2**63),
    ],
)
def test_an_item_that_cannot_be_answered_loses_none_of_the_others(broken: object) -> None:
    assert [waiting.id for waiting in parse_queue([broken, item(id="good", etag=2), broken])] == ["good"]


@pytest.mark.parametrize("target", [None, 7, ["https://host.example/"]])
def test_an_item_without_a_link_is_still_an_item(target: object) -> None:
    assert read(target=target).url == ""


def test_links_are_kept_as_they_came_but_for_what_no_database_takes() -> None:
    assert read(target="not a link \ud800").url == "not a link \ufffd"
    assert len(read(target="a" * 10_000_000).url) == 4_096


def test_items_come_in_the_order_of_the_queue() -> None:
    assert [waiting.etag for waiting in parse_queue([item(etag=3), item(etag=1), item(etag=2)])] == [1, 2, 3]


def test_results_are_matched_by_item() -> None:
    assert parse_verdicts(sample("resp.Response.PostUnfurlsContent")) == {
        "3xT8Zk1Qw0aB": Verdict.SHOWN,
        "3xT8Zk1Qw0aC": Verdict.EXPIRED,
        "3xT8Zk1Qw0aD": Verdict.NOT_APPROVED,
        "3xT8Zk1Qw0aE": Verdict.GONE,
    }
    odd = [{"className": "PostUnfurlContentResult.Newer", "queueItemId": "a"}, {"queueItemId": "b"}, {}, None, 7]
    assert parse_verdicts(odd) == {"a": Verdict.UNKNOWN, "b": Verdict.UNKNOWN}


@given(JSON)
def test_any_json_is_read(received: object) -> None:
    document = json.loads(json.dumps(received))
    parse_queue(document)
    parse_queue([document])
    parse_queue([item(authorUserId=document, context=document, target=document)])
    parse_verdicts([document])
    assert parse_queue([document, item()])[-1].id == "a" or isinstance(document, dict)
