"""The pieces of a running process, built once by the factory and handed to the views."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

import structlog
from flask import Flask

from unfurler.config import Configuration
from unfurler.engine.desk import Desk
from unfurler.engine.loading import Loaded
from unfurler.engine.ports import HostTrouble, PersonId, Press
from unfurler.engine.presses import Overloaded, Presses
from unfurler.engine.relay import Relayed
from unfurler.engine.resolve import Resolver
from unfurler.engine.tracing import Tracing
from unfurler.engine.work import Work
from unfurler.fetch.pictures import MAX_BYTES
from unfurler.limits import Limits
from unfurler.sdk.errors import NotFound
from unfurler.space import chat, identifiers
from unfurler.space.clients import Clients
from unfurler.space.door import Door
from unfurler.space.errors import SpaceError
from unfurler.space.install import Installer
from unfurler.space.people import Reception
from unfurler.store.accounts import Account
from unfurler.store.database import Database
from unfurler.store.models import ACTION_CHARS, RECORD_CHARS
from unfurler.store.organizations import Organization, Organizations
from unfurler.store.presses import TakenPress, TakenPresses
from unfurler.store.records import Backlog
from unfurler.web.checks import Checks, Question
from unfurler.web.meters import Meters
from unfurler.web.people import People
from unfurler.web.reach import Apis
from unfurler.web.sharing import Sharing

_NAME = "unfurler"
# No press takes that long: whoever took it is gone, on whatever machine that was.
_PRESS_S = 600.0
# Some seconds before whoever stops us loses patience, so that leases are given back and the exit is our own.
_RESERVE_S = 8.0
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Service:
    """What the views work with."""

    configuration: Configuration
    loaded: Loaded
    limits: Limits
    database: Database
    organizations: Organizations
    resolver: Resolver
    door: Door
    installer: Installer
    desk: Desk
    drains: Work
    setups: Work
    clicks: Presses
    taken: TakenPresses
    meters: Meters
    people: People
    reception: Reception
    clients: Clients
    apis: Apis
    checks: Checks
    backlog: Question[Backlog]
    tracing: Tracing
    sharing: Sharing

    def click(self, organization: Organization, press: Press) -> None:
        """Have a click acted on; returns once it is kept. Raises Overloaded where too many wait."""
        place = self.tracing.place()
        id = secrets.token_urlsafe(16) if _may_be_ours(press) else None

        def act() -> None:
            with self.tracing.going_on(place):
                self.desk.click(organization, replace(press, id=id))
            if id is not None:
                self.taken.done(id)

        if id is not None:
            self.taken.keep(TakenPress(id, organization.id, press.person, press.action, press.record), time.time())
        try:
            self.clicks.ask(organization.id, act)
        except Overloaded:
            if id is not None:
                self.taken.done(id)
            raise

    def look_after_presses(self) -> None:
        """Presses whose process is gone: their people are told. Returns at once."""
        for press in self.taken.left(time.time() - _PRESS_S):
            try:
                self.clicks.ask(press.organization, partial(self._tell_interrupted, press))
            except Overloaded:
                self.taken.give_back(press.id)

    def _tell_interrupted(self, press: TakenPress) -> None:
        organization = self.organizations.find(press.organization)
        if organization is None or self.desk.tell_interrupted(organization, press):
            self.taken.done(press.id)
        else:
            self.taken.give_back(press.id)

    def answer(self, organization: Organization, person: PersonId, said: str) -> None:
        """Reply to what a person wrote to us; returns at once. Raises Overloaded."""
        self.clicks.ask(organization.id, lambda: self._answer(organization, person, said))

    def _answer(self, organization: Organization, person: PersonId, said: str) -> None:
        reply = chat.answer(said, person, self.desk.items(organization.id), self.resolver)
        try:
            self.desk.hosts(organization).tell(person, reply)
        except HostTrouble as trouble:
            log.warning("chat.not-answered", organization=organization.id, reason=trouble.reason)

    def signed_in(self, organization: Organization, account: Account) -> None:
        """An account arrived: the links that waited for it get their cards."""
        self.desk.signed_in(organization, PersonId(account.person), account.system)
        self.drains.ask(organization.id)

    def uninstall(self, organization: Organization) -> None:
        """Everything of the organization goes; its people's tokens are given back to their systems."""
        accounts = self.people.accounts(organization.id).all()
        self.installer.uninstall(organization)
        if accounts:
            try:
                self.clicks.ask(organization.id, lambda: self._revoke(accounts))
            except Overloaded:
                log.warning("account.not-revoked", reason="overloaded")

    def _revoke(self, accounts: list[Account]) -> None:
        for account in accounts:
            self.people.entry.keeper.revoke(account.system, account.tokens)

    def name_of(self, organization: Organization, person: str) -> str:
        """How Space calls a person; their id where it does not tell us."""
        try:
            return self.clients.of(organization).profile(identifiers.profile(PersonId(person))).username or person
        except SpaceError:
            return person

    def picture(self, relayed: Relayed) -> bytes:
        """A picture fetched with the account that it needs. Raises UnfurlError."""
        organization = self.organizations.find(relayed.organization)
        record = self.desk.items(relayed.organization).find(relayed.record)
        account = self.people.accounts(relayed.organization).by_id(relayed.account)
        entrance = None if account is None else self.people.systems.find(account.system)
        if organization is None or record is None or account is None or entrance is None:
            raise NotFound("There is no such picture.")
        members = self.people.members(organization)
        # What is chosen now, not what was when the address was made.
        if members.audience(record, account.system) != "show":
            raise NotFound("This is not to be shown in full any more.")
        viewer = members.eyes.viewer(account)
        return self.apis.picture(entrance.provider, entrance.site, viewer, relayed.url, MAX_BYTES)

    def circuits(self) -> Mapping[str, int]:
        """How many are open, or tried, by kind."""
        ways, providers = self.apis.outbound.circuits.states(), self.resolver.circuits.states()
        return {"page": ways["page"], "api": ways["api"], "provider": providers.total()}

    def stop(self, wait_s: float | None = None) -> None:
        """Take nothing more, and end what is under way within so many seconds, or what a stopped process has."""
        until = time.monotonic() + (self.limits.shutdown_s - _RESERVE_S if wait_s is None else wait_s)
        for stopped in (self.setups, self.drains, self.clicks):
            stopped.stop(0.0)
        for stopped in (self.drains, self.clicks):
            stopped.stop(max(0.0, until - time.monotonic()))
        self.tracing.stop()

    def register(self, app: Flask) -> None:
        """Views find it by `service(current_app)`."""
        app.extensions[_NAME] = self


def _may_be_ours(press: Press) -> bool:
    """Whether a record of ours may have this button; nothing is done about any other, so it need not be kept."""
    fits = len(press.record) <= RECORD_CHARS and len(press.action) <= ACTION_CHARS
    return fits and press.record.isascii() and press.record.isprintable() and press.action.isprintable()


def service(app: Flask) -> Service:
    """The pieces that this application was built of."""
    found = app.extensions[_NAME]
    assert isinstance(found, Service)
    return found
