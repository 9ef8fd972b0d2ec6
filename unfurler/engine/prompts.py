"""The cards that ask a person something: to sign in, to confirm, to write."""

from __future__ import annotations

from dataclasses import replace

from unfurler.engine.buttons import REFRESH
from unfurler.sdk.card import Button, Card
from unfurler.sdk.provider import Action

NOT_NOW = "auth.not-now"
NEVER_ASK = "auth.never"
ABOUT_SIGN_IN = frozenset({NOT_NOW, NEVER_ASK})
_CONFIRM = "confirm:"


def sign_in(title: str, url: str, *, writes: bool = False, again: bool = False) -> Card:
    """For one person: the way to sign in. What was pressed is done by pressing it again afterwards."""
    ended = f"{title} does not accept your account here any more. " if again else ""
    why = "so that this button can act as you; press it again afterwards" if writes else "to see previews of its links"
    return Card(
        title=f"Sign in to {title}",
        url=url,
        text=f"{ended}Sign in to {title} {why}.",
        buttons=[
            Button(f"Connect {title}", url=url, style="primary", returns=True),
            Button("Not now", action=NOT_NOW),
            Button("Never ask me again", action=NEVER_ASK),
        ],
    )


def confirm(card: Card, action: Action) -> Card:
    """The card whose buttons ask once more; only the one who pressed can answer."""
    yes = Button("Yes", action=_CONFIRM + action.id, style="danger")
    return replace(card, note=action.confirm or "", buttons=(yes, Button("Cancel", action=REFRESH)))


def confirmed(action_id: str) -> str | None:
    """The action that this button says yes to."""
    return action_id.removeprefix(_CONFIRM) if action_id.startswith(_CONFIRM) else None


def write(card: Card, action: Action, url: str) -> Card:
    """For one person: the page with the field that an action takes its text from."""
    return Card(
        title=card.title,
        kicker=card.kicker,
        text=f"{action.asks}: write it on a page of your own. The link works once, for an hour.",
        buttons=[Button(f"Write: {action.asks}", url=url, style="primary", returns=True)],
    )
