"""The one place that builds every piece and hands each to the next."""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from unfurler.config import Configuration, Settings
from unfurler.engine import story
from unfurler.engine.cards import CardMemory
from unfurler.engine.desk import Desk
from unfurler.engine.facts import facts
from unfurler.engine.hands import Hands
from unfurler.engine.loading import Loaded
from unfurler.engine.presses import Presses
from unfurler.engine.registry import Registry
from unfurler.engine.resolve import Resolver
from unfurler.engine.storms import Storms
from unfurler.engine.story import Stories
from unfurler.engine.systems import Systems
from unfurler.engine.tools import Tools
from unfurler.engine.tracing import UNTRACED, Tracing
from unfurler.fetch import Finished, Guard, Outbound, Pacing, Proxy
from unfurler.fetch.target import Target
from unfurler.limits import Limits
from unfurler.sdk.card import Card
from unfurler.sdk.link import Link
from unfurler.space.client import SpaceClient
from unfurler.space.clients import Clients, MakeClient
from unfurler.space.door import Door, KeyRing
from unfurler.space.host import SpaceHost
from unfurler.space.install import Installer, SetUp
from unfurler.space.login import SpaceLogin
from unfurler.space.people import Reception
from unfurler.space.server import Server
from unfurler.space.tokens import ClientCredentials, Credentials, PermanentToken
from unfurler.store.cache import LocalMemory, OneAtATime
from unfurler.store.database import Database
from unfurler.store.leases import Leases, this_process
from unfurler.store.organizations import Organizations
from unfurler.store.presses import TakenPresses
from unfurler.store.queue_items import backlog
from unfurler.store.secrets import CannotOpen, Vault
from unfurler.version import VERSION
from unfurler.web.checks import Check, Checks, Question
from unfurler.web.entrances import build_systems
from unfurler.web.meters import Meters
from unfurler.web.people import build_people
from unfurler.web.reach import Apis, Behind
from unfurler.web.service import Service
from unfurler.web.sharing import Sharing, build_sharing

HOMEPAGE_PATH = "/space/homepage"
# Proving an installation takes two calls, which share the time a person waits.
_OF_TWO_CALLS = 0.45
_DRAINS_AT_ONCE = 64
_CLICKS_AT_ONCE = 32
_MANY_LEFT_BEHIND = 8
_SETUPS_AT_ONCE = 4
_RESERVE_S = 8.0
_SPACE = "space"
_STORIES = 500
_STORY_BYTES = 4_096


@dataclass(frozen=True, slots=True)
class Reading:
    """What turns links into cards: all that `preview` needs, and the first half of a service."""

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


def build_service(
    configuration: Configuration,
    loaded: Loaded,
    limits: Limits | None = None,
    tracing: Tracing = UNTRACED,
    *,
    works: bool = False,
) -> Service:
    """Every piece of a process that serves, or `works`. Raises RegistryConflict, ValueError for keys that are none."""
    limits = limits or Limits()
    settings = configuration.settings
    meters = Meters()
    vault = Vault([key.get_secret_value() for key in settings.secret_keys])
    sharing = build_sharing(settings, limits, vault, works=works)
    reading = build_reading(configuration, limits, meters, tracing, sharing)
    database = Database(settings.database_url.get_secret_value())
    organizations = Organizations(database, vault)
    make_client = _make_client(settings, reading.outbound, limits, patience_s=limits.posting_s)
    clients = _clients(settings, make_client, organizations)
    probe = _make_client(settings, reading.outbound, limits, patience_s=limits.init_s * _OF_TWO_CALLS)
    keys = KeyRing(organizations, lambda one: clients.of(one).public_keys(), limits.key_refetch_s, time.monotonic)
    door = _door(settings, organizations, keys, sharing)
    holder = this_process()
    tools = Tools(
        resolver=reading.resolver,
        leases=Leases(database, holder, limits.lease_s),
        hands=Hands(limits.fetches, gave_up=lambda provider: reading.resolver.circuits.note(provider, failed=True)),
        limits=limits,
        clock=time.time,
        new_id=lambda: secrets.token_urlsafe(16),
        chance=random.random,
        stories=_stories(settings, limits),
        observe=meters.observe,
        tracing=tracing,
    )
    reception = Reception(organizations, clients, sharing.small_memory(), time.time)
    way = _to_space(settings, reading.outbound)
    login = SpaceLogin(organizations, clients, reception, way, settings.base_url, sharing.small_memory())
    people = build_people(settings.base_url, reading.systems, reading.resolver, reading.apis, database, vault, login)
    desk = Desk(
        organizations=organizations,
        database=database,
        vault=vault,
        hosts=lambda organization: SpaceHost(lambda: clients.of(organization)),
        members=people.members,
        apis=reading.apis,
        tools=tools,
        storms=Storms(limits.clicks_per_second, time.monotonic, same_for_s=limits.same_click_s),
        blocked=lambda id: setups.ask(id),
        asked_anew=lambda id: drains.asked_anew(id),
        stopping=lambda: drains.stopped,
        waited_s=lambda id: drains.waited_s(id),
    )
    drains = sharing.work("drain", desk.drain, ThreadPoolExecutor(_DRAINS_AT_ONCE, "drain"), tracing)
    set_up = SetUp(
        organizations,
        clients,
        reading.registry.domains,
        HOMEPAGE_PATH,
        bool(people.systems.all()),
        time.time,
        drains.ask,
    )
    setups = sharing.work("set-up", set_up.run, ThreadPoolExecutor(_SETUPS_AT_ONCE, "set-up"))
    installer = Installer(organizations, clients, probe, keys, door, settings.space_servers, setups, drains, time.time)

    clicks = Presses(ThreadPoolExecutor(_CLICKS_AT_ONCE, "click"))

    # Some seconds before whoever stops us loses patience, so that leases are given back and the exit is our own.
    def stop(wait_s: float = limits.shutdown_s - _RESERVE_S) -> None:
        until = time.monotonic() + wait_s
        for stopped in (setups, drains, clicks):
            stopped.stop(0.0)
        for stopped in (drains, clicks):
            stopped.stop(max(0.0, until - time.monotonic()))
        tracing.stop()

    return Service(
        configuration=configuration,
        loaded=loaded,
        limits=limits,
        database=database,
        organizations=organizations,
        resolver=reading.resolver,
        door=door,
        installer=installer,
        desk=desk,
        drains=drains,
        setups=setups,
        clicks=clicks,
        taken=TakenPresses(database, holder),
        meters=meters,
        people=people,
        reception=reception,
        clients=clients,
        apis=reading.apis,
        checks=Checks(
            [
                Check("database", database.trouble, needed=True),
                Check("secrets", lambda: _sealed(organizations)),
                Check("providers", lambda: _left_behind(tools.hands)),
                *([Check("redis", sharing.trouble)] if sharing.several else []),
            ]
        ),
        backlog=Question("backlog", lambda: backlog(database)),
        circuits=lambda: _circuits(reading),
        tracing=tracing,
        sharing=sharing,
        stop=stop,
    )


def _circuits(reading: Reading) -> Mapping[str, int]:
    """How many circuits are open, or tried, by kind."""
    ways, providers = reading.outbound.circuits.states(), reading.resolver.circuits.states()
    return {"page": ways["page"], "api": ways["api"], "provider": providers.total()}


def _sealed(organizations: Organizations) -> str | None:
    """Why the secret of the latest organization cannot be used; None where it can."""
    ids = organizations.ids()
    try:
        if ids:
            organizations.find(ids[-1])
    except CannotOpen:
        return "none of UNFURLER_SECRET_KEYS opens a stored secret"
    return None


def _left_behind(hands: Hands) -> str | None:
    """Which providers hang in many threads; None where none does."""
    many = [name for name, threads in hands.left_behind().items() if threads >= _MANY_LEFT_BEHIND]
    return f"hangs, and took threads that only a restart frees: {', '.join(sorted(many))}" if many else None


def _agent(settings: Settings) -> str:
    """How we introduce ourselves to every server."""
    return f"Unfurler/{VERSION} (+{settings.base_url})"


def _to_space(settings: Settings, outbound: Outbound) -> Behind:
    return Behind(outbound, outbound.guard.also(settings.space_servers.named_in_full), _SPACE)


def _make_client(settings: Settings, outbound: Outbound, limits: Limits, patience_s: float) -> MakeClient:
    way = _to_space(settings, outbound)

    def make(server_url: str, credentials: Credentials) -> SpaceClient:
        return SpaceClient(Server(server_url, way, limits=limits, patience_s=patience_s), credentials)

    return make


def _clients(settings: Settings, make: MakeClient, organizations: Organizations) -> Clients:
    manual: dict[str, Credentials] = {}
    if settings.space_client_id is not None:
        if settings.space_token is not None:
            manual[settings.space_client_id] = PermanentToken(settings.space_token)
        elif settings.space_client_secret is not None:
            manual[settings.space_client_id] = ClientCredentials(settings.space_client_id, settings.space_client_secret)
    return Clients(make, organizations, manual, time.monotonic)


def _configured_hosts(configuration: Configuration) -> frozenset[str]:
    """The hosts of the systems that are configured, with their ports: what a trace may name."""
    sites = [instance.site for state in configuration.providers for instance in state.instances]
    return frozenset(Link.parse(url).authority for site in sites for url in (site.url, site.api_url))


def _note(meters: Meters, tracing: Tracing, configured: frozenset[str], done: Finished, target: Target) -> None:
    """One outbound request is over."""
    meters.fetched(done)
    host = done.host if done.kind == _SPACE or done.host in configured else None
    tracing.over(
        "request", done.ms, kind=done.kind, host=host, outcome=done.outcome, reason=done.reason, status=done.status
    )
    if done.kind != _SPACE:
        facts().add_request(done.ms)
        # What a query holds may be a key.
        path, question, _ = target.path.partition("?")
        address = target.origin + path + ("?…" if question else "")
        story.tell_request(
            story.Request(done.method, done.host, address, done.status, done.reason, done.ms, done.bytes)
        )


def _stories(settings: Settings, limits: Limits) -> Stories:
    if settings.playground == "off":
        return Stories(None, time.time, 0.0)
    memory = LocalMemory(max_entries=_STORIES, max_bytes=_STORY_BYTES * _STORIES, clock=time.monotonic)
    return Stories(memory, time.time, limits.item_life_s)


def _door(settings: Settings, organizations: Organizations, keys: KeyRing, sharing: Sharing) -> Door:
    signing_keys = {}
    if settings.space_client_id is not None and settings.space_signing_key is not None:
        signing_keys[settings.space_client_id] = settings.space_signing_key
    return Door(organizations, keys, signing_keys, sharing.small_memory(), sharing.limits, time.time)
