"""Why a link has no preview, in words: the same ones in the chat, on the terminal, in the playground."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from unfurler.engine.outcomes import ASKED, POSTED, End
from unfurler.engine.story import Look, Request, Story
from unfurler.sdk.text import one_line


@dataclass(frozen=True, slots=True)
class Reason:
    """What a recorded reason means, and what somebody can do about it; "" where nobody can do anything."""

    said: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a link's way: what it is called, what happened, what there is to know below that.

    `good` is False for the step at which the preview was lost.
    """

    name: str
    said: str
    more: tuple[str, ...] = ()
    good: bool = True


_NOT_CHANGED = 304
_LATER = "Try again later: press Refresh, or post the link again."
_SEE = (
    "Look whether the link is right. If the thing is private, sign in on the application's homepage; an operator can "
    "also read it for everyone, with UNFURLER_<PROVIDER>_TOKEN."
)
_TELL = "Nobody can do anything about it here; the other system has to mend it."
_OURS = "That is a fault of ours. The log of the service says more; tell its operator."
_REASONS = {
    "no-provider": Reason(
        "No provider covers this link.",
        "An operator can add its host to UNFURLER_DOMAINS, or somebody writes a provider for it.",
    ),
    "not-covered": Reason("No provider covers this link.", "An operator can add its host to UNFURLER_DOMAINS."),
    "opted-out": Reason("The link asks for no preview.", "Post it without no_unfurl."),
    "not-found": Reason("The other system does not have it, or does not show it to us.", _SEE),
    "access-denied": Reason("The other system wants an account that may see it.", _SEE),
    "account-refused": Reason("The other system does not accept the account any more.", "Sign in there once more."),
    "sign-in-needed": Reason("The other system wants an account that may see it.", "Sign in on the homepage."),
    "never-ask": Reason("You asked never to be asked to sign in there.", "The homepage takes that back."),
    "sign-in-asked": Reason("You have been asked to sign in.", "Sign in, and the preview comes by itself."),
    "waits-for-sign-in": Reason("It waits until you have signed in.", "Sign in, and the preview comes by itself."),
    "not-now": Reason("You did not want to sign in.", "The homepage is another way to."),
    "audience-never": Reason("You chose that others are not to see it.", "The homepage takes that back."),
    "expired": Reason("It took longer than the thirty minutes that Space keeps a link.", "Post the link again."),
    "gone": Reason("The message with the link is gone."),
    "not-approved": Reason(
        "An administrator has not approved this domain.",
        "An administrator approves it on the application's tab Unfurls.",
    ),
    "single-use": Reason("The link looks as if it works only once, so it was left alone."),
    "rate-limited": Reason(
        "The other system asks for patience.",
        "Try again later. With an account of one's own, or a service account, there is more to spend.",
    ),
    "not-a-page": Reason("It is neither a page nor a file with a preview."),
    "no-title": Reason("The page does not say what it is."),
    "nothing-to-show": Reason("There is nothing to show for it."),
    "bad-link": Reason("The text is no link."),
    "link-malformed": Reason("The text is no link."),
    "link-scheme": Reason("The link does not begin with http:// or https://."),
    "link-too-long": Reason("The link is too long."),
    "host-unknown": Reason("The site has no address.", "Look whether its name is right."),
    "limit-exceeded": Reason("The site sends more than is read."),
    "own-address": Reason("The address is one of our own."),
    "encoding-broken": Reason("The site packs its answer in a way that cannot be read.", _TELL),
    "encoding-unknown": Reason("The site packs its answer in a way that is not known here.", _TELL),
    "redirect-elsewhere": Reason("The other system sends its own requests elsewhere.", _TELL),
    "redirect-malformed": Reason("The site redirects to what is no web address.", _TELL),
    "request-malformed": Reason("The request could not be put together.", _OURS),
    "paused": Reason("The other system failed several times in a row, and is left alone for a moment.", _LATER),
    "provider-paused": Reason("The provider failed several times in a row, and is left alone for a moment.", _LATER),
    "provider-busy": Reason("The provider had too much to do.", _LATER),
    "upstream": Reason("The other system did not answer as it should.", _LATER),
    "upstream-odd": Reason("The other system answers something that we cannot read.", _TELL),
    "upstream-graphql": Reason("The other system answers a query with an error.", _TELL),
    "upstream-slow": Reason("The other system did not answer in time.", _LATER),
    "upstream-down": Reason("The other system is out of order.", _LATER),
    "upstream-status": Reason("The other system answers with an error.", _LATER),
    "upstream-refused": Reason("The other system does not take connections.", _LATER),
    "upstream-cut-off": Reason("The other system closed the connection.", _LATER),
    "upstream-odd-reply": Reason("The other system answers something that we cannot read.", _TELL),
    "upstream-not-json": Reason("The other system answers something that we cannot read.", _TELL),
    "upstream-not-http": Reason("What the other system answers is not HTTP.", _TELL),
    "certificate-invalid": Reason("The site's certificate is not valid.", _TELL),
    "tls-failed": Reason("No secure connection to the site could be made.", _TELL),
    "fetch-busy": Reason("Too much was under way.", _LATER),
    "provider-silent": Reason("The provider did not come back.", _OURS),
    "provider-failed": Reason("The provider failed.", _OURS),
    "bug": Reason("It failed here.", _OURS),
    "failed": Reason("It failed here.", _OURS),
    "crashed": Reason("The service died over it each time.", _OURS),
    "no-verdict": Reason("Space did not say whether it took the preview.", _LATER),
    "refused": Reason("Space does not take the preview.", _OURS),
}
_ADDRESS = Reason(
    "This address is not one that is fetched.",
    "Where it is an address of your own that may be read, an operator opens it with UNFURLER_FETCH_ALLOW.",
)
_OF_AN_ADDRESS = frozenset({"address-refused", "address-misread", "port-refused", "name-refused", "scheme-refused"})
# What may depend on somebody's account: told to that person alone.
OF_AN_ACCOUNT = frozenset(
    {"access-denied", "never-ask", "sign-in-asked", "waits-for-sign-in", "not-now", "audience-never"}
)


def reason_of(reason: str, sentence: str = "") -> Reason:
    """A reason in words; `sentence` is what is known of it where it has none of its own here."""
    known = _REASONS.get(reason) or (_ADDRESS if reason in _OF_AN_ADDRESS else None)
    return known or Reason(sentence or f"There is nothing to show for it ({reason}).")


def steps(story: Story, end: End | None = None, *, sentence: str = "", card: str = "") -> Iterator[Step]:
    """The way of a link, step by step, with its end where that is known.

    `sentence` says more than the end's reason, `card` is the title of the card.
    """
    yield _of_link(story)
    if story.owner is not None or story.near is not None:
        yield _of_owner(story)
    for look in story.looks:
        yield from _of_look(look)
    if end is not None:
        yield from _of_end(end, sentence, card)
        if story.near is not None and end.reason != "no-provider":
            yield Step("What helps", _REASONS["no-provider"].mend)


def in_lines(said: Iterable[Step]) -> str:
    """The steps for a terminal, one below the other."""
    lines = []
    for step in said:
        lines.append(f"{step.name + ':':<12}{step.said}")
        lines += [f"{'':<12}{more}" for more in step.more]
    return "\n".join(lines)


def _of_link(story: Story) -> Step:
    if not story.url:
        return Step("Link", "It could not be read as a link.", good=False)
    more = () if story.posted == story.url else (f"as posted: {story.posted}",)
    return Step("Link", story.url, more)


def _of_owner(story: Story) -> Step:
    owner = story.owner
    if owner is not None:
        # What a link holds may be meant for whoever reads it on a terminal.
        arguments = ", ".join(f"{name}={one_line(value)}" for name, value in owner.arguments.items())
        more = f"function {owner.function}({arguments})"
        return Step("Provider", f"{owner.title} ({owner.provider}), rule {owner.rule}", (more,))
    if story.near:
        return Step(
            "Provider", "None, so Space does not ask for it. These come nearest:", tuple(story.near), good=False
        )
    return Step("Provider", "None has this host, so Space does not ask for it.", good=False)


def _of_look(look: Look) -> Iterator[Step]:
    account = "the service account" if look.service_account else "the author's account" if look.private else None
    how = f"with {account}" if account else "without an account"
    good = look.outcome == "card"
    what = "A card" if good else f"A failure ({look.outcome})"
    if look.remembered in ("fresh", "failure"):
        yield Step("Memory", f"{what} was remembered, seen {how}: nobody was asked.", good=good)
        return
    if look.remembered == "joined":
        yield Step("Memory", f"The same was just being asked {how}: {what.lower()} came of it.", good=good)
        return
    known = "Something old" if look.remembered == "stale" else "Nothing"
    yield Step("Memory", f"{known} was remembered: the other system was asked {how}.")
    requests = [_request(request) for request in look.requests]
    if look.unseen_requests:
        requests.append(f"and {look.unseen_requests} more")
    count = len(look.requests) + look.unseen_requests
    if look.stood_in_for:
        requests.append(f"It failed ({look.stood_in_for}); the card of before stands in.")
    said = f"{count or 'none'}, in {look.ms:,.0f} ms"
    yield Step("Requests", said, tuple(requests), good)


def _request(request: Request) -> str:
    where = request.address or f"{request.host} (with an account, so its address is not told)"
    came = str(request.status) if request.status is not None else f"no answer ({request.reason})"
    if request.status == _NOT_CHANGED:
        came += " (not changed)"
    if request.status is not None and request.reason:
        came += f", then {request.reason}"
    return f"{request.method} {where}: {came} in {request.ms:,.0f} ms, {request.bytes:,} bytes"


def _of_end(end: End, sentence: str, card: str) -> Iterator[Step]:
    if end.end == POSTED:
        yield Step("Card", one_line(card) or "It has a preview.")
        return
    meant = reason_of(end.reason or "", sentence)
    name = "Sign-in" if end.end == ASKED else "No card"
    yield Step(name, sentence or meant.said, (f"reason: {end.reason}",), good=False)
    if meant.mend:
        yield Step("What helps", meant.mend)
