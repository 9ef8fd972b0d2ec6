"""One link's card outside of any organization: for the playground and the `preview` command."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from unfurler.engine.buttons import dressed
from unfurler.engine.ports import Preview as Shown
from unfurler.engine.ports import RecordId, Size
from unfurler.engine.registry import Match
from unfurler.engine.resolve import Resolver
from unfurler.sdk.card import Card
from unfurler.space.content import render

_NO_RECORD = RecordId("preview")


@dataclass(frozen=True, slots=True)
class Preview:
    """A card, the link it belongs to, and the content that Space would get."""

    match: Match
    card: Card
    content: dict[str, Any]


def preview(resolver: Resolver, url: str, size: Size = "compact") -> Preview:
    """The preview of a link that a provider covers. Raises UnfurlError."""
    return preview_of(resolver, resolver.match(url), size)


def preview_of(resolver: Resolver, match: Match, size: Size = "compact") -> Preview:
    """The preview of a link whose owner is known. Raises UnfurlError."""
    card = dressed(resolver.resolve(match).card, size)
    shown = Shown(card, size, match.link, _NO_RECORD, match.provider.icon)
    return Preview(match, card, render(shown))
