"""Builds what turns links into cards: the first half of a service, and all that `preview` needs."""

from __future__ import annotations

from dataclasses import dataclass

from unfurler.config import Configuration, Settings
from unfurler.engine import story
from unfurler.engine.cards import CardMemory
from unfurler.engine.facts import facts
from unfurler.engine.registry import Registry
from unfurler.engine.resolve import Resolver
from unfurler.engine.systems import Systems
from unfurler.engine.tracing import UNTRACED, Tracing
from unfurler.fetch import Finished, Guard, Outbound, Pacing, Proxy
from unfurler.fetch.target import Target
from unfurler.limits import Limits
from unfurler.sdk.card import Card
from unfurler.sdk.link import Link
from unfurler.store.cache import OneAtATime
from unfurler.version import VERSION
from unfurler.web.entrances import build_systems
from unfurler.web.meters import Meters
from unfurler.web.reach import SPACE, Apis
from unfurler.web.sharing import Sharing


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything about links."""

    registry: Registry
    outbound: Outbound
    resolver: Resolver
    apis: Apis
    systems: Systems


def build_reading(
    configuration: Configuration,
    limits: Limits,
    meters: Meters,
    tracing: Tracing = UNTRACED,
    sharing: Sharing | None = None,
) -> Reading:
    """Registry, fetching, cards. Raises RegistryConflict."""
    sharing = sharing or Sharing(limits)
    settings = configuration.settings
    running = [state for state in configuration.providers if state.reason is None]
    registry = Registry([state.installed for state in running])
    memory = sharing.memory()
    configured = _configured_hosts(configuration)
    guard = Guard.make(settings.fetch_allow, own_origin=settings.base_url)
    outbound = Outbound(
        limits,
        guard,
        user_agent=_agent(settings),
        memory=memory,
        pacing=Pacing(memory),
        proxy=Proxy.parse(settings.fetch_proxy.get_secret_value()) if settings.fetch_proxy else None,
        observe=lambda done, target: _note(meters, tracing, configured, done, target),
    )
    tokens = {
        (state.provider.name, instance.site.url): instance.token
        for state in running
        for instance in state.instances
        if instance.token is not None
    }
    apis = Apis(outbound, guard, tokens, meters)
    under_way: OneAtATime[Card] = OneAtATime(limits.provider_s)
    cards = CardMemory(memory, sharing.clock)
    resolver = Resolver(
        registry,
        apis,
        cards,
        under_way,
        limits,
        lifetime_s=settings.cache_ttl,
        observe=meters.observe,
        tracing=tracing,
        one_maker=sharing.one_maker(),
    )
    return Reading(registry, outbound, resolver, apis, build_systems(configuration, apis))


def _configured_hosts(configuration: Configuration) -> frozenset[str]:
    """The hosts of the systems that are configured, with their ports: what a trace may name."""
    sites = [instance.site for state in configuration.providers for instance in state.instances]
    return frozenset(Link.parse(url).authority for site in sites for url in (site.url, site.api_url))


def _note(meters: Meters, tracing: Tracing, configured: frozenset[str], done: Finished, target: Target) -> None:
    """One outbound request is over."""
    meters.fetched(done)
    host = done.host if done.kind == SPACE or done.host in configured else None
    tracing.over(
        "request", done.ms, kind=done.kind, host=host, outcome=done.outcome, reason=done.reason, status=done.status
    )
    if done.kind != SPACE:
        facts().add_request(done.ms)
        # What a query holds may be a key.
        path, question, _ = target.path.partition("?")
        address = target.origin + path + ("?…" if question else "")
        story.tell_request(
            story.Request(done.method, done.host, address, done.status, done.reason, done.ms, done.bytes)
        )


def _agent(settings: Settings) -> str:
    """How we introduce ourselves to every server."""
    return f"Unfurler/{VERSION} (+{settings.base_url})"
