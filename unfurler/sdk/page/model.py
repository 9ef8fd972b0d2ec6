"""What a page says of itself, as one frozen value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

Wall = Literal["login", "challenge", "consent", "error"]


@dataclass(frozen=True, slots=True)
class Image:
    """A picture that the markup declares; sizes are pixels, as the page states them."""

    url: str
    width: int | None = None
    height: int | None = None
    alt: str | None = None


@dataclass(frozen=True, slots=True)
class Refresh:
    """Where a page sends its reader by itself, at once or within a few seconds."""

    url: str
    delay_s: float


@dataclass(frozen=True, slots=True)
class Page:
    """The facts of one page.

    Texts are plain: no markup, no entities, one line. Addresses are absolute http or https without user info.
    A `datetime` always knows its zone; where the page names no zone, only the day is kept, as a `date`.
    What the page does not say is None. `url` is the address that was asked for: nothing on a page changes it.
    """

    url: str
    title: str | None = None
    description: str | None = None
    image: Image | None = None
    site_name: str | None = None
    icon: str | None = None
    author: str | None = None
    published: datetime | date | None = None
    modified: datetime | date | None = None
    canonical_url: str | None = None
    language: str | None = None
    kind: str | None = None
    theme_color: str | None = None
    oembed: str | None = None
    feed: str | None = None
    video: str | None = None
    audio: str | None = None
    amp_of: str | None = None
    refresh: Refresh | None = None
    paywalled: bool = False
    nosnippet: bool = False
    noarchive: bool = False
    wall: Wall | None = None
