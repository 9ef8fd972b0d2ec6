"""Messages and people (PROTOCOL 4.6)."""

from __future__ import annotations

from .api_call import Call, Endpoint
from .clock import iso
from .contract import JsonObject
from .entities import Channel, Message
from .organization import RIGHT_NAMES
from .refusal import denied


def channel_of(call: Call) -> Channel:
    """The channel of the body, in which the application may write. Raises Refusal."""
    identifier = call.body.get("channel")
    if identifier is None:
        raise call.violation("$.channel", "is missing: say where the message goes")
    channel = call.organization.find_channel(identifier)
    if channel.member is None and not call.organization.has_right("Channel.PostMessages"):
        raise denied(RIGHT_NAMES["Channel.PostMessages"])
    return channel


def text_of(content: JsonObject) -> str:
    """What a message says, for lists and for the links in it."""
    if content["className"] == "ChatMessage.Text":
        return str(content["text"])
    elements = [element for section in content["sections"] for element in section.get("elements", [])]
    return "\n".join(element["content"] for element in elements if element["className"] == "MessageText")


def send_message(call: Call) -> JsonObject:
    """A ChannelItemRecord."""
    channel = channel_of(call)
    content = call.body["content"]
    message = call.organization.add_message(channel.id, None, text_of(content))
    message.content = content
    message.external_id = call.body.get("externalId")
    if call.body.get("unfurlLinks") is not False:
        queue_own_links(call, channel, message)
    return {
        "id": message.id,
        "text": message.text,
        "created": {"iso": iso(message.created_ms), "timestamp": message.created_ms},
        "time": message.created_ms,
        "archived": False,
        "channelId": channel.id,
        "externalId": message.external_id,
    }


def queue_own_links(call: Call, channel: Channel, message: Message) -> None:
    """An application's own links enter its own queue, without an author, unless it said `unfurlLinks: false`."""
    context = chat_context(channel.id, message.id)
    queued = call.organization.queue_links(message.text, None, context, message.id)
    if queued:
        call.sandbox.courier.notify(call.organization, tuple(item.id for item in queued))


def chat_context(channel_id: str, message_id: str) -> JsonObject:
    return {
        "className": "ChatMessageUnfurlContext",
        "channel": channel_id,
        "messageId": {"className": "ChatMessageIdentifier.InternalId", "id": message_id},
    }


def own_message(call: Call, identifier: str) -> Message:
    message = call.organization.find_message(channel_of(call), identifier)
    if message.author is not None:
        raise denied("The message belongs to somebody else")
    return message


def edit_message(call: Call) -> None:
    message = own_message(call, call.body["message"])
    message.content = call.body["content"]
    message.text = text_of(call.body["content"])
    message.edited_ms = call.sandbox.world.clock.now_ms()


def delete_message(call: Call) -> None:
    own_message(call, call.body["id"]).deleted = True


def profile(call: Call) -> JsonObject:
    """A TDMemberProfile."""
    rights = ("Profile.View", "Profile.View.Basic")
    if not any(call.organization.has_right(code) for code in rights):
        raise denied(RIGHT_NAMES["Profile.View"])
    identifier = call.arguments["identifier"]
    if identifier == "me" and call.grant.user_id is None:
        raise denied("The token belongs to no user")
    user = call.organization.find_user((call.grant.user_id or "") if identifier == "me" else identifier)
    return {
        "id": user.id,
        "username": user.username,
        "name": {"firstName": user.first_name, "lastName": user.last_name},
        "archived": False,
        "profilePicture": None,
        "smallAvatar": None,
    }


ENDPOINTS = [
    Endpoint("POST", "chats/messages/send-message", send_message, body="ChatsMessagesSendMessagePostRequest"),
    Endpoint("POST", "chats/messages/edit-message", edit_message, body="ChatsMessagesEditMessagePostRequest"),
    Endpoint("POST", "chats/messages/delete-message", delete_message, body="ChatsMessagesDeleteMessagePostRequest"),
    Endpoint("GET", "team-directory/profiles/<identifier>", profile, for_users=True),
]
