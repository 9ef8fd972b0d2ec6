"""The buttons every card gets, and which of its own fit in which size."""

from __future__ import annotations

from dataclasses import replace

from unfurler.engine.ports import Size
from unfurler.sdk.card import Button, Card

REFRESH = "card.refresh"
MORE = "card.more"
LESS = "card.less"
SHOWING = frozenset({REFRESH, MORE, LESS})

COMPACT_BUTTONS = 3
_COMPACT_TEXT_CHARS = 200


def dressed(card: Card, size: Size) -> Card:
    """The card with the buttons it has in this size: at most three of its own when compact, none on one line."""
    if size == "line":
        return replace(card, buttons=())
    if size == "full":
        return replace(card, buttons=(*card.buttons, Button("Refresh", action=REFRESH), Button("Less", action=LESS)))
    more = [Button("More", action=MORE)] if _has_more(card) else []
    return replace(card, buttons=(*card.buttons[:COMPACT_BUTTONS], Button("Refresh", action=REFRESH), *more))


def offered(card: Card) -> tuple[str, ...]:
    """The ids of the actions that this card's buttons ask for."""
    return tuple(dict.fromkeys(button.action for button in card.buttons if button.action))


def apology(title: str, sentence: str) -> Card:
    """The small card that stands in for a preview when a person can do something about its failure."""
    return Card(title=title, text=sentence)


def _has_more(card: Card) -> bool:
    return bool(card.fields) or len(card.buttons) > COMPACT_BUTTONS or len(card.text) > _COMPACT_TEXT_CHARS
