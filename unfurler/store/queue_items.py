"""The queue items of an organization: each with its link, and with how it ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, ScalarSelect, and_, bindparam, case, delete, func, or_, select, update

from unfurler.store.accounts import Audience
from unfurler.store.database import Database
from unfurler.store.intake import take_in
from unfurler.store.leases import Lease
from unfurler.store.models import REASON_CHARS, STATE_CHARS, OrganizationRow, QueueItemRow
from unfurler.store.records import Again, Backlog, Ended, NewItem, Record, Resumed, Size
from unfurler.store.secrets import CannotOpen, Vault, fingerprint

SET_ASIDE = "not-now"

# What every drain asks, put together once: putting a statement together costs more than running it.
_MINE = QueueItemRow.organization == bindparam("mine")
_OPEN = (_MINE, QueueItemRow.ended_at.is_(None))
# Of open items alone. As it stands, the column would have a database walk through its index, and months of records that
# have ended, to those few.
_PLACE = QueueItemRow.etag + 0
_ETAG = select(OrganizationRow.etag).where(OrganizationRow.id == bindparam("mine"))
_FURTHEST = select(func.max(QueueItemRow.etag)).where(_MINE).scalar_subquery()
_READ_UNTIL = select(_FURTHEST, _ETAG.scalar_subquery())
_WAITING = (
    select(QueueItemRow)
    .where(*_OPEN, QueueItemRow.due_at <= bindparam("now"))
    .order_by(_PLACE)
    .limit(bindparam("at_most"))
)
_NEXT_DUE = select(func.min(QueueItemRow.due_at)).where(*_OPEN)
_UNDER_WAY_ELSEWHERE = select(QueueItemRow.id, QueueItemRow.crashes).where(
    *_OPEN, QueueItemRow.begun_by != bindparam("holder")
)
_BEGIN = update(QueueItemRow).where(_MINE, QueueItemRow.id == bindparam("record")).values(begun_by=bindparam("holder"))
_END = (
    update(QueueItemRow)
    .where(*_OPEN, QueueItemRow.id == bindparam("record"))
    .values(
        {column: bindparam(f"new_{column}") for column in ("end", "reason", "provider", "offered", "state", "ended_at")}
    )
)
_FIRST_OPEN = select(func.min(_PLACE)).where(*_OPEN).scalar_subquery()
_LAST_BEFORE = select(func.max(QueueItemRow.etag)).where(_MINE, QueueItemRow.etag < _FIRST_OPEN).scalar_subquery()
# Each part of it is one step in an index, however many records there are.
_ENDED_UNTIL = case((_FIRST_OPEN.is_(None), _FURTHEST), else_=_LAST_BEFORE)
_MOVE_ETAG = (
    update(OrganizationRow)
    .where(
        OrganizationRow.id == bindparam("mine"),
        or_(OrganizationRow.etag < _ENDED_UNTIL, and_(OrganizationRow.etag.is_(None), _ENDED_UNTIL.is_not(None))),
    )
    .values(etag=_ENDED_UNTIL)
)


class QueueItems:
    """The queue items of one organization; nobody else's can be reached through it."""

    def __init__(self, database: Database, vault: Vault, organization: str) -> None:
        self._database = database
        self._vault = vault
        self._organization = organization
        self._mine = QueueItemRow.organization == organization
        self._of = {"mine": organization}

    def etag(self) -> int | None:
        """The place in the queue up to which every item has ended; None before the first."""
        with self._database.read() as connection:
            return connection.execute(_ETAG, self._of).scalar_one_or_none()

    def resume(self, lease: Lease, now: float, at_most: int, wait_s: Callable[[int], float]) -> Resumed:
        """Where the queue was left. Raises LeaseLost.

        Items are recorded before reading goes on, in the order of the queue, so nothing before the furthest has to be
        read again, however far behind the oldest item that has not ended is.

        Each item that was under way in a process that has the lease no more has one crash more, and waits for so many
        seconds as `wait_s` says for its number of crashes.
        """
        with self._database.read() as connection:
            crashed = connection.execute(_UNDER_WAY_ELSEWHERE, self._of | {"holder": lease.holder}).all()
            places = connection.execute(_READ_UNTIL, self._of).one()
            waiting = self._waiting(connection, now, at_most)
        if crashed:
            self._count_crashes(lease, {row.id: row.crashes + 1 for row in crashed}, now, wait_s)
            waiting = self.waiting(now, at_most)
        return Resumed(max((place for place in places if place is not None), default=None), waiting, len(crashed))

    def take_in(self, lease: Lease, items: Sequence[NewItem], now: float) -> list[Record]:
        """Keep those that are not known yet. Further links of a message, and repeats, get one line each."""
        with self._database.write() as connection:
            lease.guard(connection)
            return take_in(connection, self._vault, self._organization, items, now)

    def waiting(self, now: float, at_most: int) -> list[Record]:
        """Items that have not ended and whose time has come, oldest first."""
        with self._database.read() as connection:
            return self._waiting(connection, now, at_most)

    def _waiting(self, connection: Connection, now: float, at_most: int) -> list[Record]:
        rows = connection.execute(_WAITING, self._of | {"now": now, "at_most": at_most}).all()
        return [self._record(row) for row in rows]

    def begin(self, lease: Lease, records: Sequence[str]) -> None:
        """These are under way now, in the process that holds the lease. Raises LeaseLost."""
        with self._database.write() as connection:
            lease.guard(connection)
            connection.execute(_BEGIN, [self._of | {"record": record, "holder": lease.holder} for record in records])

    def leave(self, lease: Lease) -> None:
        """What was begun under the lease is not under way any more, and not by an accident. Raises LeaseLost."""
        with self._database.write() as connection:
            lease.guard(connection)
            connection.execute(
                update(QueueItemRow)
                .where(self._mine, QueueItemRow.ended_at.is_(None), QueueItemRow.begun_by == lease.holder)
                .values(begun_by=None)
            )

    def _count_crashes(
        self, lease: Lease, crashes: Mapping[str, int], now: float, wait_s: Callable[[int], float]
    ) -> None:
        with self._database.write() as connection:
            lease.guard(connection)
            for record, count in crashes.items():
                connection.execute(
                    update(QueueItemRow)
                    .where(
                        self._mine,
                        QueueItemRow.id == record,
                        QueueItemRow.ended_at.is_(None),
                        QueueItemRow.begun_by != lease.holder,
                    )
                    .values(begun_by=None, crashes=count, due_at=now + wait_s(count))
                )

    def next_due(self) -> float | None:
        """When the next item that waits for another try is due."""
        with self._database.read() as connection:
            return connection.execute(_NEXT_DUE, self._of).scalar_one()

    def find(self, record: str) -> Record | None:
        """One record of this organization."""
        with self._database.read() as connection:
            row = connection.execute(select(QueueItemRow).where(self._mine, QueueItemRow.id == record)).one_or_none()
        return None if row is None else self._record(row)

    def end(self, lease: Lease, ended: Sequence[Ended], now: float) -> None:
        """Record ends, and move the etag past what has ended, in one transaction. Raises LeaseLost."""
        with self._database.write() as connection:
            lease.guard(connection)
            connection.execute(_END, [self._of | _values(one, now) for one in ended])
            connection.execute(_MOVE_ETAG, self._of)

    def try_again(self, lease: Lease, again: Sequence[Again]) -> None:
        """These wait for another try. Raises LeaseLost."""
        with self._database.write() as connection:
            lease.guard(connection)
            for one in again:
                connection.execute(
                    update(QueueItemRow)
                    .where(self._mine, QueueItemRow.id == one.record)
                    .values(tries=one.tries, due_at=one.due_at, begun_by=None)
                )

    def shown_again(self, record: str, size: Size, offered: Sequence[str], state: str | None = None) -> None:
        """The card was posted anew after a click: its size, its buttons and the state it shows are others now."""
        with self._database.write() as connection:
            connection.execute(
                update(QueueItemRow)
                .where(self._mine, QueueItemRow.id == record)
                .values(size=size, offered=" ".join(offered), state=state and state[:STATE_CHARS])
            )

    def choose(self, record: str, audience: Audience) -> None:
        """The author chose who may see what their account sees of this link."""
        with self._database.write() as connection:
            connection.execute(
                update(QueueItemRow).where(self._mine, QueueItemRow.id == record).values(audience=audience)
            )

    def set_aside(self, person: str, provider: str, end: str) -> None:
        """What ended so for this person waits for nothing any more, until they come to this provider by themselves."""
        mine = (QueueItemRow.author == person, QueueItemRow.provider == provider, QueueItemRow.end == end)
        with self._database.write() as connection:
            connection.execute(update(QueueItemRow).where(self._mine, *mine).values(reason=SET_ASIDE))

    def reopen(self, person: str, provider: str, end: str, *, since: float, now: float) -> int:
        """What ended so for this person waits again, and the queue is read again from there; how many.

        What was set aside at other providers than this one stays so.
        """
        with self._database.write() as connection:
            reopened = connection.execute(
                update(QueueItemRow)
                .where(
                    self._mine,
                    QueueItemRow.author == person,
                    QueueItemRow.end == end,
                    or_(QueueItemRow.provider == provider, QueueItemRow.reason != SET_ASIDE),
                    QueueItemRow.received_at > since,
                )
                .values(end=None, reason=None, ended_at=None, due_at=now, begun_by=None)
            )
            first = connection.execute(select(_FIRST_OPEN), self._of).scalar_one()
            if reopened.rowcount and first is not None:
                connection.execute(
                    update(OrganizationRow)
                    .where(OrganizationRow.id == self._organization, OrganizationRow.etag >= first)
                    .values(etag=first - 1)
                )
        return reopened.rowcount

    def latest_of(self, url: str, author: str | None = None) -> tuple[str | None, str | None] | None:
        """How the latest record of a link ended, and why; None where the link is not known here.

        With `author`, the latest record of a link of theirs.
        """
        mine = [self._mine, QueueItemRow.link_hash == fingerprint(self._organization, url)]
        if author is not None:
            mine.append(QueueItemRow.author == author)
        with self._database.read() as connection:
            row = connection.execute(
                select(QueueItemRow.end, QueueItemRow.reason)
                .where(*mine)
                .order_by(QueueItemRow.received_at.desc())
                .limit(1)
            ).first()
        return None if row is None else (row.end, row.reason)

    def end_of(self, item: str) -> tuple[str | None, str | None] | None:
        """How an item ended, and why; (None, None) while it has not, None where it is not known here."""
        with self._database.read() as connection:
            row = connection.execute(
                select(QueueItemRow.end, QueueItemRow.reason).where(self._mine, QueueItemRow.item == item)
            ).first()
        return None if row is None else (row.end, row.reason)

    def _record(self, row: Any) -> Record:
        return Record(
            id=row.id,
            item=row.item,
            url=self._url(row.link_sealed),
            author=row.author,
            size=row.size,
            received_at=row.received_at,
            tries=row.tries,
            end=row.end,
            provider=row.provider,
            offered=tuple(row.offered.split()),
            audience=row.audience,
            state=row.state,
            crashes=row.crashes,
        )

    def _url(self, sealed: bytes) -> str:
        try:
            return self._vault.open(sealed)
        except CannotOpen:
            return ""


def _of_each(what: ColumnElement[Any]) -> ScalarSelect[Any]:
    open_items = (QueueItemRow.organization == OrganizationRow.id, QueueItemRow.ended_at.is_(None))
    return select(what).where(*open_items).correlate(OrganizationRow).scalar_subquery()


# Organization by organization, so that the index of what waits is used and months of records are not read.
BACKLOG = select(func.sum(_of_each(func.count())), func.min(_of_each(func.min(QueueItemRow.received_at)))).select_from(
    OrganizationRow
)


def backlog(database: Database) -> Backlog:
    """The items of all organizations that have not ended."""
    with database.read() as connection:
        count, oldest = connection.execute(BACKLOG).one()
    return Backlog(int(count or 0), oldest)


def _values(one: Ended, now: float) -> dict[str, Any]:
    return {
        "record": one.record,
        "new_end": one.end,
        "new_reason": one.reason and one.reason[:REASON_CHARS],
        "new_provider": one.provider,
        "new_offered": " ".join(one.offered),
        "new_state": one.state and one.state[:STATE_CHARS],
        "new_ended_at": now,
    }


def forget_old_items(database: Database, before: float) -> int:
    """Delete records received before that; how many."""
    with database.write() as connection:
        return connection.execute(delete(QueueItemRow).where(QueueItemRow.received_at < before)).rowcount
