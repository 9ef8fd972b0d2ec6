"""`/sandbox/installations/<clientId>/story`: all that happened to one link, in the order in which it happened."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from flask import Blueprint, Response, jsonify, request

from . import report, service_story
from .contract import JsonObject
from .doubts import doubts
from .entities import ITEM_LIFE_MS, QueueItem
from .organization import Organization
from .refusal import missing
from .sandbox import Sandbox

INSTALLATION = "/installations/<client_id>"
REQUESTS_LOOKED_AT = 2_000
ORDER = {"posted": 0, "sent": 1, "read": 2}
CONTENT_PATHS = ("/unfurls/queue/content", "/unfurls/queue/request-external-auth")


def add_story_views(control: Blueprint, sandbox: Sandbox) -> None:
    world = sandbox.world

    @control.get(f"{INSTALLATION}/story")
    def story(client_id: str) -> Response:
        """`{item, author, place, endpoint, expires_ms, events: [{at_ms, kind, …}]}` of `?item=`.

        Kinds: `posted`, `sent` (a payload with its answer), `read`, `content` (with `result`, and `doubts`: what of it
        Space would drop), `refused` (a call about it that failed as a whole), `prompt`, `reset`.
        """
        with world.lock:
            organization = world.find(client_id)
            item = organization.items.get(request.args.get("item", ""))
            if item is None:
                raise missing("No such queue item")
            sent = sandbox.courier.sent(client_id, item.id)
            told = [{"kind": "sent", **each.as_json()} for each in sent]
            events = [*events_of(item), *told, *refusals(sandbox, client_id, item.id)]
            author = organization.users.get(item.author_id or "")
            return jsonify(
                {
                    "item": report.item_state(organization, item),
                    "author": author.name if author else None,
                    "place": place_of(organization, item),
                    "endpoint": organization.endpoint,
                    "expires_ms": item.created_ms + ITEM_LIFE_MS,
                    "now_ms": world.clock.now_ms(),
                    "events": sorted(events, key=moment),
                }
            )

    @control.get(f"{INSTALLATION}/service-story")
    def told(client_id: str) -> Response:
        """Its own part of `?item=`: `{passes: [{at, steps: [{name, said, more, good}]}]}`, or `{silent}`."""
        with world.lock:
            organization = world.find(client_id)
            item = organization.items.get(request.args.get("item", ""))
            if item is None:
                raise missing("No such queue item")
            asked = organization.endpoint, client_id, item.id, item.target
        return jsonify(service_story.ask(*asked))

    @control.get(f"{INSTALLATION}/sent")
    def sent(client_id: str) -> Response:
        """`{sent: [{at_ms, className, answer}]}`: the last payloads to the application, without their bodies."""
        with world.lock:
            world.find(client_id)
        entries = [each.as_json() for each in sandbox.courier.sent(client_id)[-100:]]
        brief = [{"at_ms": e["at_ms"], "className": e["className"], "answer": e["answer"]} for e in entries]
        return jsonify({"sent": brief})


def moment(event: JsonObject) -> tuple[int, int]:
    """Within one millisecond: what must have come first."""
    return int(event["at_ms"]), ORDER.get(event["kind"], len(ORDER))


def place_of(organization: Organization, item: QueueItem) -> str:
    """Where the link stands, in words."""
    if item.page_id is not None:
        return organization.pages[item.page_id].title
    if item.message_id is not None:
        channel = organization.channels[organization.messages[item.message_id].channel]
        return channel.name if channel.member or channel.between else f"#{channel.name}"
    return "nowhere in particular"


def events_of(item: QueueItem) -> Iterator[JsonObject]:
    yield {"at_ms": item.at_ms, "kind": "posted", "queueItem": item.as_sent()}
    for post in item.posts:
        found = doubts(post.content)
        yield {"at_ms": post.at_ms, "kind": "content", "content": post.content, "result": post.result, "doubts": found}
    for happening in item.happenings:
        event: JsonObject = {"at_ms": happening.at_ms, "kind": happening.kind}
        yield event if happening.message is None else {**event, "message": happening.message}


def refusals(sandbox: Sandbox, client_id: str, item_id: str) -> Iterator[JsonObject]:
    """Calls that named the item and failed as a whole; the world's lock is held."""
    for entry in islice(reversed(sandbox.world.requests), REQUESTS_LOOKED_AT):
        failed = entry["status"] >= 400 and entry["clientId"] == client_id
        if failed and entry["path"].endswith(CONTENT_PATHS) and names(entry["body"], item_id):
            yield {
                "at_ms": entry["at_ms"],
                "kind": "refused",
                "path": entry["path"],
                "status": entry["status"],
                "faults": entry["faults"],
                "body": entry["body"],
            }


def names(body: Any, item_id: str) -> bool:
    if not isinstance(body, dict):
        return False
    unfurls = body.get("unfurls")
    posted = (
        [each.get("queueItemId") for each in unfurls if isinstance(each, dict)] if isinstance(unfurls, list) else []
    )
    return item_id in (body.get("queueItemId"), *posted)
