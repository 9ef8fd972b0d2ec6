"""One-time links to a page with a field: what a button asks for before it can act."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update

from unfurler.store.database import Database
from unfurler.store.models import FormRow
from unfurler.store.secrets import fingerprint


@dataclass(frozen=True, slots=True)
class Form:
    """Who was asked, for which action on which record."""

    organization: str
    person: str
    record: str
    action: str


class Forms:
    """All of them: a link has to be found before anybody knows whose it is. Ids are kept as hashes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def send(self, id: str, form: Form, expires_at: float) -> None:
        """A link with this id was sent to one person."""
        with self._database.write() as connection:
            connection.execute(
                insert(FormRow).values(
                    id_hash=fingerprint(id),
                    organization=form.organization,
                    person=form.person,
                    record=form.record,
                    action=form.action,
                    expires_at=expires_at,
                )
            )

    def find(self, id: str, now: float) -> Form | None:
        """The form of a link, while it may be used."""
        with self._database.read() as connection:
            row = connection.execute(
                select(FormRow).where(
                    FormRow.id_hash == fingerprint(id), FormRow.expires_at > now, FormRow.used.is_(False)
                )
            ).one_or_none()
        return None if row is None else Form(row.organization, row.person, row.record, row.action)

    def use(self, id: str, now: float) -> Form | None:
        """The form of a link, once."""
        found = self.find(id, now)
        with self._database.write() as connection:
            used = connection.execute(
                update(FormRow).where(FormRow.id_hash == fingerprint(id), FormRow.used.is_(False)).values(used=True)
            )
        return found if used.rowcount == 1 else None


def forget_old_forms(database: Database, before: float) -> int:
    """Delete what expired before that; how many."""
    with database.write() as connection:
        return connection.execute(delete(FormRow).where(FormRow.expires_at < before)).rowcount
