"""A card: what a preview says, in words that no chat system owns.

Everything here is plain text. Escaping, cutting and colouring are the renderer's job, so an author can neither
forget nor double them; what does not fit a limit of the chat system is shortened there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Tone = Literal["neutral", "info", "success", "warning", "error"]
ButtonStyle = Literal["primary", "regular", "danger"]


@dataclass(frozen=True, slots=True)
class Status:
    """The state of the thing: a word, and the tone that colours it."""

    text: str
    tone: Tone = "neutral"


@dataclass(frozen=True, slots=True)
class Fact:
    """One short item of the line under the title: a word or two, a time, or a coloured tag.

    `at` is shown after the text in each reader's own time zone; `tone` makes it a tag.
    """

    text: str = ""
    at: datetime | None = None
    tone: Tone | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """A name and its value; shown in the full card only. `at` takes the place of the value."""

    name: str
    value: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """What somebody said, shown before everything else of the card."""

    author: str
    text: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Code:
    """Lines of a file: the text without line numbers, the number of its first line, how many lines follow unseen."""

    text: str
    first_line: int = 1
    more_lines: int = 0


@dataclass(frozen=True, slots=True)
class Button:
    """A button: opens `url`, or asks for the action whose id is `action`. Made by `Action.button` or `Button.open`.

    `returns` says that the page behind `url` leads the person back to where they came from.
    """

    text: str
    action: str | None = None
    url: str | None = None
    style: ButtonStyle = "regular"
    returns: bool = False

    @classmethod
    def open(cls, text: str, url: str) -> Button:
        """A button that only opens an address."""
        return cls(text, url=url)


@dataclass(frozen=True, slots=True)
class Card:
    """What a preview says.

    `kicker` is the small line above the title (`octocat/hello #7`, a site's name); `url` where the title leads, the
    posted link if None; `text` the excerpt; `fields` stand in the full card only; `image` an http(s) address; `note` a
    closing line such as who did what, `note_at` when. `public` says that the source itself proved that anybody may
    see it, `confidential` that it calls it so: others are shown no more than that it is there. `fresh_s` for how long
    the source says that this stays true, where it says so.
    """

    title: str
    kicker: str = ""
    url: str | None = None
    status: Status | None = None
    facts: Sequence[Fact] = ()
    quote: Quote | None = None
    text: str = ""
    code: Code | None = None
    fields: Sequence[Field] = ()
    image: str | None = None
    buttons: Sequence[Button] = ()
    note: str = ""
    note_at: datetime | None = None
    public: bool = False
    confidential: bool = False
    fresh_s: float | None = None

    def __post_init__(self) -> None:
        for name in ("facts", "fields", "buttons"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
