"""What people do besides posting messages: pages, direct messages, the chatbot, menus, consent."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.sandbox.application import Application, Endpoint

CHATBOT = {"className": "ChatBotUiExtensionIn"}
MENU = {"displayName": "Refresh", "menuItemUniqueCode": "refresh", "visibilityFilters": []}
LINK = "https://tracker.example/1"


def register(application: Application, *extensions: dict[str, Any]) -> None:
    body = {"contextIdentifier": "global", "extensions": list(extensions)}
    assert application.call("PATCH", "applications/ui-extensions", body).status_code == 200


def people(application: Application) -> list[str]:
    return [user["id"] for user in application.control("")["users"]]


@pytest.mark.parametrize(
    ("kind", "context"),
    [
        ("document", "DocumentAppUnfurlContext"),
        ("issue", "IssueUnfurlContext"),
        ("review", "CodeReviewUnfurlContext"),
    ],
)
def test_a_link_on_a_page_is_queued_once_with_its_place(application: Application, kind: str, context: str) -> None:
    application.control(f"/pages/{kind}", {"text": f"See {LINK}."})
    again = application.control(f"/pages/{kind}", {"text": f"See {LINK}, and https://tracker.example/2"})
    assert [item["target"] for item in again["items"]] == ["https://tracker.example/2"]
    first, second = application.queue()
    assert (first["target"], first["context"]["className"]) == (LINK, context)
    assert second["authorUserId"]["id"] == people(application)[0]


def test_a_link_that_left_its_page_has_no_entity(application: Application, card: dict[str, Any]) -> None:
    [item] = application.control("/pages/document", {"text": LINK})["items"]
    application.control("/pages/document", {"text": "Nothing."})
    assert application.post(item["id"], card) == "EntityNotFound"


def test_a_request_to_sign_in_is_not_told_to_others(application: Application, card: dict[str, Any]) -> None:
    author, other, _ = people(application)
    [item] = application.someone_posts(LINK, author=author)
    body = {"queueItemId": item["id"], "message": card}
    application.call("POST", "applications/unfurls/queue/request-external-auth", body)
    seen = {
        user: application.control(f"/feed?user={user}")["messages"][0]["items"][0]["prompt"] for user in (author, other)
    }
    assert seen == {author: card, other: None}


def test_two_people_have_one_direct_channel(application: Application) -> None:
    one, other, _ = people(application)
    made = application.control("/channels", {"between": [one, other]})
    assert application.control("/channels", {"between": [other, one]}) == made
    channels = application.control("")["channels"]
    assert sorted([one, other]) in [channel["between"] for channel in channels]


def test_a_message_to_the_application_is_delivered_where_it_has_a_chatbot(
    application: Application, endpoint: Endpoint
) -> None:
    user = people(application)[1]
    channel = application.control("/channels", {"member": user})["channelId"]
    application.control("/messages", {"text": "help", "author": user, "channel": channel})
    register(application, CHATBOT)
    application.control("/messages", {"text": "status tracker", "author": user, "channel": channel})
    endpoint.wait_for("MessagePayload")
    [payload] = endpoint.payloads("MessagePayload")
    assert (payload["userId"], payload["message"]["channelId"]) == (user, channel)
    assert payload["message"]["body"] == {"className": "ChatMessage.Text", "text": "status tracker"}


def test_commands_are_asked_for_and_judged(application: Application, endpoint: Endpoint) -> None:
    asked = {"userId": people(application)[0]}
    assert application.control("/commands", asked) == {"commands": [], "delivery": None}
    register(application, CHATBOT)
    endpoint.answers["ListCommandsPayload"] = {"commands": [{"name": "help", "description": "What I can do"}]}
    assert application.control("/commands", asked)["commands"][0]["name"] == "help"
    endpoint.answers["ListCommandsPayload"] = {"commands": [{"title": "help"}]}
    application.control("/commands", asked)
    violations = requests.get(f"{application.server}/sandbox/violations", timeout=60).json()["violations"]
    assert {violation["definition"] for violation in violations} == {"Commands"}


def test_menu_items_are_delivered_with_their_place(application: Application, endpoint: Endpoint) -> None:
    register(
        application,
        {"className": "ChatMessageMenuItemUiExtensionIn", **MENU},
        {"className": "DocumentMenuItemUiExtensionIn", **MENU},
    )
    endpoint.answers["MenuActionPayload"] = {"className": "AppUserActionExecutionResult.Success", "message": "Done"}
    user = people(application)[0]
    posted = application.control("/messages", {"text": LINK})
    chosen = {"menuItemUniqueCode": "refresh", "userId": user}
    answer = application.control("/menu", {**chosen, "messageId": posted["messageId"]})
    assert answer["delivery"]["body"]["message"] == "Done"
    application.control("/menu", {**chosen, "pageId": "document"})
    contexts = [payload["context"]["className"] for payload in endpoint.payloads("MenuActionPayload")]
    assert contexts == ["ChannelMessageMenuActionContext", "DocumentMenuActionContext"]
    issue = f"{application.server}/sandbox/installations/{application.client_id}/menu"
    assert requests.post(issue, json={**chosen, "pageId": "issue"}, timeout=60).status_code == 404


def test_a_consent_brings_a_refresh_token_that_can_be_revoked(application: Application, endpoint: Endpoint) -> None:
    user = people(application)[0]
    application.control("/consent", {"userId": user, "scope": "global:Profile.View"})
    [payload] = endpoint.payloads("RefreshTokenPayload")
    assert (payload["userId"], payload["scope"]) == (user, "global:Profile.View")
    form = {"grant_type": "refresh_token", "refresh_token": payload["refreshToken"]}
    identity = (application.client_id, application.secret)
    answer = requests.post(f"{application.server}/oauth/token", auth=identity, data=form, timeout=60).json()
    application.token = answer["access_token"]
    body = {
        "principal": "profile:me",
        "uniqueRightCode": "Superadmin",
        "target": {"className": "GlobalPermissionTarget"},
    }
    assert application.call("POST", "permissions/check-permission", body).json() is True
    assert application.control("/revoke-consent", {"userId": user}) == {"revoked": 1}
    refused = application.call("POST", "permissions/check-permission", body)
    assert refused.status_code == 401
    assert "revoked" in refused.json()["error_description"]


def test_the_homepage_gets_a_token_for_more_only_after_consent(application: Application) -> None:
    asked = {"userId": people(application)[0], "scope": "global:Profile.View"}
    assert application.control("/user-token", asked)["token"] is None
    assert application.control("/user-token", {**asked, "consent": True})["token"]
    assert application.control("/user-token", asked)["token"]


def test_a_press_names_one_of_several_equal_buttons_by_its_payload(
    application: Application, endpoint: Endpoint, card: dict[str, Any]
) -> None:
    group = card["sections"][0]["elements"][1]["elements"]
    group.append({**group[0], "action": {**group[0]["action"], "payload": "record-2"}})
    [item] = application.someone_posts(LINK)
    application.post(item["id"], card)
    application.control("/press", {"itemId": item["id"], "button": "refresh", "payload": "record-2"})
    assert endpoint.payloads("UnfurlActionPayload")[0]["actionValue"] == "record-2"


@pytest.mark.parametrize("again", [False, True])
def test_a_reset_requeues_the_items_where_it_is_told_to(
    application: Application, card: dict[str, Any], again: bool
) -> None:
    application.control("/requeue-after-auth", {"on": again})
    [item] = application.someone_posts(LINK)
    body = {"queueItemId": item["id"], "message": card}
    application.call("POST", "applications/unfurls/queue/request-external-auth", body)
    reset = {"userId": f"id:{people(application)[0]}"}
    application.call("POST", "applications/unfurls/queue/reset-external-auth-requests", reset)
    assert [one["id"] for one in application.queue(fromEtag=item["etag"])] == ([item["id"]] if again else [])


def test_access_tokens_can_be_ended(application: Application) -> None:
    assert application.control("/expire-tokens", {}) == {"expired": 1}
    assert application.call("GET", "applications/me").json()["error_description"] == "Access token has expired"
