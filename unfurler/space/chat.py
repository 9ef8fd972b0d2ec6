"""What people can say to us in our own channel, and what we answer."""

from __future__ import annotations

from unfurler.engine.resolve import Resolver
from unfurler.sdk.errors import UnfurlError
from unfurler.space.why import OF_AN_ACCOUNT, reason_of
from unfurler.store.queue_items import QueueItems

COMMANDS = {
    "commands": [
        {"name": "help", "description": "What this application does"},
        {"name": "why", "description": "Why a link has no preview: why https://…"},
    ]
}
_HELP = (
    "Links to the systems on my homepage become cards. "
    "Write `why` and a link to learn why it has no preview. A link that ends in ?no_unfurl is left alone."
)


def answer(text: str, person: str, items: QueueItems, resolver: Resolver) -> str:
    """The reply to what a person wrote."""
    command, _, rest = text.strip().lstrip("/").partition(" ")
    if command.lower() != "why" or not rest.strip():
        return _HELP
    return why(rest.strip(), person, items, resolver)


def why(url: str, person: str, items: QueueItems, resolver: Resolver) -> str:
    """Why a link has no preview in this organization, from its latest record; or what would happen to it.

    What became of it with somebody's account is told to that person alone.
    """
    own = items.latest_of(url, author=person)
    found = own or items.latest_of(url)
    if found is not None:
        if own is None and found[1] in OF_AN_ACCOUNT:
            return _in_a_line("not-found")
        end, reason = found
        if end == "posted":
            return "It has a preview."
        if end is None:
            return "It is being worked on."
        return _in_a_line(reason or "")
    try:
        match = resolver.match(url)
    except UnfurlError as error:
        return str(error)
    return f"{match.provider.title} covers it, but nobody has posted it here lately."


def _in_a_line(reason: str) -> str:
    meant = reason_of(reason)
    return f"{meant.said} {meant.mend}".strip()
