"""Presses of buttons: claimed once before anything is done, kept with what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from unfurler.store.database import Database
from unfurler.store.models import ClickRow, QueueItemRow

ASKED = "asked"
ANSWERED = "answered"
WITHDRAWN = "withdrawn"
INTERRUPTED = "interrupted"
# Earlier ones were settled by an earlier look.
_LOOK_BACK_S = 172_800.0
_NEWEST = 10_000


@dataclass(frozen=True, slots=True)
class ClickRecord:
    """One click as an administrator reads it: `at` in seconds since 1970, `before` and `after` the thing's state."""

    at: float
    person: str
    account: str | None
    action: str
    record: str
    before: str | None
    after: str | None
    outcome: str | None
    sentence: str | None


class Clicks:
    """The clicks of one organization."""

    def __init__(self, database: Database, organization: str) -> None:
        self._database = database
        self._organization = organization
        self._mine = ClickRow.organization == organization

    def claim(self, id: str, record: str, person: str, action: str, *, now: float, same_for_s: float) -> bool:
        """Keep this click as the one that acts, the same for so long. False where the same one was claimed before."""
        with self._database.write() as connection:
            self._lock(connection, record)
            if self._earlier(connection, record, person, action, now):
                return False
            connection.execute(
                insert(ClickRow).values(
                    id=id,
                    organization=self._organization,
                    record=record,
                    person=person,
                    action=action,
                    at=now,
                    same_until=now + same_for_s,
                )
            )
        return True

    def ask(
        self, id: str, record: str, person: str, action: str, *, now: float, same_for_s: float, what: str = ASKED
    ) -> bool:
        """The person is asked something before this action: to agree (`answer` is how they do), or `what` says.

        False where the same click asked the same less than `same_for_s` ago, and is not answered yet.
        """
        values = {"record": record, "person": person, "action": _asked(action), "outcome": what}
        mine = [*self._question(record, person, action, what), ClickRow.at > now - same_for_s]
        with self._database.write() as connection:
            self._lock(connection, record)
            if connection.execute(select(ClickRow.id).where(*mine).limit(1)).first():
                return False
            connection.execute(insert(ClickRow).values(id=id, organization=self._organization, at=now, **values))
        return True

    def is_repeated(self, record: str, person: str, action: str, *, now: float) -> bool:
        """Whether the same click was claimed before, and this is a repeat of it."""
        with self._database.read() as connection:
            return self._earlier(connection, record, person, action, now)

    def allow_again(self, id: str, at: float) -> None:
        """This click certainly did nothing: from then on the same one is a new try."""
        with self._database.write() as connection:
            connection.execute(
                update(ClickRow).where(self._mine, ClickRow.id == id, ClickRow.same_until > at).values(same_until=at)
            )

    def withdraw(self, record: str, person: str) -> None:
        """What this person was asked about a record is not to be agreed to any more."""
        with self._database.write() as connection:
            connection.execute(
                update(ClickRow)
                .where(self._mine, ClickRow.record == record, ClickRow.person == person, ClickRow.outcome == ASKED)
                .values(outcome=WITHDRAWN)
            )

    def answer(self, record: str, person: str, action: str, *, since: float, now: float) -> bool:
        """This person was asked about this action since then, and answers now; once."""
        with self._database.write() as connection:
            answered = connection.execute(
                update(ClickRow)
                .where(*self._question(record, person, action, ASKED), ClickRow.at > since)
                .values(outcome=ANSWERED, ended_at=now)
            )
        return answered.rowcount > 0

    def is_answered(self, record: str, person: str, action: str, *, now: float, same_for_s: float) -> bool:
        """Whether this person gave this answer less than `same_for_s` ago; what it led to may not be claimed yet."""
        answered = [*self._question(record, person, action, ANSWERED), ClickRow.ended_at > now - same_for_s]
        with self._database.read() as connection:
            return connection.execute(select(ClickRow.id).where(*answered).limit(1)).first() is not None

    def end(
        self,
        id: str,
        outcome: str,
        sentence: str | None,
        now: float,
        *,
        account: str | None = None,
        before: str | None = None,
        after: str | None = None,
    ) -> None:
        """What came of a click; `before` and `after` are the states of the thing in words."""
        with self._database.write() as connection:
            connection.execute(
                update(ClickRow)
                .where(self._mine, ClickRow.id == id)
                .values(outcome=outcome, sentence=sentence, ended_at=now, account=account, before=before, after=after)
            )

    def find(self, id: str) -> ClickRecord | None:
        """One click; its `outcome` is None while it is acted on, or where its process died meanwhile."""
        with self._database.read() as connection:
            row = connection.execute(select(ClickRow).where(self._mine, ClickRow.id == id)).one_or_none()
        return None if row is None else _record(row)

    def all(self) -> list[ClickRecord]:
        """What people did here, the newest first."""
        with self._database.read() as connection:
            rows = connection.execute(
                select(ClickRow)
                .where(self._mine, ClickRow.action.not_like(_asked("%")))
                .order_by(ClickRow.at.desc())
                .limit(_NEWEST)
            ).all()
        return [_record(row) for row in rows]

    def _question(self, record: str, person: str, action: str, outcome: str) -> list[ColumnElement[bool]]:
        values = {"record": record, "person": person, "action": _asked(action), "outcome": outcome}
        return [self._mine, *(getattr(ClickRow, name) == value for name, value in values.items())]

    def _lock(self, connection: Connection, record: str) -> None:
        """The record's row is the lock: two processes that got the same click line up here."""
        connection.execute(
            select(QueueItemRow.id)
            .where(QueueItemRow.id == record, QueueItemRow.organization == self._organization)
            .with_for_update()
        )

    def _earlier(self, connection: Connection, record: str, person: str, action: str, now: float) -> bool:
        same = (ClickRow.record == record, ClickRow.person == person, ClickRow.action == action)
        found = connection.execute(select(ClickRow.id).where(self._mine, *same, ClickRow.same_until > now).limit(1))
        return found.first() is not None


def _record(row: Any) -> ClickRecord:
    return ClickRecord(
        row.at, row.person, row.account, row.action, row.record, row.before, row.after, row.outcome, row.sentence
    )


def _asked(action: str) -> str:
    return f"ask:{action}"


def settle_interrupted(database: Database, before: float, now: float) -> int:
    """Claims older than that without an end were interrupted; how many. Whoever wrote a text saw it fail."""
    with database.write() as connection:
        return connection.execute(
            update(ClickRow)
            .where(ClickRow.outcome.is_(None), ClickRow.at < before, ClickRow.at > before - _LOOK_BACK_S)
            .values(outcome=INTERRUPTED, ended_at=now)
        ).rowcount


def forget_old_clicks(database: Database, before: float) -> int:
    """Delete clicks older than that; how many."""
    with database.write() as connection:
        return connection.execute(delete(ClickRow).where(ClickRow.at < before)).rowcount
