"""One drain of an organization at a time, whoever runs it, and no writing by one who lost its turn."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, or_, select, update

from unfurler.store.database import Database
from unfurler.store.models import OrganizationRow


class LeaseLost(Exception):
    """Somebody else drains this organization now; whoever held it before must not write any more."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to drain `organization` until it is released or runs out; `fence` grows with every new holder."""

    organization: str
    holder: str
    fence: int

    def guard(self, connection: Connection) -> None:
        """Inside a writing transaction: nobody else has taken over. Raises LeaseLost."""
        fence = connection.execute(
            select(OrganizationRow.lease_fence).where(OrganizationRow.id == self.organization).with_for_update()
        ).scalar_one_or_none()
        if fence != self.fence:
            raise LeaseLost(self.organization)


class Leases:
    """Leases kept in the database, beside the etag they guard."""

    def __init__(self, database: Database, holder: str, life_s: float) -> None:
        self._database = database
        self._holder = holder
        self._life_s = life_s

    def acquire(self, organization: str, now: float) -> Lease | None:
        """The lease, or None while somebody else has it."""
        free = or_(OrganizationRow.lease_until < now, OrganizationRow.lease_holder == self._holder)
        with self._database.write() as connection:
            taken = connection.execute(
                update(OrganizationRow)
                .where(OrganizationRow.id == organization, free)
                .values(
                    lease_holder=self._holder,
                    lease_until=now + self._life_s,
                    lease_fence=OrganizationRow.lease_fence + 1,
                )
                .returning(OrganizationRow.lease_fence)
            ).scalar_one_or_none()
        return None if taken is None else Lease(organization, self._holder, taken)

    def extend(self, lease: Lease, now: float) -> None:
        """Hold it for longer. Raises LeaseLost."""
        with self._database.write() as connection:
            lease.guard(connection)
            connection.execute(
                update(OrganizationRow)
                .where(OrganizationRow.id == lease.organization)
                .values(lease_until=now + self._life_s)
            )

    def release(self, lease: Lease) -> None:
        """Give it back; without effect where it was lost."""
        with self._database.write() as connection:
            connection.execute(
                update(OrganizationRow)
                .where(OrganizationRow.id == lease.organization, OrganizationRow.lease_fence == lease.fence)
                .values(lease_until=0.0, lease_holder=None)
            )
