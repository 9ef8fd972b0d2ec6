"""What the control endpoints say about an organization."""

from __future__ import annotations

from .contract import JsonObject
from .entities import Message, Page, QueueItem
from .organization import Organization
from .world import Fault

PATIENCE_MS = 20_000


def fault_entry(fault: Fault) -> JsonObject:
    return {
        "id": fault.id,
        "label": fault.label,
        "path": fault.path,
        "status": fault.status,
        "delay_s": fault.delay_s,
        "drop": fault.drop,
        "times": fault.times,
        "clientId": fault.client_id,
    }


def summary(organization: Organization) -> JsonObject:
    return {
        "clientId": organization.client_id,
        "name": organization.name,
        "application": organization.application,
        "endpoint": organization.endpoint,
        "installed": organization.installed,
        "approve": organization.approve,
        "requeueAfterAuth": organization.requeue_after_auth,
    }


def everything(organization: Organization) -> JsonObject:
    return {
        **summary(organization),
        "id": organization.id,
        "clientSecret": organization.secret,
        "serverUrl": organization.server_url,
        "signingKey": organization.signing_key,
        "permanentToken": organization.permanent_token,
        "rights": [
            {"contextIdentifier": context, "rightCode": code, "status": status}
            for (context, code), status in organization.rights.items()
        ],
        "domains": [{"domain": domain.name, "approved": domain.approved} for domain in organization.domains.values()],
        "patterns": [
            {"prefix": pattern.prefix, "linkReplacement": pattern.link_replacement} for pattern in organization.patterns
        ],
        "uiExtensions": organization.ui_extensions.get("global", []),
        "errorMessage": organization.error_message,
        "health": organization.healthy_at_ms,
        "users": [
            {"id": user.id, "username": user.username, "name": user.name, "admin": user.admin}
            for user in organization.users.values()
        ],
        "channels": [
            {
                "id": channel.id,
                "name": channel.name,
                "member": channel.member,
                "between": list(channel.between),
            }
            for channel in organization.channels.values()
        ],
        "pages": [{"id": page.id, "kind": page.kind, "title": page.title} for page in organization.pages.values()],
        "redirectUris": organization.redirect_uris,
        "lastEtag": organization.last_etag,
    }


def item_state(organization: Organization, item: QueueItem) -> JsonObject:
    """`content` is what is shown now, `prompt` the open request to authenticate, `posts` every attempt."""
    return {
        "id": item.id,
        "target": item.target,
        "etag": item.etag,
        "author": item.author,
        "authorId": item.author_id,
        "context": item.context,
        "created": item.created_ms,
        "state": item.state(organization.clock.now_ms()),
        "alive": item.alive(organization.clock.now_ms()),
        "messageId": item.message_id,
        "pageId": item.page_id,
        "content": item.shown,
        "prompt": item.prompt,
        "posts": [{"at_ms": post.at_ms, "content": post.content, "result": post.result} for post in item.posts],
    }


def item_card(organization: Organization, item: QueueItem, user_id: str) -> JsonObject:
    """The same as that user sees it: a request to authenticate is for the author alone; `posts` is a number.

    `overdue`: the application had its time and may have decided to show nothing.
    """
    state = item_state(organization, item)
    overdue = organization.clock.now_ms() - item.created_ms > PATIENCE_MS
    prompt = item.prompt if item.author_id == user_id else None
    return {**state, "prompt": prompt, "posts": len(item.posts), "overdue": overdue}


def page_entry(organization: Organization, page: Page, user_id: str) -> JsonObject:
    """`items` by the link as it stands in the text."""
    items = {link: organization.items[item_id] for link, item_id in page.item_ids.items()}
    return {
        "id": page.id,
        "kind": page.kind,
        "title": page.title,
        "text": page.text,
        "items": {link: item_card(organization, item, user_id) for link, item in items.items()},
    }


def message_entry(message: Message) -> JsonObject:
    """`author` null is the application; `content` what it sent."""
    return {
        "id": message.id,
        "channelId": message.channel,
        "author": message.author,
        "text": message.text,
        "content": message.content,
        "externalId": message.external_id,
        "created": message.created_ms,
        "edited": message.edited_ms,
        "at_ms": message.at_ms,
    }
