"""One drain of an organization at a time, whoever runs it, and no writing by one who lost its turn."""

from __future__ import annotations

import os
import secrets
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, bindparam, func, select, update

from unfurler.store.database import Database
from unfurler.store.models import OrganizationRow
from unfurler.store.secrets import fingerprint

# What every drain asks, put together once: putting a statement together costs more than running it.
_ORGANIZATION = OrganizationRow.id == bindparam("organization")
_HELD = select(OrganizationRow.lease_fence, OrganizationRow.lease_holder, OrganizationRow.lease_until).where(
    _ORGANIZATION
)
_HELD_FOR_US = _HELD.with_for_update()
_TAKE = (
    update(OrganizationRow)
    .where(_ORGANIZATION)
    .values(lease_holder=bindparam("holder"), lease_until=bindparam("until"), lease_fence=bindparam("fence"))
)
_EXTEND = update(OrganizationRow).where(_ORGANIZATION).values(lease_until=bindparam("until"))
_RELEASE = (
    update(OrganizationRow)
    .where(
        _ORGANIZATION,
        OrganizationRow.lease_fence == bindparam("fence"),
        OrganizationRow.lease_holder == bindparam("holder"),
    )
    .values(lease_until=0.0, lease_holder=None)
)


class LeaseLost(Exception):
    """Somebody else drains this organization now; whoever held it before must not write any more."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to drain `organization` until it is released or runs out; `fence` grows with every new holder."""

    organization: str
    holder: str
    fence: int

    @property
    def named(self) -> dict[str, str | int]:
        """Its parts by name, for statements."""
        return {"organization": self.organization, "holder": self.holder, "fence": self.fence}

    def guard(self, connection: Connection) -> None:
        """Inside a writing transaction: nobody else has taken over. Raises LeaseLost."""
        # The holder as well: an organization that left and came back counts its fences from the beginning.
        held = connection.execute(_HELD_FOR_US, {"organization": self.organization}).one_or_none()
        if held is None or (held.lease_fence, held.lease_holder) != (self.fence, self.holder):
            raise LeaseLost(self.organization)


def this_process() -> str:
    """Who holds what this process holds; another process on this machine can tell from it whether this one lives."""
    return f"{_this_machine()}/{os.getpid()}/{secrets.token_hex(4)}"


def _this_machine() -> str:
    """The processes that see each other's numbers: one boot of one machine, one container."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text()
        space = str(Path("/proc/self/ns/pid").stat().st_ino)
    except OSError:
        return secrets.token_hex(8)
    return fingerprint(socket.gethostname(), boot, space)[:16]


def is_dead(holder: str, asking: str) -> bool:
    """Whether the holder is a process of the asking one's machine that has ended."""
    machine, _, process = holder.partition("/")
    number = process.partition("/")[0]
    if machine != asking.partition("/")[0] or not number.isdigit():
        return False
    if int(number) == os.getpid():
        return holder != asking
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    return False


def database_time(connection: Connection) -> float:
    """Seconds since 1970 by the clock that all who share the database share: its own, on SQLite this machine's."""
    if connection.dialect.name == "sqlite":
        return time.time()
    return float(connection.execute(select(func.extract("epoch", func.clock_timestamp()))).scalar_one())


class Leases:
    """Leases kept in the database, beside the etag they guard, each for `life_s` seconds by the database's clock."""

    def __init__(
        self, database: Database, holder: str, life_s: float, now: Callable[[Connection], float] = database_time
    ) -> None:
        self._database = database
        self._holder = holder
        self._life_s = life_s
        self._now = now

    def acquire(self, organization: str) -> Lease | None:
        """The lease, or None while somebody else has it who may be alive."""
        with self._database.write() as connection:
            held = connection.execute(_HELD_FOR_US, {"organization": organization}).one_or_none()
            if held is None:
                return None
            # Asked for once the row is ours: waiting for it may have taken a while.
            now = self._now(connection)
            free = held.lease_until < now or held.lease_holder in (None, self._holder)
            if not free and not is_dead(held.lease_holder, self._holder):
                return None
            lease = Lease(organization, self._holder, held.lease_fence + 1)
            connection.execute(_TAKE, lease.named | {"until": now + self._life_s})
        return lease

    def extend(self, lease: Lease) -> None:
        """Hold it for longer. Raises LeaseLost."""
        with self._database.write() as connection:
            lease.guard(connection)
            until = self._now(connection) + self._life_s
            connection.execute(_EXTEND, {"organization": lease.organization, "until": until})

    def lives_for(self, lease: Lease, at_least_s: float) -> bool:
        """Whether nobody took over, and nobody may within so many seconds. A look without a lock. Raises LeaseLost."""
        with self._database.read() as connection:
            held = connection.execute(_HELD, {"organization": lease.organization}).one_or_none()
            if held is None or (held.lease_fence, held.lease_holder) != (lease.fence, lease.holder):
                raise LeaseLost(lease.organization)
            return bool(held.lease_until - self._now(connection) >= at_least_s)

    def release(self, lease: Lease) -> None:
        """Give it back; without effect where it was lost."""
        with self._database.write() as connection:
            connection.execute(_RELEASE, lease.named)
