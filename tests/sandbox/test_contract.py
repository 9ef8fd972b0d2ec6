"""What the application sends is held against the schema."""

from __future__ import annotations

from typing import Any

import requests

from tests.sandbox.application import Application


def violations(application: Application) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = requests.get(f"{application.server}/sandbox/violations", timeout=60).json()[
        "violations"
    ]
    return found


def test_what_the_schema_refuses_is_refused_and_remembered_with_its_place(
    application: Application, card: dict[str, Any]
) -> None:
    card["sections"][0]["elements"][0]["colour"] = "red"
    body = {"unfurls": [{"queueItemId": "x", "content": card}]}
    answer = application.call("POST", "applications/unfurls/queue/content", body)
    assert (answer.status_code, answer.json()["error"]) == (400, "validation-error")
    [violation] = violations(application)
    assert violation["clientId"] == application.client_id
    assert violation["definition"] == "ApplicationsUnfurlsQueueContentPostRequest"
    assert violation["jsonPath"] == "$.unfurls[0].content.sections[0].elements[0]"
    assert "colour" in violation["message"]


def test_nothing_is_remembered_of_what_fits(application: Application, card: dict[str, Any]) -> None:
    application.post("x", card)
    assert violations(application) == []


def test_a_domain_with_a_scheme_and_a_call_nobody_knows_are_violations(application: Application) -> None:
    answer = application.call("PATCH", "applications/unfurls/domains", {"domains": ["https://tracker.example"]})
    assert answer.status_code == 400
    assert application.call("GET", "applications/unfurl/queue").status_code == 404
    assert [violation["jsonPath"] for violation in violations(application)] == ["$.domains[0]", "$"]


def test_a_message_reaches_a_user_and_can_be_edited(application: Application) -> None:
    user = application.control("")["users"][1]["id"]
    text = {"className": "ChatMessage.Text", "text": "Closed #1"}
    body = {"channel": f"member:id:{user}", "content": text, "unfurlLinks": False}
    sent = application.call("POST", "chats/messages/send-message", body).json()
    edit = {
        "channel": f"id:{sent['channelId']}",
        "message": f"id:{sent['id']}",
        "content": {**text, "text": "Reopened"},
    }
    assert application.call("POST", "chats/messages/edit-message", edit).status_code == 200
    [message] = application.control(f"/direct-messages?user={user}")["messages"]
    assert message["content"]["text"] == "Reopened"


def test_an_applications_own_links_enter_its_queue_unless_it_says_no(application: Application) -> None:
    user = application.control("")["users"][0]["id"]
    content = {"className": "ChatMessage.Text", "text": "https://tracker.example/1"}
    body = {"channel": f"member:id:{user}", "content": content}
    application.call("POST", "chats/messages/send-message", {**body, "unfurlLinks": False})
    assert application.queue() == []
    application.call("POST", "chats/messages/send-message", body)
    assert [item["authorUserId"] for item in application.queue()] == [None]
