"""The way of one link as it was: who looked, what was remembered, what was asked, how it ended.

It is told while it happens, to whoever listens in this thread; mostly nobody does, and nothing is kept then. What is
told never holds a card, a body or a header, and of what was asked with somebody's account no address.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace

from pydantic import TypeAdapter

from unfurler.engine.cards import Memory
from unfurler.engine.facts import Cache
from unfurler.engine.registry import Match, Registry
from unfurler.sdk.errors import UnfurlError
from unfurler.sdk.link import Link

_REQUESTS = 30
_PASSES = 5


@dataclass(frozen=True, slots=True)
class Request:
    """One outbound request. `address` is None where an account was used; `reason` says why it failed."""

    method: str
    host: str
    address: str | None
    status: int | None
    reason: str | None
    ms: float
    bytes: int


@dataclass(slots=True)
class Look:
    """One look at the link: for everyone, or `private`, with the account of one person.

    `remembered` is what came of what was known before. `outcome` is "card" or the reason why there is none;
    `stood_in_for` the failure instead of which an old card was shown.
    """

    private: bool
    service_account: bool = False
    remembered: Cache = "joined"
    requests: list[Request] = field(default_factory=list)
    unseen_requests: int = 0
    outcome: str = "card"
    sentence: str = ""
    stood_in_for: str | None = None
    ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Owner:
    """Who owns the link, by which rule, with which arguments."""

    provider: str
    title: str
    rule: str
    function: str
    arguments: dict[str, str]


@dataclass(slots=True)
class Story:
    """All of it; `near` are the rules that nearly fit a link that nobody owns, None for a link with an owner."""

    at: float
    posted: str = ""
    url: str = ""
    owner: Owner | None = None
    near: list[str] | None = None
    looks: list[Look] = field(default_factory=list)


_listening: ContextVar[Story | None] = ContextVar("story", default=None)
_looking: ContextVar[Look | None] = ContextVar("look", default=None)


@contextmanager
def listening(at: float, story: Story | None = None) -> Iterator[Story]:
    """The story of what happens in the block, in this thread, a new one or `story`; `at` in seconds since 1970."""
    story = story or Story(at)
    token = _listening.set(story)
    try:
        yield story
    finally:
        _listening.reset(token)


def tell_link(link: Link) -> None:
    """The link as it was read."""
    story = _listening.get()
    if story is not None:
        story.posted, story.url = link.posted, link.url


def tell_owner(match: Match) -> None:
    """Who owns the link."""
    story = _listening.get()
    if story is not None:
        arguments = {name: str(value) for name, value in match.arguments.items()}
        function = match.rule.function.__name__
        story.owner = Owner(match.provider.name, match.provider.title, match.rule.rule, function, arguments)


def tell_nobody(link: Link, registry: Registry) -> None:
    """Nobody owns the link."""
    story = _listening.get()
    if story is not None:
        story.near = [f"{provider.name} {rule}" for provider, rule in registry.near(link)]


@contextmanager
def looking(*, private: bool) -> Iterator[Look]:
    """One look, from its beginning to its end, whatever that is."""
    look = Look(private)
    story = _listening.get()
    if story is not None:
        story.looks.append(look)
    token, began = _looking.set(look), time.monotonic()
    try:
        yield look
    except UnfurlError as error:
        look.outcome, look.sentence = error.reason, str(error)
        raise
    finally:
        look.ms = round((time.monotonic() - began) * 1000, 1)
        _looking.reset(token)


def tell_service_account() -> None:
    """This look is with the operator's account."""
    look = _looking.get()
    if look is not None:
        look.service_account = True


def tell_request(request: Request) -> None:
    """A request that is over."""
    look = _looking.get()
    if look is None:
        return
    if len(look.requests) >= _REQUESTS:
        look.unseen_requests += 1
        return
    look.requests.append(replace(request, address=None) if look.private else request)


_FORM = TypeAdapter(list[Story])


class Stories:
    """The latest stories of queue items, for a while; without a memory nothing is listened to.

    A story is found by who knows organization, item and link, and by nobody else.
    """

    def __init__(self, memory: Memory | None, clock: Callable[[], float], lifetime_s: float) -> None:
        self._memory = memory
        self._clock = clock
        self._lifetime_s = lifetime_s

    @property
    def are_kept(self) -> bool:
        """Whether anything is listened to."""
        return self._memory is not None

    @contextmanager
    def told(self, organization: str, item: str, url: str, *, goes_on: bool = False) -> Iterator[None]:
        """Listen to what happens to an item in the block, and keep it; `goes_on` as a part of its latest story."""
        if self._memory is None:
            yield
            return
        earlier = self.of(organization, item, url)
        latest = earlier.pop() if goes_on and earlier else None
        with listening(self._clock(), latest) as story:
            try:
                yield
            finally:
                told = [*earlier, story][-_PASSES:]
                self._memory.put(_key(organization, item, url), _FORM.dump_json(told), self._lifetime_s)

    def of(self, organization: str, item: str, url: str) -> list[Story]:
        """What happened to an item, pass after pass."""
        kept = None if self._memory is None else self._memory.get(_key(organization, item, url))
        return [] if kept is None else _FORM.validate_json(kept)


def _key(organization: str, item: str, url: str) -> str:
    return "story:" + hashlib.sha256("\0".join((organization, item, url)).encode(errors="replace")).hexdigest()
