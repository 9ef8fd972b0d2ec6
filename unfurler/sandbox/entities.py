"""The things an organization of the emulated Space holds."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from .contract import JsonObject

PageKind: TypeAlias = Literal["document", "issue", "review"]
ItemState: TypeAlias = Literal["waiting", "shown", "auth-requested", "expired"]
ITEM_LIFE_MS = 30 * 60 * 1000
HAPPENINGS_KEPT = 50


@dataclass(slots=True)
class User:
    id: str
    username: str
    first_name: str
    last_name: str
    admin: bool = False

    @classmethod
    def named(cls, user_id: str, name: str, *, admin: bool) -> User:
        """From "Ann Lee": username `ann.lee`."""
        first, _, last = name.strip().partition(" ")
        return cls(user_id, ".".join(name.lower().split()), first, last, admin)

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(slots=True)
class Channel:
    """A channel; with `member`, the direct one between the application and that user; `between` two people."""

    id: str
    name: str
    member: str | None = None
    between: tuple[str, ...] = ()


@dataclass(slots=True)
class Page:
    """A text outside the chat whose links get tooltips; `item_ids` by the link as it stands in the text."""

    id: str
    kind: PageKind
    title: str
    text: str = ""
    item_ids: dict[str, str] = field(default_factory=dict)

    @property
    def context(self) -> JsonObject:
        """Where a link of this text stands (PROTOCOL 1.4)."""
        if self.kind == "document":
            return {"className": "DocumentAppUnfurlContext", "documentId": self.id}
        if self.kind == "issue":
            return {"className": "IssueUnfurlContext", "issueId": self.id}
        return {"className": "CodeReviewUnfurlContext", "reviewId": self.id, "field": "Description"}


@dataclass(slots=True)
class Message:
    """`author` is a user's id, or None for the application; `content` is what an application sent."""

    id: str
    channel: str
    author: str | None
    text: str
    created_ms: int
    at_ms: int
    content: JsonObject | None = None
    external_id: str | None = None
    edited_ms: int | None = None
    deleted: bool = False
    item_ids: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Post:
    """One time the application posted content; `at_ms` is real time, `result` the class name without its prefix."""

    at_ms: int
    content: JsonObject
    result: str


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that befell an item besides content: it was read, its author was asked to sign in, that was reset."""

    at_ms: int
    kind: Literal["read", "prompt", "reset"]
    message: JsonObject | None = None


@dataclass(slots=True)
class QueueItem:
    """A posted link; `author` and `context` stand in the form in which Space sends them."""

    id: str
    target: str
    etag: int
    author: JsonObject | str | None
    context: JsonObject | None
    created_ms: int
    author_id: str | None = None
    message_id: str | None = None
    page_id: str | None = None
    at_ms: int = 0
    prompt: JsonObject | None = None
    posts: list[Post] = field(default_factory=list)
    happenings: deque[Happening] = field(default_factory=lambda: deque(maxlen=HAPPENINGS_KEPT))
    shown: JsonObject | None = None

    def alive(self, now_ms: int) -> bool:
        return now_ms - self.created_ms < ITEM_LIFE_MS

    def state(self, now_ms: int) -> ItemState:
        if self.shown is not None:
            return "shown"
        if not self.alive(now_ms):
            return "expired"
        return "waiting" if self.prompt is None else "auth-requested"

    def as_sent(self) -> JsonObject:
        """An `ApplicationUnfurlQueueItem`."""
        return {
            "id": self.id,
            "target": self.target,
            "context": self.context,
            "authorUserId": self.author,
            "etag": self.etag,
        }


@dataclass(slots=True)
class Domain:
    name: str
    approved: bool


@dataclass(slots=True)
class NewItem:
    """A queue item to be made; `etag`, and `id` where nobody chose one, are given by the queue."""

    target: str
    author: JsonObject | str | None
    context: JsonObject | None
    author_id: str | None = None
    message_id: str | None = None
    id: str | None = None
    page_id: str | None = None
