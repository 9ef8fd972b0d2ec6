"""Builds what people sign in with, and what they may see: the second half of a service."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from unfurler.engine.eyes import Eyes
from unfurler.engine.members import Members
from unfurler.engine.relay import Relay
from unfurler.engine.sign_in import Entry, Login
from unfurler.engine.systems import Systems
from unfurler.engine.tokens import TokenKeeper
from unfurler.store.accounts import Accounts, Choices
from unfurler.store.database import Database
from unfurler.store.organizations import Organization, Organizations
from unfurler.store.secrets import Vault
from unfurler.store.sign_ins import SignIns
from unfurler.web.reading import Reading


@dataclass(frozen=True, slots=True)
class People:
    """Sign-in, and the members of each organization."""

    systems: Systems
    entry: Entry
    relay: Relay
    accounts: Callable[[str], Accounts]
    choices: Callable[[str], Choices]
    members: Callable[[Organization], Members]


def build_people(
    base_url: str, reading: Reading, organizations: Organizations, database: Database, vault: Vault, login: Login
) -> People:
    """Everything about accounts."""
    systems = reading.systems
    keeper = TokenKeeper(systems, time.time, time.sleep)
    relay = Relay(base_url, vault, time.time)

    def accounts(id: str) -> Accounts:
        return Accounts(database, vault, id)

    def choices(id: str) -> Choices:
        return Choices(database, id)

    entry = Entry(
        sign_ins=SignIns(database, vault),
        systems=systems,
        accounts=accounts,
        keeper=keeper,
        api_for=lambda entrance, viewer: reading.apis.at(entrance.provider, entrance.site, viewer),
        login=login,
        clock=time.time,
    )

    def members(organization: Organization) -> Members:
        mine = accounts(organization.id)
        return Members(
            organization=organization.id,
            base_url=base_url,
            eyes=Eyes(organization.id, reading.resolver, systems, mine, keeper, organization.language),
            systems=systems,
            accounts=mine,
            choices=choices(organization.id),
            entry=entry,
            relay=relay,
            rule=lambda: organizations.audience_rule(organization.id),
            clock=time.time,
        )

    return People(systems, entry, relay, accounts, choices, members)
