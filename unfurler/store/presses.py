"""Presses that were taken and are not done yet: kept before they are answered, so that none is forgotten by a death."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, insert, or_, select, update

from unfurler.store.database import Database
from unfurler.store.leases import is_dead
from unfurler.store.models import PressRow

# Nobody's: its process is gone, or could not tell the person.
_NOBODY = ""
_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class TakenPress:
    """One press; the click that acts on it has the same id."""

    id: str
    organization: str
    person: str
    action: str
    record: str


class TakenPresses:
    """Those of all organizations; `holder` is this process."""

    def __init__(self, database: Database, holder: str) -> None:
        self._database = database
        self._holder = holder

    def keep(self, press: TakenPress, now: float) -> None:
        """This process takes it."""
        with self._database.write() as connection:
            connection.execute(
                insert(PressRow).values(
                    id=press.id,
                    organization=press.organization,
                    person=press.person,
                    action=press.action,
                    record=press.record,
                    holder=self._holder,
                    at=now,
                )
            )

    def done(self, id: str) -> None:
        """Nothing is left to be done about it."""
        with self._database.write() as connection:
            connection.execute(delete(PressRow).where(PressRow.id == id))

    def give_back(self, id: str) -> None:
        """Somebody else is to look after it, or this process later."""
        with self._database.write() as connection:
            connection.execute(update(PressRow).where(PressRow.id == id).values(holder=_NOBODY))

    def left(self, before: float) -> list[TakenPress]:
        """Those of processes that have ended, and what is older than `before` whoever took it: they are ours now."""
        with self._database.read() as connection:
            holders = connection.scalars(select(PressRow.holder).distinct())
            gone = [holder for holder in holders if holder == _NOBODY or is_dead(holder, self._holder)]
            rows = connection.execute(
                select(PressRow)
                .where(or_(PressRow.holder.in_(gone), PressRow.at < before))
                .order_by(PressRow.at)
                .limit(_AT_ONCE)
            ).all()
        ours = []
        for row in rows:
            with self._database.write() as connection:
                taken = connection.execute(
                    update(PressRow)
                    .where(PressRow.id == row.id, PressRow.holder == row.holder)
                    .values(holder=self._holder)
                ).rowcount
            if taken:
                ours.append(TakenPress(row.id, row.organization, row.person, row.action, row.record))
        return ours
