"""The engine's two ways for any organization: drain its queue, act on a click."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import structlog

from unfurler.engine.acting import Acting
from unfurler.engine.asking import Asking
from unfurler.engine.buttons import SHOWING
from unfurler.engine.click import Clicker
from unfurler.engine.drain import Drain
from unfurler.engine.facts import Facts, gathering
from unfurler.engine.happenings import ClickDone, DrainBegan, DrainDone
from unfurler.engine.interrupted import Interrupted
from unfurler.engine.members import Members
from unfurler.engine.outcomes import ASKED
from unfurler.engine.patience import Patience
from unfurler.engine.ports import Host, HostTrouble, OrganizationId, PersonId, Press
from unfurler.engine.replies import Replies
from unfurler.engine.resolve import Apis
from unfurler.engine.storms import Storms
from unfurler.engine.tools import Tools
from unfurler.sdk.errors import UnfurlError
from unfurler.store.accounts import System
from unfurler.store.clicks import Clicks
from unfurler.store.database import Database
from unfurler.store.forms import Form, Forms
from unfurler.store.leases import Lease, LeaseLost
from unfurler.store.organizations import Organization, Organizations
from unfurler.store.presses import TakenPress
from unfurler.store.queue_items import QueueItems
from unfurler.store.secrets import Vault

log = structlog.get_logger(__name__)

_BUSY_S = 2.0
_BLOCKED_S = 600.0


@dataclass(slots=True)
class _Click:
    """A click under way, and what came of it so far."""

    outcome: str = "bug"


@dataclass(slots=True)
class Desk:
    """What this process does for organizations; `hosts` gives the chat side of one."""

    organizations: Organizations
    database: Database
    vault: Vault
    hosts: Callable[[Organization], Host]
    members: Callable[[Organization], Members]
    apis: Apis
    tools: Tools
    storms: Storms
    # Called with an organization's id where it has to be set up anew before links can be answered.
    blocked: Callable[[str], None]
    # Whether an organization's queue has something new since its drain began; says so once.
    asked_anew: Callable[[str], bool] = lambda id: False
    stopping: Callable[[], bool] = lambda: False
    # For how long what a drain looks at has been asked for.
    waited_s: Callable[[str], float] = lambda id: 0.0
    _patience: Patience = field(init=False)

    def __post_init__(self) -> None:
        self._patience = Patience(self.tools.limits, self.tools.chance)

    def drain(self, id: str) -> float | None:
        """One pass over an organization's queue; after how many seconds to look again, None if not by itself."""
        if wait_s := self._patience.left_alone_s(id):
            return wait_s
        organization = self.organizations.find(id)
        if organization is None:
            self._patience.forget(id)
            return None
        with self._patience.place_at(organization.server_url) as free:
            return self._drain(organization) if free else _BUSY_S

    def _drain(self, organization: Organization) -> float | None:
        id = organization.id
        lease = self.tools.leases.acquire(id)
        if lease is None:
            return _BUSY_S
        with self.tools.tracing.span("drain", organization=id):
            return self._drain_with(lease, organization)

    def _drain_with(self, lease: Lease, organization: Organization) -> float | None:
        id, began = organization.id, time.monotonic()
        drain = Drain(
            self.tools,
            self.hosts(organization),
            self.items(id),
            lease,
            self.members(organization),
            asked_anew=lambda: self.asked_anew(id),
            stopping=self.stopping,
            waited_s=lambda: self.waited_s(id),
        )
        outcome = "failed"
        self.tools.observe(DrainBegan())
        try:
            report = drain.run()
            outcome = "done"
            self._patience.note_done(id, found=bool(report.read or report.begun))
            if not report.whole:
                return 0.0
            return None if report.next_due_at is None else max(0.1, report.next_due_at - self.tools.clock())
        except HostTrouble as trouble:
            outcome = trouble.reason
            if trouble.blocked:
                self.blocked(id)
                return _BLOCKED_S
            return self._patience.note_trouble(id, trouble)
        except LeaseLost:
            outcome = "lease-lost"
            return _BUSY_S
        finally:
            ms = round((time.monotonic() - began) * 1000)
            self.tools.observe(DrainDone(outcome, ms))
            log.info(
                "drain.done", organization=id, outcome=outcome, read=drain.report.read, ends=drain.report.ends, ms=ms
            )
            self.tools.leases.release(lease)

    def click(self, organization: Organization, press: Press) -> None:
        """Do what a button says. Never raises: there is nobody left to tell."""
        with self._click(organization, press.action) as click:
            try:
                click.outcome = self._pressed(organization, press)
            except HostTrouble as trouble:
                click.outcome = trouble.reason
            except Exception:
                log.exception("click.failed")

    def tell_interrupted(self, organization: Organization, press: TakenPress) -> bool:
        """A press that another process took and could not finish: whether its person was told."""
        with self._click(organization, press.action) as click:
            interrupted = Interrupted(Clicks(self.database, organization.id), self.hosts(organization))
            try:
                click.outcome = interrupted.tell(press, self.tools.clock())
            except HostTrouble as trouble:
                click.outcome = trouble.reason
                return trouble.refused
        return True

    def write(self, organization: Organization, form: Form, text: str) -> str:
        """Do what a form's button wanted, with the text that its person wrote; the sentence for that person."""
        with self._click(organization, form.action) as click:
            try:
                click.outcome, sentence = self._clicker(organization, self.hosts(organization)).write(form, text)
            except UnfurlError as error:
                click.outcome, sentence = error.reason, str(error)
        return sentence

    def signed_in(self, organization: Organization, person: PersonId, system: System) -> None:
        """An account arrived: nothing is asked any more, and the links that waited for it get their cards.

        Those that wait for another system come back too: the chat side takes all its requests to a person away at
        once, so whoever still has to sign in there is asked anew.
        """
        sign_ins = self.members(organization).entry.sign_ins
        sign_ins.close(organization.id, person, system)
        try:
            self.hosts(organization).stop_asking(person)
            sign_ins.unshow(organization.id, person)
        except HostTrouble as trouble:
            log.warning("sign-in.still-asked", organization=organization.id, reason=trouble.reason)
        now = self.tools.clock()
        since = now - self.tools.limits.item_life_s
        self.items(organization.id).reopen(person, system.provider, ASKED, since=since, now=now)

    def items(self, id: str) -> QueueItems:
        """The queue items of an organization."""
        return QueueItems(self.database, self.vault, id)

    def _pressed(self, organization: Organization, press: Press) -> str:
        host, id = self.hosts(organization), organization.id
        # A repeat by the chat side is no press; Refresh, More and Less are pressed anew each time.
        same = None if press.action in SHOWING else (press.record, press.action)
        if self.storms.calm(id, press.person, same):
            return self._press(organization, host, press)
        if self.storms.worth_saying(id, press.person):
            host.tell(press.person, "That is faster than I can follow. Try again in a moment.")
        return "too-many"

    @contextmanager
    def _click(self, organization: Organization, action: str) -> Iterator[_Click]:
        """What is done in the block is one click, of which one line says how it ended."""
        click, began = _Click(), time.monotonic()
        with self.tools.tracing.span("click") as span, gathering(Facts()) as facts:
            try:
                yield click
            finally:
                ms = round((time.monotonic() - began) * 1000)
                done = ClickDone(organization.id, action, click.outcome, ms, facts)
                span.note(**done.line)
                log.info("click.done", **done.line)
                self.tools.observe(done)

    def _press(self, organization: Organization, host: Host, press: Press) -> str:
        clicker, stories = self._clicker(organization, host), self.tools.stories
        record = self.items(organization.id).find(press.record) if stories.are_kept else None
        if record is None:
            return clicker.press(press)
        with stories.told(organization.id, record.item, record.url):
            return clicker.press(press)

    def _clicker(self, organization: Organization, host: Host) -> Clicker:
        tools, id = self.tools, OrganizationId(organization.id)
        replies = Replies(
            organization=id,
            host=host,
            members=self.members(organization),
            items=self.items(id),
            clicks=Clicks(self.database, id),
            hands=tools.hands,
            limits=tools.limits,
            clock=tools.clock,
            new_id=tools.new_id,
        )
        return Clicker(tools.resolver, replies, Asking(replies, Forms(self.database)), Acting(replies, self.apis))
