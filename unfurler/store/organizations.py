"""The organizations that installed us."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from cachetools import TTLCache
from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from unfurler.store.accounts import Rule
from unfurler.store.database import Database
from unfurler.store.models import OrganizationRow
from unfurler.store.secrets import Vault


@dataclass(frozen=True, slots=True)
class Organization:
    """One installation: `id` is its clientId. `secrets` in the order in which to try them; none for a manual one.

    `keys` is the server's answer about its public keys, as it came; `setup` maps a step to why it is not done, or to
    None where it is; `setup_due_at` when unfinished steps are to be tried again.
    """

    id: str
    server_url: str
    manual: bool = False
    secrets: tuple[str, ...] = field(default=(), repr=False)
    keys: str | None = field(default=None, repr=False)
    installed_by: str | None = None
    setup: Mapping[str, str | None] = field(default_factory=dict)
    setup_due_at: float | None = None
    audience_rule: Rule = "ask"
    language: str = "en"


# How long one is served as it was read last: every message of Space asks for its organization. What this process
# changes it sees at once, what another one changes after that time.
_KNOWN_S = 1.0
_KNOWN = 10_000
_RULE = select(OrganizationRow.audience_rule).where(OrganizationRow.id == bindparam("id"))
_ONE = select(OrganizationRow).where(OrganizationRow.id == bindparam("id"))


class Organizations:
    """All of them. The only place that looks at more than one at a time."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault
        self._known: TTLCache[str, Organization] = TTLCache(_KNOWN, _KNOWN_S)
        self._changes = 0
        self._lock = threading.Lock()

    def all(self) -> list[Organization]:
        """Every organization, oldest first."""
        with self._database.read() as connection:
            rows = connection.execute(select(OrganizationRow).order_by(OrganizationRow.installed_at)).all()
        return [self._organization(row) for row in rows]

    def ids(self) -> list[str]:
        """Those of all, oldest first; opens no secret."""
        with self._database.read() as connection:
            return list(connection.scalars(select(OrganizationRow.id).order_by(OrganizationRow.installed_at)))

    def find(self, id: str) -> Organization | None:
        """One by its clientId."""
        with self._lock:
            changes, known = self._changes, self._known.get(id)
        if known is not None:
            return known
        with self._database.read() as connection:
            row = connection.execute(_ONE, {"id": id}).one_or_none()
        if row is None:
            return None
        organization = self._organization(row)
        with self._lock:
            # What was changed while it was read may not be in it.
            if changes == self._changes:
                self._known[id] = organization
        return organization

    def install(
        self, id: str, server_url: str, *, secret: str | None, keys: str | None, by: str | None, now: float
    ) -> bool:
        """Keep a new organization, or give a known one its new secret. False if its id belongs to another server."""
        sealed = None if secret is None else self._vault.seal(secret)
        try:
            return self._keep(id, server_url, sealed, keys, by, now)
        except IntegrityError:
            # The same installation was delivered twice at once, and the other one was first.
            return self._keep(id, server_url, sealed, keys, by, now)

    def _keep(
        self, id: str, server_url: str, sealed: bytes | None, keys: str | None, by: str | None, now: float
    ) -> bool:
        with self._changing(id) as connection:
            known = connection.execute(
                select(OrganizationRow.server_url).where(OrganizationRow.id == id).with_for_update()
            ).scalar_one_or_none()
            if known is not None and known != server_url and sealed is not None:
                return False
            values = {"server_url": server_url, "secret_sealed": sealed, "next_secret_sealed": None, "keys": keys}
            if known is None:
                connection.execute(
                    insert(OrganizationRow).values(
                        id=id, manual=sealed is None, installed_by=by, installed_at=now, setup_due_at=now, **values
                    )
                )
            else:
                connection.execute(
                    update(OrganizationRow).where(OrganizationRow.id == id).values(setup_due_at=now, **values)
                )
        return True

    def offer_secret(self, id: str, secret: str) -> None:
        """A secret that is to replace the present one once it has been seen to work."""
        self._update(id, next_secret_sealed=self._vault.seal(secret))

    def settle_secret(self, id: str, secret: str) -> None:
        """This secret works: it is the only one from now on."""
        self._update(id, secret_sealed=self._vault.seal(secret), next_secret_sealed=None)

    def move(self, id: str, server_url: str, keys: str | None) -> None:
        """The organization's server has another address now."""
        self._update(id, server_url=server_url, keys=keys)

    def remember_keys(self, id: str, keys: str) -> None:
        """The server's public keys, as it answered."""
        self._update(id, keys=keys)

    def remember_setup(self, id: str, setup: Mapping[str, str | None], due_at: float | None) -> None:
        """How the set-up steps stand, and when to try the unfinished ones again."""
        self._update(id, setup=json.dumps(dict(setup)), setup_due_at=due_at)

    def audience_rule(self, id: str) -> Rule:
        """What the organization lets its people show of private things, as it stands now, whoever set it."""
        with self._database.read() as connection:
            rule: Any = connection.execute(_RULE, {"id": id}).scalar_one_or_none()
        return cast(Rule, rule or "never")

    def set_audience_rule(self, id: str, rule: Rule) -> None:
        """What the organization lets its people show of private things."""
        self._update(id, audience_rule=rule)

    def set_language(self, id: str, language: str) -> None:
        """The language that pages are asked for."""
        self._update(id, language=language)

    def erase(self, id: str) -> None:
        """Everything of this organization goes."""
        with self._changing(id) as connection:
            connection.execute(delete(OrganizationRow).where(OrganizationRow.id == id))

    def _update(self, id: str, **values: Any) -> None:
        with self._changing(id) as connection:
            connection.execute(update(OrganizationRow).where(OrganizationRow.id == id).values(**values))

    @contextmanager
    def _changing(self, id: str) -> Iterator[Connection]:
        """A transaction after which nobody is served the organization as it was."""
        try:
            with self._database.write() as connection:
                yield connection
        finally:
            with self._lock:
                self._changes += 1
                self._known.pop(id, None)

    def _organization(self, row: Any) -> Organization:
        sealed = (row.next_secret_sealed, row.secret_sealed)
        return Organization(
            id=row.id,
            server_url=row.server_url,
            manual=row.manual,
            secrets=tuple(self._vault.open(secret) for secret in sealed if secret is not None),
            keys=row.keys,
            installed_by=row.installed_by,
            setup=json.loads(row.setup),
            setup_due_at=row.setup_due_at,
            audience_rule=row.audience_rule,
            language=row.language,
        )
