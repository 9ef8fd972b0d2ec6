"""Contents posted in portions: one that Space does not take holds back no other."""

from __future__ import annotations

from typing import Any

import pytest

from tests.space.judge import sample
from tests.space.script import TEXT, Script
from unfurler.engine.ports import ItemId, Verdict
from unfurler.space import errors
from unfurler.space.client import SpaceClient


def items(*names: str) -> dict[ItemId, Any]:
    return {ItemId(name): TEXT for name in names}


def shown(*names: str) -> list[dict[str, str]]:
    return [{"className": "PostUnfurlContentResult.Success", "queueItemId": name} for name in names]


def test_results_are_given_by_item(client: SpaceClient, space: Script) -> None:
    space.answer(200, sample("resp.Response.PostUnfurlsContent"))
    assert client.post_content(items("3xT8Zk1Qw0aB")) == {
        "3xT8Zk1Qw0aB": Verdict.SHOWN,
        "3xT8Zk1Qw0aC": Verdict.EXPIRED,
        "3xT8Zk1Qw0aD": Verdict.NOT_APPROVED,
        "3xT8Zk1Qw0aE": Verdict.GONE,
    }
    assert space.calls()[0].query == {"$fields": "className,*"}


def test_nothing_to_post_is_no_call(client: SpaceClient, space: Script) -> None:
    assert client.post_content({}) == {}
    assert space.seen == []


def test_a_hundred_go_at_once(client: SpaceClient, space: Script) -> None:
    names = [f"i{n}" for n in range(250)]
    for start in (0, 100, 200):
        space.answer(200, shown(*names[start : start + 100]))
    assert set(client.post_content(items(*names)).values()) == {Verdict.SHOWN}
    sent = [[each["queueItemId"] for each in call.json["unfurls"]] for call in space.calls()]
    assert sent == [names[:100], names[100:200], names[200:]]


@pytest.mark.parametrize(("status", "code"), [(413, "payload-too-large"), (400, "validation-error")])
def test_what_is_not_taken_is_halved_until_the_culprit_is_alone(
    client: SpaceClient, space: Script, status: int, code: str
) -> None:
    space.answer(status, {"error": code})  # a b c d
    space.answer(status, {"error": code})  # a b
    space.answer(200, shown("a"))
    space.answer(status, {"error": code})  # b
    space.answer(200, shown("c", "d"))
    assert client.post_content(items("a", "b", "c", "d")) == {
        "a": Verdict.SHOWN,
        "b": Verdict.REFUSED,
        "c": Verdict.SHOWN,
        "d": Verdict.SHOWN,
    }
    assert [len(call.json["unfurls"]) for call in space.calls()] == [4, 2, 1, 1, 2]


def test_what_is_known_is_told_although_the_rest_failed(client: SpaceClient, space: Script) -> None:
    names = [f"i{n}" for n in range(150)]
    space.answer(200, shown(*names[:100]))
    space.answer(403, {"error": "permission-denied"})
    assert list(client.post_content(items(*names))) == names[:100]


def test_trouble_is_raised_where_nothing_is_known(client: SpaceClient, space: Script) -> None:
    space.answer(403, {"error": "permission-denied"})
    with pytest.raises(errors.PermissionDenied):
        client.post_content(items("a"))


def test_content_is_posted_again_after_an_unknown_outcome(client: SpaceClient, space: Script) -> None:
    space.drop()
    space.answer(200, b"cut o")
    space.answer(200, shown("a"))
    assert client.post_content(items("a")) == {"a": Verdict.SHOWN}
