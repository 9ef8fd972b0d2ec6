"""Who may see what somebody's account sees: decided from what was chosen, by values alone."""

from __future__ import annotations

from dataclasses import replace

from unfurler.sdk.card import Button, Card
from unfurler.store.accounts import Audience, Rule

SHOW_HERE = "consent.show"
ONLY_THE_TITLE = "consent.title"
NEVER = "consent.never"
CONSENT: dict[str, Audience] = {SHOW_HERE: "show", ONLY_THE_TITLE: "title", NEVER: "never"}

_STRICTNESS = {"show": 0, "title": 1, "never": 2}


def decided(for_link: Audience | None, for_system: Audience | None, rule: Rule) -> Audience | None:
    """What holds for a link: the choice for it, else the one for its system, no wider than the rule; None: ask."""
    widest: Audience = "show" if rule == "ask" else rule
    chosen = for_link or for_system
    if widest == "never":
        return "never"
    if chosen is None:
        return None
    return max(chosen, widest, key=_STRICTNESS.__getitem__)


def fitted(card: Card, system_title: str, audience: Audience | None, rule: Rule) -> Card | None:
    """The card as far as others may see it; None where they may see nothing.

    Without a decision it is a notice without the title, whose buttons ask the author. What the system itself calls
    confidential is never more than that notice.
    """
    if audience == "never":
        return None
    if card.confidential:
        return _notice(system_title, "This is confidential.")
    if audience == "show":
        return card
    wider = [Button("Show here", action=SHOW_HERE, style="primary")] if rule == "ask" else []
    if audience == "title":
        buttons = [*wider, Button("Never", action=NEVER)]
        return Card(title=card.title, kicker=card.kicker, url=card.url, status=card.status, buttons=buttons)
    buttons = [*wider, Button("Only the title", action=ONLY_THE_TITLE), Button("Never", action=NEVER)]
    return replace(_notice(system_title, "Only its author can decide to show it here."), buttons=buttons)


def changeable(card: Card) -> Card:
    """The card with the buttons by which its author shows less of it."""
    less = (Button("Only the title", action=ONLY_THE_TITLE), Button("Never", action=NEVER))
    return replace(card, buttons=(*card.buttons, *less))


def _notice(system_title: str, sentence: str) -> Card:
    return Card(title=f"A private link to {system_title}", text=sentence)
