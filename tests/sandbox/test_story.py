"""The inspector's half: what happened to one link, and what of its card would not be drawn."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.sandbox.application import Application, Endpoint
from unfurler.sandbox.doubts import doubts

LINK = "https://tracker.example/1"


def kinds(application: Application, item_id: str) -> list[str]:
    return [event["kind"] for event in application.control(f"/story?item={item_id}")["events"]]


def test_a_story_is_told_from_the_link_to_the_press(
    application: Application, endpoint: Endpoint, card: dict[str, Any]
) -> None:
    [item] = application.control("/messages", {"text": LINK})["items"]
    endpoint.wait_for("NewUnfurlQueueItemsPayload")
    application.queue()
    application.post(item["id"], card)
    application.control("/press", {"itemId": item["id"], "button": "Refresh"})
    story = application.control(f"/story?item={item['id']}")
    assert [event["kind"] for event in story["events"]] == ["posted", "sent", "read", "content", "sent"]
    notified, pressed = (event for event in story["events"] if event["kind"] == "sent")
    assert (notified["className"], notified["answer"]["status"]) == ("NewUnfurlQueueItemsPayload", 200)
    assert (pressed["className"], pressed["payload"]["actionId"]) == ("UnfurlActionPayload", "refresh")
    assert (story["author"], story["place"]) == ("Ann Lee", "#general")


def test_a_call_that_was_refused_as_a_whole_is_told_with_its_reason(
    application: Application, card: dict[str, Any]
) -> None:
    [item] = application.someone_posts(LINK)
    card["sections"][0]["elements"][0]["colour"] = "red"
    body = {"unfurls": [{"queueItemId": item["id"], "content": card}]}
    application.call("POST", "applications/unfurls/queue/content", body)
    refused = application.control(f"/story?item={item['id']}")["events"][-1]
    assert (refused["kind"], refused["status"]) == ("refused", 400)
    assert "colour" in refused["faults"][0]["message"]


def test_requests_to_sign_in_and_their_reset_are_told(application: Application, card: dict[str, Any]) -> None:
    [item] = application.someone_posts(LINK)
    body = {"queueItemId": item["id"], "message": card}
    application.call("POST", "applications/unfurls/queue/request-external-auth", body)
    reset = {"userId": f"id:{application.control('')['users'][0]['id']}"}
    application.call("POST", "applications/unfurls/queue/reset-external-auth-requests", reset)
    assert kinds(application, item["id"]) == ["posted", "prompt", "reset"]


@pytest.mark.parametrize(
    ("element", "place", "word"),
    [
        ({"className": "MessageText", "content": "# Heading"}, ".content", "heading"),
        ({"className": "MessageText", "content": "[a](javascript:x)"}, ".content", "dropped"),
        ({"className": "MessageText", "content": "a <b>c</b>"}, ".content", "HTML"),
        ({"className": "MessageText", "content": "x" * 4001}, ".content", "may be cut"),
        ({"className": "MessageIcon", "icon": {"icon": "rocket"}}, ".icon", "rocket"),
        ({"className": "MessageImage", "src": "data:,"}, ".src", "dropped"),
        ({"className": "MessageField", "first": "x" * 65, "second": ""}, ".first", "64"),
    ],
)
def test_what_would_not_be_drawn_is_named_with_its_place(element: dict[str, Any], place: str, word: str) -> None:
    [doubt] = doubts({"sections": [{"elements": [element]}]})
    assert doubt["path"] == "$.sections[0].elements[0]" + place
    assert word in doubt["message"]


def test_what_is_drawn_raises_no_doubt(card: dict[str, Any]) -> None:
    card["sections"][0]["elements"][0]["content"] = "`# <b>` [a](https://x.example) \\# 1 \\<b> a < b"
    assert doubts(card) == []


def test_faults_are_listed_and_taken_back_one_by_one(application: Application) -> None:
    url = f"{application.server}/sandbox/faults"
    first, second = (
        requests.post(url, json={"path": "/api", "status": 500, "times": None, "label": label}, timeout=60).json()["id"]
        for label in ("one", "two")
    )
    requests.delete(url, params={"id": first}, timeout=60)
    left = requests.get(url, timeout=60).json()["faults"]
    assert [(fault["id"], fault["label"]) for fault in left] == [(second, "two")]


def test_whatever_happens_is_announced(application: Application) -> None:
    with requests.get(f"{application.server}/sandbox/changes", stream=True, timeout=60) as stream:
        lines = (line for line in stream.iter_lines() if line)
        before = int(next(lines).removeprefix(b"data: "))
        application.someone_posts(LINK)
        assert int(next(lines).removeprefix(b"data: ")) > before
