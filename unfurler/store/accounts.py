"""The accounts that people of one organization signed in with, and what they chose about showing what these see."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, delete, insert, select, update

from unfurler.store.database import Database
from unfurler.store.models import AccountRow, ChoiceRow
from unfurler.store.secrets import Vault

Audience = Literal["show", "title", "never"]
Rule = Literal["ask", "title", "never"]
"""What an organization lets its people choose: everything, at most the title, nothing."""


@dataclass(frozen=True, slots=True)
class System:
    """One site of one provider: what an account belongs to."""

    provider: str
    site: str


@dataclass(frozen=True, slots=True)
class Tokens:
    """What proves an account: `expires_at` in seconds since 1970, None where the system does not say."""

    access: str = field(repr=False)
    refresh: str | None = field(default=None, repr=False)
    expires_at: float | None = None
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """A person's signed-in identity in one system."""

    id: str
    person: str
    system: System
    identity: str
    name: str
    tokens: Tokens
    signed_in_at: float


class Accounts:
    """The accounts of one organization; nobody else's can be reached through it."""

    def __init__(self, database: Database, vault: Vault, organization: str) -> None:
        self._database = database
        self._vault = vault
        self._organization = organization
        self._mine = AccountRow.organization == organization

    def find(self, person: str, system: System) -> Account | None:
        """A person's account in a system."""
        with self._database.read() as connection:
            row = connection.execute(select(AccountRow).where(self._of(person, system))).one_or_none()
        return None if row is None else self._account(row)

    def by_id(self, id: str) -> Account | None:
        """One account of this organization."""
        with self._database.read() as connection:
            row = connection.execute(select(AccountRow).where(self._mine, AccountRow.id == id)).one_or_none()
        return None if row is None else self._account(row)

    def of(self, person: str) -> list[Account]:
        """All accounts of a person, by system."""
        with self._database.read() as connection:
            rows = connection.execute(
                select(AccountRow)
                .where(self._mine, AccountRow.person == person)
                .order_by(AccountRow.provider, AccountRow.site)
            ).all()
        return [self._account(row) for row in rows]

    def all(self) -> list[Account]:
        """Every account of this organization."""
        with self._database.read() as connection:
            rows = connection.execute(select(AccountRow).where(self._mine)).all()
        return [self._account(row) for row in rows]

    def keep(self, account: Account) -> None:
        """This is the person's account in that system now, in place of an earlier one."""
        with self._database.write() as connection:
            connection.execute(delete(AccountRow).where(self._of(account.person, account.system)))
            connection.execute(
                insert(AccountRow).values(
                    id=account.id,
                    organization=self._organization,
                    person=account.person,
                    provider=account.system.provider,
                    site=account.system.site,
                    identity=account.identity,
                    name=account.name,
                    tokens_sealed=self._sealed(account.tokens),
                    signed_in_at=account.signed_in_at,
                )
            )

    def renewed(self, id: str, tokens: Tokens) -> bool:
        """The account has other tokens now; whether it is still there."""
        with self._database.write() as connection:
            kept = connection.execute(
                update(AccountRow)
                .where(self._mine, AccountRow.id == id)
                .values(tokens_sealed=self._sealed(tokens), renewing_until=0.0)
            )
        return kept.rowcount == 1

    def end_renewing(self, id: str) -> None:
        """The tokens of an account stay as they are; somebody else may try."""
        with self._database.write() as connection:
            connection.execute(update(AccountRow).where(self._mine, AccountRow.id == id).values(renewing_until=0.0))

    def begin_renewing(self, id: str, now: float, for_s: float) -> bool:
        """The right to renew the tokens of an account; False while somebody else does."""
        with self._database.write() as connection:
            taken = connection.execute(
                update(AccountRow)
                .where(self._mine, AccountRow.id == id, AccountRow.renewing_until < now)
                .values(renewing_until=now + for_s)
            )
        return taken.rowcount == 1

    def erase(self, id: str) -> None:
        """Signed out."""
        with self._database.write() as connection:
            connection.execute(delete(AccountRow).where(self._mine, AccountRow.id == id))

    def _of(self, person: str, system: System) -> ColumnElement[bool]:
        return and_(
            self._mine,
            AccountRow.person == person,
            AccountRow.provider == system.provider,
            AccountRow.site == system.site,
        )

    def _sealed(self, tokens: Tokens) -> bytes:
        return self._vault.seal(json.dumps([tokens.access, tokens.refresh, tokens.expires_at, list(tokens.scopes)]))

    def _account(self, row: Any) -> Account:
        access, refresh, expires_at, scopes = json.loads(self._vault.open(row.tokens_sealed))
        return Account(
            id=row.id,
            person=row.person,
            system=System(row.provider, row.site),
            identity=row.identity,
            name=row.name,
            tokens=Tokens(access, refresh, expires_at, tuple(scopes)),
            signed_in_at=row.signed_in_at,
        )


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person decided for good about one system: not to be asked, and who may see what their account sees."""

    system: System
    never_ask: bool = False
    audience: Audience | None = None


class Choices:
    """The choices of the people of one organization."""

    def __init__(self, database: Database, organization: str) -> None:
        self._database = database
        self._organization = organization
        self._mine = ChoiceRow.organization == organization

    def find(self, person: str, system: System) -> Choice:
        """What the person chose; nothing where they did not."""
        with self._database.read() as connection:
            row = connection.execute(
                select(ChoiceRow).where(
                    self._mine,
                    ChoiceRow.person == person,
                    ChoiceRow.provider == system.provider,
                    ChoiceRow.site == system.site,
                )
            ).one_or_none()
        return Choice(system) if row is None else Choice(system, row.never_ask, row.audience)

    def of(self, person: str) -> list[Choice]:
        """Everything that the person chose."""
        with self._database.read() as connection:
            rows = connection.execute(select(ChoiceRow).where(self._mine, ChoiceRow.person == person)).all()
        return [Choice(System(row.provider, row.site), row.never_ask, row.audience) for row in rows]

    def keep(self, person: str, choice: Choice) -> None:
        """The person chose so."""
        key = {"organization": self._organization, "person": person}
        key |= {"provider": choice.system.provider, "site": choice.system.site}
        with self._database.write() as connection:
            connection.execute(
                delete(ChoiceRow).where(*(getattr(ChoiceRow, name) == value for name, value in key.items()))
            )
            connection.execute(insert(ChoiceRow).values(never_ask=choice.never_ask, audience=choice.audience, **key))
