"""The unfurl queue and what comes of posted content."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.sandbox.application import Application, Endpoint, install


def test_from_etag_is_exclusive_and_batches_ascend_until_empty(application: Application) -> None:
    posted = application.someone_posts(" ".join(f"https://tracker.example/{number}" for number in range(5)))
    etags = [item["etag"] for item in posted]
    seen, position = [], None
    while batch := application.queue(2, **({} if position is None else {"fromEtag": position})):
        seen += [item["etag"] for item in batch]
        position = batch[-1]["etag"]
    assert seen == etags == sorted(set(etags))
    assert len(application.queue()) == 5, "reading removes nothing"


def test_only_links_of_registered_domains_and_their_subdomains_are_queued(application: Application) -> None:
    text = "(https://tracker.example/a), https://SUB.tracker.example/b_(c) https://nottracker.example/ ftp://tracker.example/"
    assert [item["target"] for item in application.someone_posts(text)] == [
        "https://tracker.example/a",
        "https://SUB.tracker.example/b_(c)",
    ]


def test_a_registered_prefix_with_a_number_becomes_a_link(application: Application) -> None:
    pattern = {"prefix": "TSK-", "linkReplacement": "https://tracker.example/tasks/<?>"}
    application.call("PATCH", "applications/unfurls/patterns", {"patterns": [pattern]})
    [item] = application.someone_posts("see TSK-12, not XTSK-13")
    assert item["target"] == "https://tracker.example/tasks/12"


def test_an_item_says_who_posted_it_and_where(application: Application) -> None:
    application.someone_posts("https://tracker.example/1")
    application.someone_posts("https://tracker.example/2", author=None, context={"className": "IssueUnfurlContext"})
    first, second = application.queue()
    users = application.control("")["users"]
    assert first["authorUserId"] == {"className": "ProfileIdentifier.Id", "id": users[0]["id"]}
    assert first["context"]["className"] == "ChatMessageUnfurlContext"
    assert (second["authorUserId"], second["context"]) == (None, {"className": "IssueUnfurlContext"})


def test_without_a_batch_size_or_the_right_the_queue_is_refused(application: Application) -> None:
    answer = application.call("GET", "applications/unfurls/queue")
    assert (answer.status_code, answer.json()["error"]) == (400, "validation-error")
    application.control("/revoke", {})
    answer = application.call("GET", "applications/unfurls/queue", batchSize=100)
    assert answer.status_code == 403
    assert answer.json() == {
        "error": "permission-denied",
        "error_description": "Provide external unfurls as attachments",
    }


def test_content_is_shown_and_can_be_posted_again(application: Application, card: dict[str, Any]) -> None:
    [item] = application.someone_posts("https://tracker.example/1")
    assert application.post(item["id"], card) == "Success"
    assert application.post(item["id"], {**card, "style": "SUCCESS"}) == "Success"
    [state] = application.control("/items")["items"]
    assert (state["state"], state["content"]["style"], len(state["posts"])) == ("shown", "SUCCESS", 2)


def test_an_unknown_item_is_not_found(application: Application, card: dict[str, Any]) -> None:
    assert application.post("nothing", card) == "QueueItemNotFound"


def test_an_item_expires_after_thirty_minutes(application: Application, card: dict[str, Any]) -> None:
    [item] = application.someone_posts("https://tracker.example/1")
    requests.post(f"{application.server}/sandbox/clock", json={"advance_s": 1801}, timeout=60)
    application.sign_in()
    assert application.queue() == []
    assert application.post(item["id"], card) == "QueueItemNotFound"
    assert application.control("/items")["items"][0]["state"] == "expired"


def test_the_link_of_a_deleted_message_has_no_entity(application: Application, card: dict[str, Any]) -> None:
    posted = application.control("/messages", {"text": "https://tracker.example/1"})
    application.control("/delete-message", {"messageId": posted["messageId"]})
    assert application.post(posted["items"][0]["id"], card) == "EntityNotFound"


def test_a_domain_waits_for_its_approval(server: str, endpoint: Endpoint, card: dict[str, Any]) -> None:
    waiting = install(server, endpoint, approve=False)
    waiting.set_up("tracker.example")
    assert waiting.call("GET", "applications/unfurls/queue", batchSize=1).status_code == 403
    waiting.control("/approve", {"rights": True, "domains": False})
    [item] = waiting.someone_posts("https://tracker.example/1")
    assert waiting.post(item["id"], card) == "NotApproved"
    waiting.control("/approve", {})
    assert waiting.post(item["id"], card) == "Success"


def test_a_request_to_sign_in_waits_for_its_author_until_it_is_reset(
    application: Application, card: dict[str, Any]
) -> None:
    [item] = application.someone_posts("https://tracker.example/1")
    request = {"queueItemId": item["id"], "message": card}
    assert application.call("POST", "applications/unfurls/queue/request-external-auth", request).content == b""
    [state] = application.control("/items")["items"]
    assert state["state"] == "auth-requested"
    reset = {"userId": f"id:{state['authorId']}"}
    application.call("POST", "applications/unfurls/queue/reset-external-auth-requests", reset)
    assert application.control("/items")["items"][0]["state"] == "waiting"


def test_raw_items_come_as_they_are(application: Application) -> None:
    odd = {"target": "not a link", "context": {"className": "Newer", "x": 1}, "authorUserId": None, "id": "mine"}
    named = {
        "target": "https://x",
        "authorUserId": {"className": "ProfileIdentifier.Username", "username": "bob.stone"},
    }
    application.control("/items", {"items": [odd, named], "notify": False})
    first, second = application.queue()
    assert (first["id"], first["target"], first["context"]["x"], first["authorUserId"]) == (
        "mine",
        "not a link",
        1,
        None,
    )
    assert second["authorUserId"]["username"] == "bob.stone"


@pytest.mark.parametrize("fields", ["*", "id,target,etag", "id,context(className)"])
def test_fields_shape_the_answer(application: Application, fields: str) -> None:
    application.someone_posts("https://tracker.example/1")
    [item] = application.queue(100, **{"$fields": fields})
    expected = {
        "*": {"id", "target", "context", "authorUserId", "etag"},
        "id,target,etag": {"id", "target", "etag"},
        "id,context(className)": {"id", "context"},
    }
    assert set(item) == expected[fields]
    if fields == "id,context(className)":
        assert set(item["context"]) == {"className"}


def test_a_thousand_links_are_queued_and_read_quickly(application: Application) -> None:
    application.control("/items", {"items": [{"target": f"https://tracker.example/{n}"} for n in range(1000)]})
    seen, position = 0, 0
    while batch := application.queue(fromEtag=position):
        seen, position = seen + len(batch), batch[-1]["etag"]
    assert seen == 1000
