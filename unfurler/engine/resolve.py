"""A link and a viewer → a card, or the error that says why there is none."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import structlog

from unfurler.engine import story
from unfurler.engine.cards import EVERYONE, CardMemory, Remembered, Viewer
from unfurler.engine.facts import Cache, Facts, facts
from unfurler.engine.happenings import CardLookedUp, Observe, SourceAsked, nobody
from unfurler.engine.registry import Match, Registry
from unfurler.engine.tracing import UNTRACED, Tracing
from unfurler.fetch import Circuits
from unfurler.limits import Limits
from unfurler.sdk.api import Api
from unfurler.sdk.card import Card
from unfurler.sdk.errors import NothingToShow, Paused, RateLimited, UnfurlError, Upstream
from unfurler.sdk.link import Link

log = structlog.get_logger(__name__)


class OneAtATime(Protocol):
    """The same thing wanted by many at once is made once."""

    def make(self, key: str, make: Callable[[], Card]) -> Card: ...


class OneMaker(Protocol):
    """The same thing wanted by many processes at once is made by one; the others look for what it made."""

    def make(self, key: str, make: Callable[[], Card], look: Callable[[], Card | None]) -> Card: ...


class Alone:
    """No other process makes anything."""

    def make(self, _key: str, make: Callable[[], Card], _look: Callable[[], Card | None]) -> Card:
        """The result of `make`."""
        return make()


Apis = Callable[[Match, Viewer], Api]
"""How a match's site is reached on a viewer's behalf."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """A link with its owner and its card."""

    match: Match
    card: Card


class Resolver:
    """Turns links into cards; remembers both cards and failures."""

    def __init__(
        self,
        registry: Registry,
        apis: Apis,
        cards: CardMemory,
        under_way: OneAtATime,
        limits: Limits,
        *,
        lifetime_s: float | None,
        observe: Observe = nobody,
        tracing: Tracing = UNTRACED,
        one_maker: OneMaker | None = None,
    ) -> None:
        # Of providers: one that fails by itself, or hangs, again and again is left alone for a while.
        self.circuits = Circuits(trial_s=limits.provider_s, reason="provider-paused")
        self.registry = registry
        self._apis = apis
        self._cards = cards
        self._under_way = under_way
        self._limits = limits
        self._lifetime_s = lifetime_s
        self._observe = observe
        self._tracing = tracing
        self._one_maker = one_maker or Alone()

    def match(self, text: str) -> Match:
        """The owner of a link. Raises BadLink, or NothingToShow where nobody covers it or it asks for no card."""
        link = Link.parse(text, max_chars=self._limits.link_chars)
        story.tell_link(link)
        if link.wants_no_card:
            raise NothingToShow("The link asks for no preview.", reason="opted-out")
        match = self.registry.match(link)
        if match is None:
            story.tell_nobody(link, self.registry)
            raise NothingToShow("No provider covers this link.", reason="no-provider")
        story.tell_owner(match)
        known = facts()
        known.provider, known.rule = match.provider.name, match.rule.rule
        return match

    def resolve(self, match: Match, viewer: Viewer = EVERYONE, *, anew: bool = False, stale: bool = True) -> Resolved:
        """The card of a link. Raises UnfurlError.

        `anew` asks the source whatever is remembered; `stale` lets a remembered card stand in when the source fails.
        """
        with story.looking(private=not viewer.is_everyone) as look:
            return self._look(match, viewer, look, anew=anew, stale=stale)

    def _look(self, match: Match, viewer: Viewer, look: story.Look, *, anew: bool, stale: bool) -> Resolved:
        known = facts()
        known.viewer = "everyone" if viewer.is_everyone else "account"
        remembered = self._cards.recall(match, viewer)
        try:
            fresh = None if anew else self._fresh(remembered)
        except UnfurlError:
            self._looked_up(known, look, "failure")
            raise
        if fresh is not None:
            self._looked_up(known, look, "fresh")
            return Resolved(match, fresh)
        # Who wants it anew does not share an asking that began before the thing was changed.
        since = self._cards.forgotten_at(match, viewer) if anew else ""
        key = f"{match.provider.name}\0{match.link.url}\0{viewer.language}\0{viewer.key}\0{since}"
        fallback = remembered.card if remembered is not None and stale else None
        known.cache = "joined"  # unless it is made here

        def make() -> Card:
            return self._make(match, viewer, fallback, known, look)

        def make_once() -> Card:
            return self._one_maker.make(key, make, lambda: self._fresh(self._cards.recall(match, viewer)))

        try:
            card = self._under_way.make(key, make if anew else make_once)
        finally:
            self._looked_up(known, look, known.cache)
        return Resolved(match, card)

    def forget(self, match: Match, viewer: Viewer = EVERYONE) -> None:
        """What is remembered of this link does not hold any more."""
        self._cards.forget(match, viewer)

    def _looked_up(self, known: Facts, look: story.Look, cache: Cache) -> None:
        known.cache = look.remembered = cache
        self._observe(CardLookedUp(cache))

    def _fresh(self, remembered: Remembered | None) -> Card | None:
        """The card that may be served without asking. Raises the failure that is remembered instead."""
        if remembered is None or not self._cards.is_fresh(remembered):
            return None
        if remembered.failure is not None:
            raise remembered.failure.again()
        return remembered.card

    def _make(self, match: Match, viewer: Viewer, fallback: Card | None, known: Facts, look: story.Look) -> Card:
        began, asked_at = time.monotonic(), self._cards.now
        provider = match.provider
        known.cache, reason = "miss", None
        failed = False
        try:
            self.circuits.enter(provider.name)
        except Paused as paused:
            if fallback is not None:
                known.cache, look.stood_in_for = "stale", paused.reason
                return fallback
            raise
        try:
            with self._tracing.span("provider", provider=provider.name, rule=match.rule.rule):
                card = match.rule.function(match.link, self._apis(match, viewer), **match.arguments)
            self._cards.keep(match, viewer, card, self._lifetime(match, viewer, card), asked_at=asked_at)
        except UnfurlError as error:
            reason = error.reason
            if isinstance(error, Upstream) and fallback is not None:
                known.cache = "stale"
                look.stood_in_for = error.reason
                return fallback
            self._remember_failure(match, viewer, error)
            raise
        except Exception as error:
            reason, failed = "provider-failed", True
            log.exception("provider.failed", provider=provider.name, rule=match.rule.rule)
            failure = UnfurlError(f"The {provider.title} provider failed.", reason="provider-failed")
            self._remember_failure(match, viewer, failure)
            raise failure from error
        finally:
            ms = (time.monotonic() - began) * 1000
            # Who comes back after it was given up hangs all the same.
            if ms < self._limits.provider_s * 1000:
                self.circuits.note(provider.name, failed=failed)
            self._observe(SourceAsked(provider.name, reason, ms))
        return card

    def _lifetime(self, match: Match, viewer: Viewer, card: Card) -> float:
        declared = match.rule.lifetime or match.provider.lifetime
        lifetime_s = declared.total_seconds() if self._lifetime_s is None else self._lifetime_s
        if card.fresh_s is not None:
            lifetime_s = min(lifetime_s, card.fresh_s)
        return min(lifetime_s, self._limits.public_card_s if viewer.is_everyone else self._limits.private_card_s)

    def _remember_failure(self, match: Match, viewer: Viewer, error: UnfurlError) -> None:
        if isinstance(error, RateLimited | Paused):
            return  # the fetching side remembers until when, and says the same again without asking
        final = isinstance(error, NothingToShow)
        lifetime_s = self._limits.final_failure_s if final else self._limits.failure_s
        self._cards.keep_failure(match, viewer, error, lifetime_s)
