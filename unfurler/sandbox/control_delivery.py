"""`/sandbox/installations/<clientId>/…` that make Space send payloads: presses, notifications, arbitrary bodies."""

from __future__ import annotations

import base64

from flask import Blueprint, Response, jsonify

from . import payloads
from .asked import Asked
from .contract import JsonObject
from .delivery import Delivery, write_letter
from .organization import Organization
from .pressing import find_button, item_button, opened_url, pressed_in_item, pressed_in_message
from .refusal import missing
from .sandbox import Sandbox

INSTALLATION = "/installations/<client_id>"


def add_delivery_views(control: Blueprint, sandbox: Sandbox) -> None:
    add_press_views(control, sandbox)
    add_payload_views(control, sandbox)


def add_press_views(control: Blueprint, sandbox: Sandbox) -> None:
    world = sandbox.world

    @control.post(f"{INSTALLATION}/press")
    def press(client_id: str) -> Response:
        """Presses a button, named by its text or actionId, of what is shown for an item.

        `{itemId, button, payload?, userId?, times?: 1, sameBytes?: true, parallel?: false}` →
        `{deliveries: [{status, body, ms}]}`.
        A button that opens a page delivers nothing: `{deliveries: [], navigate: URL}`.
        """
        asked = Asked.now()
        with world.lock:
            organization = world.find(client_id)
            item = organization.items.get(asked.text("itemId"))
            if item is None:
                raise missing("No such queue item")
            button = item_button(item, asked.text("button"), asked.maybe_text("payload"))
            if button["action"]["className"] == "NavigateUrlAction":
                return navigation(button, organization)
            payload = pressed_in_item(organization, item, button, presser(organization, asked))
        return deliver(sandbox, organization, payload, asked, item.id)

    @control.post(f"{INSTALLATION}/press-message")
    def press_message(client_id: str) -> Response:
        """The same for a button in a message of the application: `{messageId, button, userId?, …}`."""
        asked = Asked.now()
        with world.lock:
            organization = world.find(client_id)
            message = organization.messages.get(asked.text("messageId"))
            if message is None or message.deleted:
                raise missing("No such message")
            button = find_button(message.content, asked.text("button"), asked.maybe_text("payload"))
            if button["action"]["className"] == "NavigateUrlAction":
                return navigation(button, organization)
            payload = pressed_in_message(organization, message, button, presser(organization, asked))
        return deliver(sandbox, organization, payload, asked, message.id, result=True)

    @control.post(f"{INSTALLATION}/press-raw")
    def press_raw(client_id: str) -> Response:
        """`{actionId, actionValue, link, context, userId, …}` as they are → `{deliveries: […]}`."""
        asked = Asked.now()
        with world.lock:
            organization = world.find(client_id)
        payload = payloads.unfurl_action(
            organization,
            action_id=asked.any("actionId"),
            action_value=asked.any("actionValue"),
            link=asked.any("link"),
            context=asked.any("context"),
            user_id=asked.any("userId"),
        )
        return deliver(sandbox, organization, payload, asked)


def presser(organization: Organization, asked: Asked) -> str:
    """Whoever is named, otherwise the first user."""
    return asked.maybe_text("userId") or next(iter(organization.users), "")


def navigation(button: JsonObject, organization: Organization) -> Response:
    return jsonify({"deliveries": [], "navigate": opened_url(button["action"], organization.server_url)})


def deliver(
    sandbox: Sandbox,
    organization: Organization,
    payload: JsonObject,
    asked: Asked,
    *about: str,
    result: bool = False,
) -> Response:
    """`times` over: the identical request, or with `sameBytes: false` each with its own timestamp.

    `result`: the answer is to be an AppUserActionExecutionResult, or empty.
    """
    body, times = payloads.as_bytes(payload), asked.whole("times", 1)
    if asked.flag("sameBytes", True):
        letters = [write_letter(organization, body, about=about)] * times
    else:
        letters = [write_letter(organization, body, offset_ms=at, about=about) for at in range(times)]
    if asked.flag("parallel", False):
        deliveries = sandbox.courier.deliver_together(letters)
    else:
        deliveries = [sandbox.courier.deliver(letter) for letter in letters]
    if result:
        for delivery in deliveries:
            judge_answer(sandbox, organization, delivery, "AppUserActionExecutionResult")
    return jsonify({"deliveries": [delivery.as_json() for delivery in deliveries]})


def judge_answer(sandbox: Sandbox, organization: Organization, delivery: Delivery, definition: str) -> None:
    """Remembers what of an accepted answer Space would not understand; an empty one is in order."""
    if not delivery.accepted or not delivery.body.strip():
        return
    for fault in sandbox.contract.faults(definition, delivery.as_json()["body"]):
        with sandbox.world.lock:
            sandbox.world.remember_violation(
                organization.client_id, "POST", organization.endpoint, definition, fault.path, fault.message
            )


def add_payload_views(control: Blueprint, sandbox: Sandbox) -> None:
    world = sandbox.world

    @control.post(f"{INSTALLATION}/notify")
    def notify(client_id: str) -> Response:
        """NewUnfurlQueueItemsPayload once more; waits for the answer."""
        with world.lock:
            organization = world.find(client_id)
        payload = payloads.new_queue_items(organization)
        return jsonify(sandbox.courier.deliver_payload(organization, payload).as_json())

    @control.post(f"{INSTALLATION}/payload")
    def payload(client_id: str) -> Response:
        """Sends any body, signed or not.

        `{body, sign?: true, timestamp?, timestampOffsetMs?: 0, headers?, keyOf?}` → `{status, body, headers, ms}`;
        `bodyBase64` instead of `body` for bytes that are no text.
        `body` is an object, or a string that goes out as it is. `headers` replace Space's; null leaves one out.
        """
        asked = Asked.now()
        with world.lock:
            organization = world.find(client_id)
            other = asked.maybe_text("keyOf")
            keys = None if other is None else world.find(other).keys
        letter = write_letter(
            organization,
            body_bytes(asked),
            keys=keys,
            timestamp=asked.maybe_text("timestamp"),
            offset_ms=asked.whole("timestampOffsetMs", 0),
            sign=asked.flag("sign", True),
        )
        for name, value in asked.object("headers").items():
            letter.headers.pop(name, None)
            if value is not None:
                letter.headers[name] = str(value)
        return jsonify(sandbox.courier.deliver(letter).as_json())


def body_bytes(asked: Asked) -> bytes:
    """The body to send: bytes, text as it is, or a JSON value in Space's compact form."""
    if "bodyBase64" in asked:
        return base64.b64decode(asked.text("bodyBase64"))
    body = asked.any("body")
    return body.encode(errors="surrogatepass") if isinstance(body, str) else payloads.as_bytes(body)
