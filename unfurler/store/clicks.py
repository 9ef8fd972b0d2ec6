"""Presses of buttons: claimed once before anything is done, kept with what came of it."""

from __future__ import annotations

from sqlalchemy import delete, insert, select, update

from unfurler.store.database import Database
from unfurler.store.models import ClickRow, QueueItemRow


class Clicks:
    """The clicks of one organization."""

    def __init__(self, database: Database, organization: str) -> None:
        self._database = database
        self._organization = organization

    def claim(self, id: str, record: str, person: str, action: str, *, now: float, same_for_s: float) -> bool:
        """Keep this click as the one that acts. False where the same one was claimed less than `same_for_s` ago."""
        with self._database.write() as connection:
            # The record's row is the lock: two processes that got the same click line up here.
            connection.execute(
                select(QueueItemRow.id)
                .where(QueueItemRow.id == record, QueueItemRow.organization == self._organization)
                .with_for_update()
            )
            earlier = connection.execute(
                select(ClickRow.id)
                .where(
                    ClickRow.organization == self._organization,
                    ClickRow.record == record,
                    ClickRow.person == person,
                    ClickRow.action == action,
                    ClickRow.at > now - same_for_s,
                )
                .limit(1)
            ).first()
            if earlier is not None:
                return False
            connection.execute(
                insert(ClickRow).values(
                    id=id, organization=self._organization, record=record, person=person, action=action, at=now
                )
            )
        return True

    def end(self, id: str, outcome: str, sentence: str | None, now: float) -> None:
        """What came of a click."""
        with self._database.write() as connection:
            connection.execute(
                update(ClickRow)
                .where(ClickRow.id == id, ClickRow.organization == self._organization)
                .values(outcome=outcome, sentence=sentence, ended_at=now)
            )


def forget_old_clicks(database: Database, before: float) -> int:
    """Delete clicks older than that; how many."""
    with database.write() as connection:
        return connection.execute(delete(ClickRow).where(ClickRow.at < before)).rowcount
