"""New queue items become records: each once, and of the links of a message only the first with whole cards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, bindparam, insert, select

from unfurler.store.models import QueueItemRow
from unfurler.store.records import NewItem, Record, Size
from unfurler.store.secrets import Vault, fingerprint

FULL_CARDS_IN_A_MESSAGE = 3

# Put together once: putting a statement together costs more than running it.
_MINE = QueueItemRow.organization == bindparam("mine")
_KNOWN = select(QueueItemRow.item).where(_MINE, QueueItemRow.item.in_(bindparam("items", expanding=True)))
_EARLIER = select(QueueItemRow.message, QueueItemRow.link_hash).where(
    _MINE, QueueItemRow.message.in_(bindparam("messages", expanding=True))
)
_KEEP = insert(QueueItemRow)


def take_in(
    connection: Connection, vault: Vault, organization: str, items: Sequence[NewItem], now: float
) -> list[Record]:
    """Keep those that are not known yet, inside a writing transaction: their records."""
    asked = {"mine": organization, "items": [item.item for item in items]}
    known = set(connection.scalars(_KNOWN, asked))
    fresh = list({item.item: item for item in items if item.item not in known}.values())
    kept, records = [], []
    for item, link_hash, size in _sized(connection, organization, fresh):
        record = Record(
            id=item.record,
            item=item.item,
            url=item.url,
            author=item.author,
            size=size,
            received_at=now,
            tries=0,
            end=None,
            provider=None,
            offered=(),
            audience=None,
            state=None,
            crashes=0,
        )
        records.append(record)
        kept.append(_row(record, organization, item, vault.seal(item.url), link_hash))
    if kept:
        connection.execute(_KEEP, kept)
    return records


def _sized(connection: Connection, organization: str, items: Sequence[NewItem]) -> Iterator[tuple[NewItem, str, Size]]:
    """Further links of a message, and repeats, get one line each."""
    seen: Counter[str | None] = Counter()
    links: set[tuple[str | None, str]] = set()
    messages = list({item.message for item in items if item.message is not None})
    if messages:
        for message, link_hash in connection.execute(_EARLIER, {"mine": organization, "messages": messages}):
            seen[message] += 1
            links.add((message, link_hash))
    for item in items:
        link_hash = fingerprint(organization, item.url)
        size: Size = "compact"
        if item.message is not None:
            if seen[item.message] >= FULL_CARDS_IN_A_MESSAGE or (item.message, link_hash) in links:
                size = "line"
            seen[item.message] += 1
            links.add((item.message, link_hash))
        yield item, link_hash, size


def _row(record: Record, organization: str, item: NewItem, sealed: bytes, link_hash: str) -> dict[str, object]:
    return {
        "id": record.id,
        "organization": organization,
        "item": record.item,
        "etag": item.etag,
        "link_sealed": sealed,
        "link_hash": link_hash,
        "author": record.author,
        "message": item.message,
        "size": record.size,
        "received_at": record.received_at,
        "due_at": record.received_at,
        "tries": record.tries,
        "offered": "",
    }
