"""Buttons of what the application posted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from . import payloads
from .clock import iso
from .contract import JsonObject
from .entities import Message, QueueItem
from .organization import Organization
from .refusal import invalid, missing

NO_CONTEXT = {"className": "UnknownUnfurlContext"}


def buttons_in(content: Any) -> Iterator[JsonObject]:
    """Every button, wherever it stands."""
    if isinstance(content, dict):
        if content.get("className") == "MessageButton":
            yield content
        for part in content.values():
            yield from buttons_in(part)
    elif isinstance(content, list):
        for part in content:
            yield from buttons_in(part)


def find_button(content: Any, wanted: str, payload: str | None = None) -> JsonObject:
    """By its text or its actionId, by text first; only one that carries `payload` if that is given. Raises Refusal."""
    buttons = [each for each in buttons_in(content) if payload in (None, each["action"].get("payload"))]
    for button in [
        *(button for button in buttons if button["text"] == wanted),
        *(button for button in buttons if button["action"].get("actionId") == wanted),
    ]:
        if button.get("disabled"):
            raise invalid(f"The button {wanted!r} is disabled")
        return button
    shown = ", ".join(repr(button["text"]) for button in buttons) or "none"
    raise missing(f"No button {wanted!r}; there are: {shown}")


def item_button(item: QueueItem, wanted: str, payload: str | None = None) -> JsonObject:
    """Of the open request to authenticate or of the content shown. Raises Refusal."""
    if item.shown is None and item.prompt is None:
        raise missing("Nothing is shown for this queue item")
    return find_button([item.prompt, item.shown], wanted, payload)


def pressed_in_item(organization: Organization, item: QueueItem, button: JsonObject, user_id: str) -> JsonObject:
    """An UnfurlActionPayload."""
    return payloads.unfurl_action(
        organization,
        action_id=button["action"]["actionId"],
        action_value=button["action"]["payload"],
        link=item.target,
        context=item.context or NO_CONTEXT,
        user_id=user_id,
    )


def pressed_in_message(organization: Organization, message: Message, button: JsonObject, user_id: str) -> JsonObject:
    """A MessageActionPayload."""
    return payloads.message_action(
        organization,
        action_id=button["action"]["actionId"],
        action_value=button["action"]["payload"],
        message=message_context(message),
        user_id=user_id,
    )


def message_context(message: Message) -> JsonObject:
    """A MessageContext."""
    content = message.content or {"className": "ChatMessage.Text", "text": message.text}
    return {
        "className": "MessageContext",
        "messageId": message.id,
        "channelId": message.channel,
        "messageData": content.get("messageData"),
        "body": content,
        "attachments": None,
        "externalId": message.external_id,
        "createdTime": iso(message.created_ms),
    }


def opened_url(action: JsonObject, server_url: str) -> str:
    """Where a NavigateUrlAction leads: with `backUrl` added where it asks for that (PROTOCOL 6, step 3)."""
    if not action.get("withBackUrl"):
        return str(action["url"])
    parts = urlsplit(action["url"])
    query = "&".join(part for part in (parts.query, urlencode({"backUrl": server_url + "/"})) if part)
    return urlunsplit(parts._replace(query=query))
