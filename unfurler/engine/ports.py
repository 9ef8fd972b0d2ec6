"""What the engine asks of the chat side, and the values that cross that line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Literal, NewType, Protocol

from unfurler.sdk.card import Card
from unfurler.sdk.link import Link

OrganizationId = NewType("OrganizationId", str)
PersonId = NewType("PersonId", str)
ItemId = NewType("ItemId", str)
RecordId = NewType("RecordId", str)

Size = Literal["line", "compact", "full"]


@dataclass(frozen=True, slots=True)
class QueueItem:
    """A posted link waiting in the chat system's queue.

    `url` is the text as it came, whatever it is; `author` None where nobody stands behind the link; `message` a key
    of the chat message that holds the link, None where it stands elsewhere; `etag` its place in the queue.
    """

    id: ItemId
    url: str
    author: PersonId | None
    message: str | None
    etag: int


@dataclass(frozen=True, slots=True)
class Press:
    """A click as it came: `record` is what the button carried, `link` what the chat side says it stood on.

    `link` is None for a button of a message of ours, which stands on no link. `id` is that of the press as it was kept;
    what acts on it has the same.
    """

    person: PersonId
    action: str
    record: str
    link: str | None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """A card as it goes out: in which size, for which link, its buttons carrying the id of our record."""

    card: Card
    size: Size
    link: Link
    record: RecordId
    icon: str | None = None


class Verdict(Enum):
    """What the chat side said of one posted preview."""

    SHOWN = "shown"
    EXPIRED = "expired"
    GONE = "gone"
    NOT_APPROVED = "not-approved"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class HostTrouble(Exception):
    """The chat side cannot be talked to now. `retry_after_s` where it said how long to wait.

    `reason` is a stable code; `blocked` that trying again does not help until somebody over there does something;
    `refused` that only this very request is not taken.
    """

    def __init__(
        self, reason: str, *, retry_after_s: float | None = None, blocked: bool = False, refused: bool = False
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after_s = retry_after_s
        self.blocked = blocked
        self.refused = refused


class Host(Protocol):
    """The chat side of one organization."""

    def waiting(self, after: int | None, at_most: int) -> Sequence[QueueItem]:
        """Queue items beyond `after`, oldest first. Raises HostTrouble."""
        ...

    def answer(self, previews: Mapping[ItemId, Preview]) -> Mapping[ItemId, Verdict]:
        """Post previews; a verdict for each item it spoke of. Raises HostTrouble where nothing is known."""
        ...

    def ask_to_sign_in(self, item: ItemId, preview: Preview) -> None:
        """Ask the author of an item, and nobody else, to sign in. Raises HostTrouble."""
        ...

    def stop_asking(self, person: PersonId) -> None:
        """Take every such request to this person away. Raises HostTrouble."""
        ...

    def tell(self, person: PersonId, message: str | Preview) -> None:
        """A direct message to one person. Raises HostTrouble."""
        ...
