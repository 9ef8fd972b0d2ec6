"""What is known of a queue item: as it came, as it is kept, as it ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from unfurler.store.accounts import Audience

Size = Literal["line", "compact", "full"]


@dataclass(frozen=True, slots=True)
class NewItem:
    """A queue item as it came; `record` is the id that our record of it is to have."""

    record: str
    item: str
    etag: int
    url: str = field(repr=False)
    author: str | None
    message: str | None


@dataclass(frozen=True, slots=True)
class Record:
    """Our record of a queue item. `offered` are the ids of the actions whose buttons its card carries.

    `audience` is what the author chose for this link, `state` the thing's state as last shown. `crashes` counts the
    processes that died while this item was under way in them.
    `url` is empty where none of the operator's keys opens it any more: such an item ends like any that is no link.
    """

    id: str
    item: str
    url: str = field(repr=False)
    author: str | None
    size: Size
    received_at: float
    tries: int
    end: str | None
    provider: str | None
    offered: tuple[str, ...]
    audience: Audience | None
    state: str | None
    crashes: int


@dataclass(frozen=True, slots=True)
class Again:
    """One item that waits for its next try until `due_at` (seconds since 1970)."""

    record: str
    tries: int
    due_at: float


@dataclass(frozen=True, slots=True)
class Ended:
    """How one item ended: `end` a word of `engine.outcomes.End`, `reason` a stable code."""

    record: str
    end: str
    reason: str | None
    provider: str | None
    offered: Sequence[str] = ()
    state: str | None = None


@dataclass(frozen=True, slots=True)
class Resumed:
    """Where a queue was left: the place up to which everything is recorded here, None before the first, what waits by
    now, and how many items were under way in a process that is gone."""

    read_until: int | None
    waiting: Sequence[Record]
    crashes: int


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many items have not ended, and when the oldest of them was received."""

    count: int
    oldest: float | None
