"""What the engine asks of whoever follows the way of a link through threads and processes; mostly nobody does.

What is noted names no link, no person and no token.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

Noted = str | int | None


class Span(Protocol):
    """A part of the way, under way."""

    def note(self, **noted: Noted) -> None:
        """Say more about it."""
        ...


class Tracing(Protocol):
    """Parts of the way, each within the one that was under way when it began."""

    def span(self, name: str, /, **noted: Noted) -> AbstractContextManager[Span]:
        """The block is a part of the way."""
        ...

    def over(self, name: str, ms: float, /, **noted: Noted) -> None:
        """A part of the way has just ended, and took that long."""
        ...

    def place(self) -> str:
        """Where on the way this thread is, as a word from which others can go on, elsewhere too; "" for nowhere."""
        ...

    def going_on(self, place: str, /) -> AbstractContextManager[None]:
        """What this thread does in the block belongs to that place."""
        ...

    def stop(self) -> None:
        """The process is about to end."""
        ...


class Untraced:
    """Nobody follows."""

    def span(self, _name: str, /, **_noted: Noted) -> AbstractContextManager[Span]:
        """The block is a part of nothing."""
        return nullcontext(self)

    def note(self, **noted: Noted) -> None:
        """Forgotten."""

    def over(self, _name: str, _ms: float, /, **noted: Noted) -> None:
        """Forgotten."""

    def place(self) -> str:
        """Nowhere."""
        return ""

    def going_on(self, _place: str, /) -> AbstractContextManager[None]:
        """The block belongs to nothing."""
        return nullcontext()

    def stop(self) -> None:
        """Nothing waits."""


UNTRACED = Untraced()
