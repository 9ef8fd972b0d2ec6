"""What people can say to us in our own channel, and what we answer."""

from __future__ import annotations

from unfurler.engine.resolve import Resolver
from unfurler.sdk.errors import UnfurlError
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
# Reasons as recorded, in words. What is not here is a temporary failure of the other system, or of ours.
_REASONS = {
    "no-provider": "No provider covers this link.",
    "opted-out": "The link asks for no preview.",
    "not-found": "The other system does not have it, or does not show it to us.",
    "access-denied": "The other system wants an account that may see it.",
    "never-ask": "You asked never to be asked to sign in there; the homepage takes that back.",
    "sign-in-asked": "You have been asked to sign in.",
    "waits-for-sign-in": "It waits until you have signed in.",
    "not-now": "You did not want to sign in; the homepage is another way to.",
    "audience-never": "You chose that others are not to see it.",
    "expired": "It took longer than the thirty minutes that Space keeps a link.",
    "gone": "The message with the link is gone.",
    "not-approved": "An administrator has not approved this domain.",
    "single-use": "The link looks as if it works only once, so it was left alone.",
    "rate-limited": "The other system asks for patience.",
}
# What may depend on the author's account.
_OF_AN_ACCOUNT = frozenset(
    {"access-denied", "never-ask", "sign-in-asked", "waits-for-sign-in", "not-now", "audience-never"}
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
        if own is None and found[1] in _OF_AN_ACCOUNT:
            return _REASONS["not-found"]
        end, reason = found
        if end == "posted":
            return "It has a preview."
        if end is None:
            return "It is being worked on."
        return _REASONS.get(reason or "", f"It failed: {reason}.")
    try:
        match = resolver.match(url)
    except UnfurlError as error:
        return str(error)
    return f"{match.provider.title} covers it, but nobody has posted it here lately."
