"""What Space's queue holds and what it says of answers (PROTOCOL 1.3 to 1.5), read so that no oddity loses the rest."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from unfurler.engine.ports import ItemId, PersonId, QueueItem, Verdict
from unfurler.space import identifiers

# Beyond what any link may have, so that an over-long one is refused for its length and not kept whole.
_TARGET_CHARS = 4_096
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_VERDICTS = {
    "PostUnfurlContentResult.Success": Verdict.SHOWN,
    "PostUnfurlContentResult.QueueItemNotFound": Verdict.EXPIRED,
    "PostUnfurlContentResult.EntityNotFound": Verdict.GONE,
    "PostUnfurlContentResult.NotApproved": Verdict.NOT_APPROVED,
}


@dataclass(frozen=True, slots=True)
class WaitingLink:
    """A queue item as received: who posted it may be known by name only."""

    id: ItemId
    target: str
    author: identifiers.Profile | None
    message: str | None
    etag: int

    def item(self, find: Callable[[str], PersonId | None]) -> QueueItem:
        """The item for the engine; `find` looks up the id of a user name."""
        match self.author:
            case identifiers.ById(id=person):
                author: PersonId | None = person
            case identifiers.ByUsername(username=name):
                author = find(name)
            case None:
                author = None
        return QueueItem(id=self.id, url=self.target, author=author, message=self.message, etag=self.etag)


def parse_queue(received: object) -> list[WaitingLink]:
    """The items of an answer that can be answered, oldest first. What has no id or no place cannot."""
    items = [_item(each) for each in received] if isinstance(received, list) else []
    return sorted((item for item in items if item is not None), key=lambda item: item.etag)


def parse_verdicts(received: object) -> dict[ItemId, Verdict]:
    """What came of each posted item that Space spoke of."""
    verdicts: dict[ItemId, Verdict] = {}
    for each in received if isinstance(received, list) else []:
        item = each.get("queueItemId") if isinstance(each, dict) else None
        if isinstance(item, str):
            verdicts[ItemId(item)] = _VERDICTS.get(str(each.get("className")), Verdict.UNKNOWN)
    return verdicts


def read_context(context: object) -> str | None:
    """A key of the chat message that holds the link, None where it stands elsewhere."""
    if not isinstance(context, dict) or context.get("className") != "ChatMessageUnfurlContext":
        return None
    channel = context.get("channel")
    message = identifiers.read_message(context.get("messageId"))
    return f"{channel}/{message}" if identifiers.is_id(channel) and message else None


def _item(received: object) -> WaitingLink | None:
    if not isinstance(received, dict):
        return None
    item, etag = received.get("id"), received.get("etag")
    if not isinstance(item, str) or not identifiers.is_id(item):
        return None
    if not isinstance(etag, int) or isinstance(etag, bool) or not -(2**63) <= etag < 2**63:
        return None
    target = received.get("target")
    return WaitingLink(
        id=ItemId(item),
        target=_SURROGATES.sub("\ufffd", target[:_TARGET_CHARS]) if isinstance(target, str) else "",
        author=identifiers.read_profile(received.get("authorUserId")),
        message=read_context(received.get("context")),
        etag=etag,
    )
