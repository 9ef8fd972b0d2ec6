"""The one place that builds every piece and hands each to the next."""

from __future__ import annotations

import random
import secrets
import time
from concurrent.futures import ThreadPoolExecutor

from unfurler.config import Configuration, Settings
from unfurler.engine.desk import Desk
from unfurler.engine.hands import Hands
from unfurler.engine.loading import Loaded
from unfurler.engine.presses import Presses
from unfurler.engine.storms import Storms
from unfurler.engine.story import Stories
from unfurler.engine.tools import Tools
from unfurler.engine.tracing import UNTRACED, Tracing
from unfurler.engine.work import Work
from unfurler.limits import Limits
from unfurler.space.host import SpaceHost
from unfurler.space.install import Installer, SetUp
from unfurler.store.database import Database
from unfurler.store.leases import Leases, this_process
from unfurler.store.organizations import Organizations
from unfurler.store.presses import TakenPresses
from unfurler.store.queue_items import backlog
from unfurler.store.secrets import CannotOpen, Vault
from unfurler.web.checks import Check, Checks, Question
from unfurler.web.meters import Meters
from unfurler.web.people import People, build_people
from unfurler.web.reading import Reading, build_reading
from unfurler.web.service import Service
from unfurler.web.sharing import Sharing, build_sharing
from unfurler.web.space import Space, build_space

HOMEPAGE_PATH = "/space/homepage"
_DRAINS_AT_ONCE = 64
_CLICKS_AT_ONCE = 32
_MANY_LEFT_BEHIND = 8
_SETUPS_AT_ONCE = 4
_STORIES = 500
_STORY_BYTES = 4_096


def build_service(
    configuration: Configuration, loaded: Loaded, tracing: Tracing = UNTRACED, *, works: bool = False
) -> Service:
    """Every piece of a process that serves, or `works`. Raises RegistryConflict, ValueError for keys that are none."""
    limits = Limits()
    settings = configuration.settings
    meters = Meters()
    vault = Vault([key.get_secret_value() for key in settings.secret_keys])
    sharing = build_sharing(settings, limits, vault, works=works)
    reading = build_reading(configuration, limits, meters, tracing, sharing)
    database = Database(settings.database_url.get_secret_value())
    organizations = Organizations(database, vault)
    space = build_space(settings, limits, reading.outbound, organizations, sharing)
    people = build_people(settings.base_url, reading, organizations, database, vault, space.login)
    holder = this_process()
    tools = _tools(reading, Leases(database, holder, limits.lease_s), meters, tracing, settings, sharing)
    desk, drains, setups = _work(organizations, database, vault, reading, space, people, tools, sharing)
    installer = Installer(
        organizations,
        space.clients,
        space.probe,
        space.keys,
        space.door,
        settings.space_servers,
        setups,
        drains,
        time.time,
    )
    return Service(
        configuration=configuration,
        loaded=loaded,
        limits=limits,
        database=database,
        organizations=organizations,
        resolver=reading.resolver,
        door=space.door,
        installer=installer,
        desk=desk,
        drains=drains,
        setups=setups,
        clicks=Presses(ThreadPoolExecutor(_CLICKS_AT_ONCE, "click")),
        taken=TakenPresses(database, holder),
        meters=meters,
        people=people,
        reception=space.reception,
        clients=space.clients,
        apis=reading.apis,
        checks=_checks(database, organizations, tools.hands, sharing),
        backlog=Question("backlog", lambda: backlog(database)),
        tracing=tracing,
        sharing=sharing,
    )


def _tools(
    reading: Reading, leases: Leases, meters: Meters, tracing: Tracing, settings: Settings, sharing: Sharing
) -> Tools:
    limits = sharing.limits
    return Tools(
        resolver=reading.resolver,
        leases=leases,
        hands=Hands(limits.fetches, gave_up=lambda provider: reading.resolver.circuits.note(provider, failed=True)),
        limits=limits,
        clock=time.time,
        new_id=lambda: secrets.token_urlsafe(16),
        chance=random.random,
        stories=_stories(settings, sharing),
        observe=meters.observe,
        tracing=tracing,
    )


def _work(
    organizations: Organizations,
    database: Database,
    vault: Vault,
    reading: Reading,
    space: Space,
    people: People,
    tools: Tools,
    sharing: Sharing,
) -> tuple[Desk, Work, Work]:
    """The desk, its drains, and the set-ups: each asks the others for what they do."""
    desk = Desk(
        organizations=organizations,
        database=database,
        vault=vault,
        hosts=lambda organization: SpaceHost(lambda: space.clients.of(organization)),
        members=people.members,
        apis=reading.apis,
        tools=tools,
        storms=Storms(tools.limits.clicks_per_second, time.monotonic, same_for_s=tools.limits.same_click_s),
        blocked=lambda id: setups.ask(id),
        asked_anew=lambda id: drains.asked_anew(id),
        stopping=lambda: drains.stopped,
        waited_s=lambda id: drains.waited_s(id),
    )
    drains = sharing.work("drain", desk.drain, ThreadPoolExecutor(_DRAINS_AT_ONCE, "drain"), tools.tracing)
    set_up = SetUp(
        organizations,
        space.clients,
        reading.registry.domains,
        HOMEPAGE_PATH,
        bool(people.systems.all()),
        time.time,
        drains.ask,
    )
    setups = sharing.work("set-up", set_up.run, ThreadPoolExecutor(_SETUPS_AT_ONCE, "set-up"))
    return desk, drains, setups


def _stories(settings: Settings, sharing: Sharing) -> Stories:
    if settings.playground == "off":
        return Stories(None, time.time, 0.0)
    memory = sharing.memory_of(_STORIES, _STORY_BYTES * _STORIES)
    return Stories(memory, time.time, sharing.limits.item_life_s)


def _checks(database: Database, organizations: Organizations, hands: Hands, sharing: Sharing) -> Checks:
    checks = [
        Check("database", database.trouble, needed=True),
        Check("secrets", lambda: _sealed(organizations)),
        Check("providers", lambda: _left_behind(hands)),
    ]
    return Checks([*checks, Check("redis", sharing.trouble)] if sharing.several else checks)


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
