"""`/sandbox/installations/<clientId>/…`: what people and administrators of one organization do."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from . import payloads, report
from .api_chat import chat_context
from .asked import Asked
from .contract import JsonObject
from .control_delivery import add_delivery_views
from .control_people import add_people_views
from .control_story import add_story_views
from .entities import Message, NewItem, QueueItem
from .organization import Organization
from .pressing import message_context
from .refusal import invalid, missing
from .sandbox import Sandbox

INSTALLATION = "/installations/<client_id>"


def add_organization_views(control: Blueprint, sandbox: Sandbox) -> None:
    add_reading_views(control, sandbox)
    add_posting_views(control, sandbox)
    add_administration_views(control, sandbox)
    add_delivery_views(control, sandbox)
    add_people_views(control, sandbox)
    add_story_views(control, sandbox)


def add_reading_views(control: Blueprint, sandbox: Sandbox) -> None:
    world = sandbox.world

    @control.get(INSTALLATION)
    def installation(client_id: str) -> Response:
        with world.lock:
            return jsonify(report.everything(world.find(client_id)))

    @control.get(f"{INSTALLATION}/items")
    def items(client_id: str) -> Response:
        """`{items: […]}` in the order of posting; `?id=` for one."""
        wanted = request.args.get("id")
        with world.lock:
            organization = world.find(client_id)
            found = [item for item in organization.items.values() if wanted in (None, item.id)]
            return jsonify({"items": [report.item_state(organization, item) for item in found]})

    @control.get(f"{INSTALLATION}/direct-messages")
    def direct_messages(client_id: str) -> Response:
        """`{messages: [{id, channelId, content, text, at_ms, …}]}` that the application sent to `?user=`."""
        with world.lock:
            organization = world.find(client_id)
            sent = organization.direct_messages(organization.find_user(request.args.get("user", "")).id)
            return jsonify({"messages": [report.message_entry(message) for message in sent]})

    @control.get(f"{INSTALLATION}/feed")
    def feed(client_id: str) -> Response:
        """The last messages of `?channel=` with their cards, and those of the application to `?user=`."""
        with world.lock:
            organization = world.find(client_id)
            channel = channel_id(organization, request.args.get("channel"))
            user = organization.find_user(request.args.get("user", ""))
            spoken = [m for m in organization.messages.values() if m.channel == channel and not m.deleted][-100:]
            return jsonify(
                {
                    "messages": [with_cards(organization, message, user.id) for message in spoken],
                    "directMessages": [
                        report.message_entry(message) for message in organization.direct_messages(user.id)[-50:]
                    ],
                }
            )


def with_cards(organization: Organization, message: Message, user_id: str) -> JsonObject:
    cards = [report.item_card(organization, organization.items[item_id], user_id) for item_id in message.item_ids]
    return {**report.message_entry(message), "items": cards}


def channel_id(organization: Organization, wanted: str | None) -> str:
    """By id or name; the first channel where nobody says which. Raises Refusal."""
    for channel in organization.channels.values():
        if wanted is None or wanted in (channel.id, channel.name):
            return channel.id
    raise missing(f"No channel {wanted}")


def add_posting_views(control: Blueprint, sandbox: Sandbox) -> None:
    world = sandbox.world

    @control.post(f"{INSTALLATION}/messages")
    def post_message(client_id: str) -> Response:
        """`{text, author?, channel?, context?, notify?}` → `{messageId, items: [{id, target, etag}]}`.

        In the application's own channel with the author it gets a MessagePayload, if it registered a chatbot.
        """
        asked = Asked.now()
        with world.lock:
            organization = world.find(client_id)
            author = author_of(organization, asked)
            channel = channel_id(organization, asked.maybe_text("channel"))
            message = organization.add_message(channel, author, asked.text("text"))
            context = asked.any("context") or chat_context(channel, message.id)
            queued = organization.queue_links(message.text, author, context, message.id)
        if asked.flag("notify", True):
            for item in queued:
                sandbox.courier.notify(organization, (item.id,))
            if organization.channels[channel].member == author and organization.extensions("ChatBotUiExtensionIn"):
                said = payloads.message(organization, message_context(message), author or "")
                sandbox.courier.send_soon(organization, said, (message.id,))
        return jsonify({"messageId": message.id, "items": [brief(item) for item in queued]})

    @control.post(f"{INSTALLATION}/items")
    def post_items(client_id: str) -> Response:
        """`{items: [{target, context?, authorUserId?, id?}], notify?}` → `{items: [{id, target, etag}]}`.

        Nothing is checked. `authorUserId`: the id of a user, or an identifier in any form, or null.
        """
        asked = Asked.now()
        with world.lock:
            organization = world.find(client_id)
            queued = [organization.add_item(raw_item(organization, Asked(raw))) for raw in asked.list("items")]
        if queued and asked.flag("notify", True):
            sandbox.courier.notify(organization, tuple(item.id for item in queued))
        return jsonify({"items": [brief(item) for item in queued]})

    @control.post(f"{INSTALLATION}/delete-message")
    def delete_message(client_id: str) -> Response:
        with world.lock:
            message = world.find(client_id).messages.get(Asked.now().text("messageId"))
            if message is None:
                raise missing("No such message")
            message.deleted = True
        return jsonify({"messageId": message.id})


def brief(item: QueueItem) -> JsonObject:
    return {"id": item.id, "target": item.target, "etag": item.etag}


def author_of(organization: Organization, asked: Asked) -> str | None:
    """The user asked for, the first one where nobody is named, None where null is."""
    if "author" not in asked:
        return next(iter(organization.users), None)
    author = asked.maybe_text("author")
    return None if author is None else organization.find_user(author).id


def raw_item(organization: Organization, asked: Asked) -> NewItem:
    """As it was asked for; without a context the item stands in a chat message of its own."""
    author = asked.any("authorUserId", next(iter(organization.users), None))
    if isinstance(author, str) and ":" not in author:
        author = {"className": "ProfileIdentifier.Id", "id": author}
    target, context, message_id = asked.text("target"), asked.any("context"), None
    if "context" not in asked:
        channel = channel_id(organization, None)
        message = organization.add_message(channel, author_id_of(organization, author), target)
        context, message_id = chat_context(channel, message.id), message.id
    return NewItem(target, author, context, author_id_of(organization, author), message_id, asked.maybe_text("id"))


def author_id_of(organization: Organization, author: object) -> str | None:
    """The id of the user that an identifier in received form means; None where it means nobody here."""
    if isinstance(author, dict) and author.get("className") == "ProfileIdentifier.Username":
        author = f"username:{author.get('username')}"
    if isinstance(author, dict):
        author = author.get("id")
    if not isinstance(author, str):
        return None
    known = [user.id for user in organization.users.values() if author in (user.id, f"id:{user.id}")]
    named = [user.id for user in organization.users.values() if author == f"username:{user.username}"]
    return next(iter(known + named), None)


def add_administration_views(control: Blueprint, sandbox: Sandbox) -> None:
    world = sandbox.world

    @control.post(f"{INSTALLATION}/keys/rotate")
    def rotate_keys(client_id: str) -> Response:
        """`{keep?: 1}`: how many of the keys before stay published."""
        keep = Asked.now().whole("keep", 1)
        if keep < 0:
            raise invalid("keep must not be negative")
        with world.lock:
            organization = world.find(client_id)
            organization.keys.rotate(keep)
            return jsonify({"publicKeys": organization.keys.published()})

    @control.post(f"{INSTALLATION}/secret")
    def change_secret(client_id: str) -> Response:
        """`{secret?, deliver?: true}` → `{clientSecret, delivery}`; the old secret is refused from now on."""
        asked = Asked.now()
        with world.lock:
            organization = world.find(client_id)
            organization.change_secret(asked.maybe_text("secret"))
        delivery = None
        if asked.flag("deliver", True):
            payload = payloads.change_client_secret(organization, next(iter(organization.users), None))
            delivery = sandbox.courier.deliver_payload(organization, payload).as_json()
        return jsonify({"clientSecret": organization.secret, "delivery": delivery})

    @control.post(f"{INSTALLATION}/server-url")
    def change_server_url(client_id: str) -> Response:
        """`{newServerUrl}` → `{serverUrl, delivery}`; kept where the application accepts it."""
        new_url = Asked.now().text("newServerUrl")
        with world.lock:
            organization = world.find(client_id)
        payload = payloads.change_server_url(organization, new_url, next(iter(organization.users), None))
        delivery = sandbox.courier.deliver_payload(organization, payload)
        if delivery.accepted:
            organization.server_url = new_url
        return jsonify({"serverUrl": organization.server_url, "delivery": delivery.as_json()})

    @control.post(f"{INSTALLATION}/uninstall")
    def uninstall(client_id: str) -> Response:
        """`{force?: false}` → `{removed, delivery}`.

        Removed once the endpoint answers, whatever it answers; by force at once, without a payload (PROTOCOL 2.4).
        """
        force = Asked.now().flag("force", False)
        with world.lock:
            organization = world.find(client_id)
        delivery = None
        if not force:
            delivery = sandbox.courier.deliver_payload(organization, payloads.uninstalled(organization))
        removed = delivery is None or delivery.status != 0
        if removed:
            with world.lock:
                world.forget_organization(client_id)
        return jsonify({"removed": removed, "delivery": delivery and delivery.as_json()})

    @control.post(f"{INSTALLATION}/approve")
    def approve(client_id: str) -> Response:
        """`{rights?: true, domains?: true}`."""
        asked = Asked.now()
        with world.lock:
            organization = world.find(client_id)
            organization.approve_waiting(rights=asked.flag("rights", True), domains=asked.flag("domains", True))
            return jsonify(report.everything(organization))

    @control.post(f"{INSTALLATION}/revoke")
    def revoke(client_id: str) -> Response:
        """`{rights?: true, domains?: false}`: takes them away until somebody approves them."""
        asked = Asked.now()
        with world.lock:
            organization = world.find(client_id)
            organization.revoke(rights=asked.flag("rights", True), domains=asked.flag("domains", False))
            return jsonify(report.everything(organization))

    @control.post(f"{INSTALLATION}/requeue-after-auth")
    def requeue_after_auth(client_id: str) -> Response:
        """`{on?: true}`: whether a reset of authentication requests puts their items into the queue anew."""
        with world.lock:
            organization = world.find(client_id)
            organization.requeue_after_auth = Asked.now().flag("on", True)
            return jsonify({"requeueAfterAuth": organization.requeue_after_auth})

    @control.post(f"{INSTALLATION}/expire-tokens")
    def expire_tokens(client_id: str) -> Response:
        """Every access token of the application ends now → `{expired}`."""
        with world.lock:
            return jsonify({"expired": world.expire_tokens(world.find(client_id).client_id)})

    @control.post(f"{INSTALLATION}/user-token")
    def user_token(client_id: str) -> Response:
        """`{userId, scope?, consent?: false}` → `{token, serverUrl}`, what the homepage gets (PROTOCOL 7).

        `token` is null where the user has not consented to `scope`; `consent: true` is the user's consent.
        """
        asked = Asked.now()
        scope = asked.maybe_text("scope") or ""
        with world.lock:
            organization = world.find(client_id)
            user = organization.find_user(asked.text("userId"))
            if asked.flag("consent", False):
                organization.consent(user.id, scope)
            if not organization.consented(user.id, scope):
                return jsonify({"token": None, "serverUrl": organization.server_url})
            token = world.issue_token(organization, user_id=user.id)
            return jsonify({"token": token, "serverUrl": organization.server_url})
