"""One link's card and the story of its way, outside of any organization: for the playground and `preview`."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from unfurler.config import ProviderState
from unfurler.engine.buttons import dressed
from unfurler.engine.outcomes import NOTHING, POSTED, End
from unfurler.engine.ports import Preview as Shown
from unfurler.engine.ports import RecordId, Size
from unfurler.engine.registry import Match
from unfurler.engine.story import Story, listening
from unfurler.sdk.card import Card, Fact
from unfurler.sdk.errors import UnfurlError
from unfurler.sdk.link import Link
from unfurler.sdk.text import clean
from unfurler.space.content import render
from unfurler.space.markup import code_lines
from unfurler.space.why import Step, steps

_NO_RECORD = RecordId("preview")


@dataclass(frozen=True, slots=True)
class Preview:
    """A card, the link it belongs to, and the content that Space would get."""

    match: Match
    card: Card
    size: Size
    content: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a link, step by step; `preview` None where there is nothing to show."""

    preview: Preview | None
    steps: list[Step]


def preview_of(match: Match, found: Card, size: Size = "compact") -> Preview:
    """The preview that a card makes."""
    card = dressed(found, size)
    shown = Shown(card, size, match.link, _NO_RECORD, match.provider.icon)
    return Preview(match, card, size, render(shown))


def told(make: Callable[[], Preview], providers: Sequence[ProviderState]) -> Told:
    """What `make` gives or why it does not, with all that happened meanwhile."""
    with listening(time.time()) as story:
        try:
            shown = make()
        except UnfurlError as error:
            if story.near is not None:
                story.near += _asleep(story, providers)
            return Told(None, list(steps(story, End(NOTHING, error.reason), sentence=str(error))))
    return Told(shown, list(steps(story, End(POSTED), card=shown.card.title)))


def _asleep(story: Story, providers: Sequence[ProviderState]) -> list[str]:
    """The providers that would own the link if they ran."""
    host = Link.parse(story.url).host
    return [
        f"{state.provider.name} has this host, but does not run: {state.reason}"
        for state in providers
        if state.reason is not None and host in state.provider.sites.hosts
    ]


def as_text(shown: Preview) -> str:
    """The card as plain text, a line for each of its parts."""
    card = shown.card
    lines = [card.kicker, card.title, card.url or shown.match.link.display_url]
    lines.append(" · ".join([*([card.status.text] if card.status else []), *map(_fact, card.facts)]))
    if card.quote:
        lines.append(f"{card.quote.author}: {card.quote.text}")
    lines.append(card.text)
    code = code_lines(card.code.text) if card.code else []
    after = [f"{field.name}: {_fact(Fact(field.value, at=field.at))}" for field in card.fields if shown.size == "full"]
    after += [card.note, " ".join(f"[{button.text}]" for button in card.buttons)]
    # Cleaned as for Space: a terminal obeys what it is shown.
    return "\n".join(line for line in [*map(clean, lines), *code, *map(clean, after)] if line)


def _fact(fact: Fact) -> str:
    return f"{fact.text} {fact.at:%Y-%m-%d %H:%M} UTC".strip() if fact.at else fact.text
