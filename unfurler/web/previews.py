"""One link's card outside of any organization: for the playground and the `preview` command."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from unfurler.engine.buttons import dressed
from unfurler.engine.ports import Preview as Shown
from unfurler.engine.ports import RecordId, Size
from unfurler.engine.registry import Match
from unfurler.sdk.card import Card
from unfurler.space.content import render

_NO_RECORD = RecordId("preview")


@dataclass(frozen=True, slots=True)
class Preview:
    """A card, the link it belongs to, and the content that Space would get."""

    match: Match
    card: Card
    content: dict[str, Any]


def preview_of(match: Match, found: Card, size: Size = "compact") -> Preview:
    """The preview that a card makes."""
    card = dressed(found, size)
    shown = Shown(card, size, match.link, _NO_RECORD, match.provider.icon)
    return Preview(match, card, render(shown))
