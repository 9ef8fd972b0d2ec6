"""The engine between a real database and a chat side in memory, with a provider that does what a test says."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

import pytest
from cryptography.fernet import Fernet

from unfurler.engine.cards import CardMemory
from unfurler.engine.desk import Desk
from unfurler.engine.eyes import Eyes
from unfurler.engine.hands import Hands
from unfurler.engine.happenings import Happening
from unfurler.engine.members import Members
from unfurler.engine.ports import HostTrouble, ItemId, PersonId, Preview, QueueItem, Verdict
from unfurler.engine.registry import Installed, Registry
from unfurler.engine.relay import Relay
from unfurler.engine.resolve import Resolver
from unfurler.engine.sign_in import Entry
from unfurler.engine.storms import Storms
from unfurler.engine.story import Stories
from unfurler.engine.systems import Systems
from unfurler.engine.tokens import TokenKeeper
from unfurler.engine.tools import Tools
from unfurler.limits import Limits
from unfurler.sdk.card import Card
from unfurler.sdk.provider import Provider, Sites
from unfurler.store.accounts import Accounts, Choices
from unfurler.store.cache import LocalMemory, OneAtATime
from unfurler.store.database import Database
from unfurler.store.leases import Leases
from unfurler.store.organizations import Organizations
from unfurler.store.queue_items import QueueItems
from unfurler.store.secrets import Vault
from unfurler.store.sign_ins import SignIns
from unfurler.store.upgrade import upgrade


class Clock:
    """Seconds that a test moves."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Chat:
    """The chat side of one organization, as the engine sees it."""

    queue: list[QueueItem] = field(default_factory=list)
    posted: dict[str, list[Preview]] = field(default_factory=dict)
    told: list[tuple[str, str | Preview]] = field(default_factory=list)
    trouble: HostTrouble | None = None
    refuses_posts: HostTrouble | None = None
    verdicts: dict[str, Verdict | None] = field(default_factory=dict)
    asked: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def someone_posts(self, *paths: str, message: str | None = None) -> list[str]:
        """Links of the test's provider; the ids of their items."""
        with self.lock:
            first = len(self.queue) + 1
            for etag, path in enumerate(paths, first):
                url = path if "//" in path else f"https://tracker.example/{path}"
                self.queue.append(QueueItem(ItemId(f"i{etag}"), url, PersonId("author"), message, etag))
        return [f"i{etag}" for etag in range(first, first + len(paths))]

    def waiting(self, after: int | None, at_most: int) -> Sequence[QueueItem]:
        self.asked += 1
        if self.trouble is not None:
            raise self.trouble
        with self.lock:
            return [item for item in self.queue if after is None or item.etag > after][:at_most]

    def answer(self, previews: Mapping[ItemId, Preview]) -> Mapping[ItemId, Verdict]:
        if self.refuses_posts is not None:
            raise self.refuses_posts
        said = {}
        for item, preview in previews.items():
            verdict = self.verdicts.get(item, Verdict.SHOWN)
            if verdict is Verdict.SHOWN:
                self.posted.setdefault(item, []).append(preview)
            if verdict is not None:
                said[item] = verdict
        return said

    def tell(self, person: PersonId, message: str | Preview) -> None:
        self.told.append((person, message))

    @property
    def titles(self) -> dict[str, str]:
        """Item → the title of its card as it stands now."""
        return {item: previews[-1].card.title for item, previews in self.posted.items()}


class Untouched:
    """An API through which nothing was done, as far as a test says so."""

    changed = False


@dataclass
class World:
    """Everything for one organization called `acme`; `cards[name]` makes the card of `/name`."""

    desk: Desk
    chat: Chat
    clock: Clock
    cards: dict[str, Callable[[], Card]]
    acts: list[str]
    happened: list[Happening]
    api: Untouched
    news: list[str] = field(default_factory=list)
    stopping: bool = False

    @property
    def items(self) -> QueueItems:
        return QueueItems(self.desk.database, self.desk.vault, "acme")

    @property
    def organization(self):
        return self.desk.organizations.find("acme")

    def sees_the_end_of(self, thread: threading.Thread) -> bool:
        """Whether it ends in less time than a provider has, which passes in steps: each may be noticed late."""
        time.sleep(0.3)
        for _ in range(3):
            self.clock.now += 14
            thread.join(5)
            if not thread.is_alive():
                return True
        return False

    def ended(self) -> dict[str, str]:
        """Item → how it ended."""
        with self.desk.database.read() as connection:
            rows = connection.exec_driver_sql("select item, coalesce(reason, end) from queue_items where end notnull")
            return dict(rows.all())


@pytest.fixture(scope="session")
def migrated(tmp_path_factory):
    path = tmp_path_factory.mktemp("engine") / "template.db"
    database = Database(f"sqlite:///{path}")
    upgrade(database)
    database.close()
    return path


def tracker(cards: dict[str, Callable[[], Card]], acts: list[str]) -> Provider:
    """A provider whose cards a test makes, with one action."""
    provider = Provider("tracker", title="Tracker", sites=Sites("tracker.example"))

    @provider.link("/<name>")
    def page(link, api, name):
        return cards[name]() if name in cards else Card(title=name, buttons=[close.button("Close")])

    @provider.action
    def close(click, api, name):
        acts.append(name)
        return f"Closed {name}"

    return provider


class NoLogin:
    """A chat side that lets nobody prove who they are."""

    def offered(self, organization: str) -> bool:
        return False


def strangers(organization, resolver, database, vault, clock) -> Members:
    """The members of an organization in which nobody can sign in anywhere."""
    systems, accounts = Systems([]), Accounts(database, vault, organization.id)
    keeper = TokenKeeper(systems, clock, lambda seconds: None)
    return Members(
        organization=organization.id,
        base_url="https://unfurl.example",
        eyes=Eyes(organization.id, resolver, systems, accounts, keeper, organization.language),
        systems=systems,
        accounts=accounts,
        choices=Choices(database, organization.id),
        entry=Entry(
            SignIns(database, vault),
            systems,
            lambda id: accounts,
            keeper,
            lambda entrance, viewer: None,
            NoLogin(),
            clock,
        ),
        relay=Relay("https://unfurl.example", vault, clock),
        rule=lambda: "ask",
        clock=clock,
    )


@pytest.fixture
def world(tmp_path, migrated):
    """An engine of which nothing is replaced but the chat side, the provider and the clock."""
    shutil.copy(migrated, tmp_path / "engine.db")
    database, vault, clock = (
        Database(f"sqlite:///{tmp_path}/engine.db"),
        Vault([Fernet.generate_key().decode()]),
        Clock(),
    )
    organizations = Organizations(database, vault)
    organizations.install("acme", "https://acme.example", secret="s", keys=None, by=None, now=clock())
    cards, acts, happened, chat, numbers = {}, [], [], Chat(), count()
    provider = tracker(cards, acts)
    registry = Registry([Installed(provider, (provider.sites.public,))])
    limits = Limits()
    memory = LocalMemory(max_entries=1_000, max_bytes=1_000_000, clock=clock)
    resolver = Resolver(
        registry,
        lambda match, viewer: None,
        CardMemory(memory, clock),
        OneAtATime(60.0),
        limits,
        lifetime_s=None,
        observe=happened.append,
    )
    tools = Tools(
        resolver=resolver,
        leases=Leases(database, "me/1/x", 60.0, now=lambda connection: clock()),
        hands=Hands(64, gave_up=lambda lane: resolver.circuits.note(lane, failed=True)),
        limits=limits,
        clock=clock,
        new_id=lambda: f"n{next(numbers)}",
        chance=lambda: 1.0,
        observe=happened.append,
        stories=Stories(None, clock, 0.0),
    )
    desk = Desk(
        organizations=organizations,
        database=database,
        vault=vault,
        hosts=lambda organization: chat,
        members=lambda organization: strangers(organization, resolver, database, vault, clock),
        apis=lambda match, viewer: made.api,
        tools=tools,
        storms=Storms(1_000.0, clock),
        blocked=lambda id: None,
        asked_anew=lambda id: bool(made.news and made.news.pop()),
        stopping=lambda: made.stopping,
    )
    made = World(desk, chat, clock, cards, acts, happened, Untouched())
    yield made
    database.close()
