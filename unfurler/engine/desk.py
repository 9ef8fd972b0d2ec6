"""The engine's two ways for any organization: drain its queue, act on a click."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import structlog

from unfurler.engine.click import Clicker, Press
from unfurler.engine.drain import Drain, Tools
from unfurler.engine.ports import Host, HostTrouble, OrganizationId
from unfurler.engine.resolve import Apis
from unfurler.engine.storms import Storms
from unfurler.store.clicks import Clicks
from unfurler.store.database import Database
from unfurler.store.leases import LeaseLost
from unfurler.store.organizations import Organization, Organizations
from unfurler.store.queue_items import QueueItems
from unfurler.store.secrets import Vault

log = structlog.get_logger(__name__)

_BUSY_S = 2.0
_FIRST_WAIT_S = 2.0
_LONGEST_WAIT_S = 60.0
_BLOCKED_S = 600.0


@dataclass(slots=True)
class Desk:
    """What this process does for organizations; `hosts` gives the chat side of one."""

    organizations: Organizations
    database: Database
    vault: Vault
    hosts: Callable[[Organization], Host]
    apis: Apis
    tools: Tools
    storms: Storms
    # Called with an organization's id where it has to be set up anew before links can be answered.
    blocked: Callable[[str], None]
    count: Callable[[Mapping[str, int]], None]
    count_click: Callable[[str], None]
    _troubles: dict[str, int] = field(default_factory=dict)

    def drain(self, id: str) -> float | None:
        """One pass over an organization's queue; after how many seconds to look again, None if not by itself."""
        organization = self.organizations.find(id)
        if organization is None:
            return None
        lease = self.tools.leases.acquire(id, self.tools.clock())
        if lease is None:
            return _BUSY_S
        began = time.monotonic()
        drain = Drain(self.tools, self.hosts(organization), self._items(id), lease)
        outcome = "done"
        try:
            report = drain.run()
            self._troubles.pop(id, None)
            if not report.whole:
                return 0.0
            return None if report.next_due_at is None else max(0.1, report.next_due_at - self.tools.clock())
        except HostTrouble as trouble:
            outcome = trouble.reason
            return self._after(id, trouble)
        except LeaseLost:
            outcome = "lease-lost"
            return _BUSY_S
        finally:
            self.tools.leases.release(lease)
            self.count(drain.report.ends)
            ms = round((time.monotonic() - began) * 1000)
            log.info(
                "drain.done", organization=id, outcome=outcome, read=drain.report.read, ends=drain.report.ends, ms=ms
            )

    def click(self, organization: Organization, press: Press) -> None:
        """Do what a button says. Never raises: there is nobody left to tell."""
        began = time.monotonic()
        host = self.hosts(organization)
        id = OrganizationId(organization.id)
        outcome = "bug"
        try:
            if self.storms.calm(id, press.person):
                outcome = self._clicker(id, host).press(press)
            else:
                outcome = "too-many"
                if self.storms.worth_saying(id, press.person):
                    host.tell(press.person, "That is faster than I can follow. Try again in a moment.")
        except HostTrouble as trouble:
            outcome = trouble.reason
        except Exception:
            log.exception("click.failed")
        self.count_click(outcome)
        ms = round((time.monotonic() - began) * 1000)
        log.info("click.done", organization=id, action=press.action[:64], outcome=outcome, ms=ms)

    def _clicker(self, id: OrganizationId, host: Host) -> Clicker:
        tools = self.tools
        return Clicker(
            organization=id,
            host=host,
            items=self._items(id),
            clicks=Clicks(self.database, id),
            resolver=tools.resolver,
            apis=self.apis,
            limits=tools.limits,
            clock=tools.clock,
            new_id=tools.new_id,
        )

    def _items(self, id: str) -> QueueItems:
        return QueueItems(self.database, self.vault, id)

    def _after(self, id: str, trouble: HostTrouble) -> float:
        if trouble.blocked:
            self.blocked(id)
            return _BLOCKED_S
        count = self._troubles[id] = self._troubles.get(id, 0) + 1
        wait_s = min(_FIRST_WAIT_S * 2.0 ** (count - 1), _LONGEST_WAIT_S) * (0.5 + self.tools.chance() / 2)
        return max(wait_s, trouble.retry_after_s or 0.0)
