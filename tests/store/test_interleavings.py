"""Items, etag and leases under any interleaving of processes, deaths and late writers, against a small model."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from cryptography.fernet import Fernet
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from unfurler.store.database import Database
from unfurler.store.leases import Lease, LeaseLost, Leases
from unfurler.store.organizations import Organizations
from unfurler.store.queue_items import QueueItems
from unfurler.store.records import Again, Ended, NewItem, Resumed
from unfurler.store.secrets import Vault
from unfurler.store.upgrade import upgrade

PROCESSES = ("elsewhere/1/x", "elsewhere/2/x", "elsewhere/3/x")
process = st.sampled_from(PROCESSES)


class Interleavings(RuleBasedStateMachine):
    """The model: which items there are, which ended and with what, who holds the lease, who has begun what."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.now = 1_000.0
        self.ends: dict[int, str] = {}
        self.known: set[int] = set()
        self.crashes: dict[int, int] = {}
        self.begun: dict[int, str] = {}
        self.leases: dict[str, Lease] = {}
        self.holder: str | None = None
        self.until = 0.0
        self.next_etag = 1

    @initialize()
    def prepare(self) -> None:
        self.database = Database(f"sqlite:///{self.folder}/x.db")
        upgrade(self.database)
        vault = Vault([Fernet.generate_key().decode()])
        Organizations(self.database, vault).install(
            "acme", "https://a.example", secret="s", keys=None, by=None, now=1.0
        )
        self.items = QueueItems(self.database, vault, "acme")

    def of(self, who: str) -> Leases:
        return Leases(self.database, who, 60.0, now=lambda connection: self.now)

    def write(self, who: str, do) -> bool:
        """Whether it was let through: exactly where the process holds the lease as last given."""
        lease = self.leases.get(who)
        if lease is None:
            return False
        try:
            do(lease)
        except LeaseLost:
            assert self.holder != who
            return False
        assert self.holder == who
        return True

    @rule(who=process)
    def acquire(self, who: str) -> None:
        lease = self.of(who).acquire("acme")
        free = self.holder in (None, who) or self.until < self.now
        assert (lease is not None) is free
        if lease is not None:
            self.leases[who], self.holder, self.until = lease, who, self.now + 60.0

    @rule(who=process)
    def release(self, who: str) -> None:
        if who in self.leases:
            self.of(who).release(self.leases[who])
            if self.holder == who:
                self.holder = None
                del self.leases[who]

    @rule(who=process)
    def extend(self, who: str) -> None:
        if self.write(who, lambda lease: self.of(who).extend(lease)):
            self.until = self.now + 60.0

    @rule(seconds=st.sampled_from([1.0, 30.0, 61.0]))
    def time_goes_by(self, seconds: float) -> None:
        self.now += seconds

    @rule(who=process, count=st.integers(1, 4), again=st.integers(0, 3))
    def read(self, who: str, count: int, again: int) -> None:
        etags = [*range(max(1, self.next_etag - again), self.next_etag + count)]
        batch = [NewItem(f"r{etag}", f"i{etag}", etag, f"https://e.example/{etag}", "u", None) for etag in etags]
        if self.write(who, lambda lease: self.items.take_in(lease, batch, self.now)):
            self.known |= set(etags)
            self.next_etag += count

    @rule(who=process, pick=st.integers(0, 50))
    def begin(self, who: str, pick: int) -> None:
        still_open = sorted(self.known - self.ends.keys())
        if still_open:
            etag = still_open[pick % len(still_open)]
            if self.write(who, lambda lease: self.items.begin(lease, [f"r{etag}"])):
                self.begun[etag] = who

    @rule(who=process, pick=st.integers(0, 50))
    def end(self, who: str, pick: int) -> None:
        if self.known:
            etag = sorted(self.known)[pick % len(self.known)]
            reason = f"{who}-{self.now}-{pick}"
            if self.write(who, lambda lease: self.items.end(lease, [Ended(f"r{etag}", "nothing", reason, None)], 1.0)):
                self.ends.setdefault(etag, reason)

    @rule(who=process, pick=st.integers(0, 50))
    def try_again(self, who: str, pick: int) -> None:
        still_open = sorted(self.known - self.ends.keys())
        if still_open:
            etag = still_open[pick % len(still_open)]
            if self.write(who, lambda lease: self.items.try_again(lease, [Again(f"r{etag}", 1, self.now)])):
                self.begun.pop(etag, None)

    @rule(who=process)
    def leave(self, who: str) -> None:
        if self.write(who, self.items.leave):
            self.begun = {etag: by for etag, by in self.begun.items() if by != who or etag in self.ends}

    @rule(who=process)
    def take_over(self, who: str) -> None:
        late = {etag for etag, by in self.begun.items() if by != who and etag not in self.ends}
        resumed: list[Resumed] = []
        if not late:
            if who in self.leases:
                # Nothing is written, so that it is nobody's matter who holds the lease.
                found = self.items.resume(self.leases[who], self.now, 100, float)
                assert (found.crashes, found.read_until) == (0, max(self.known, default=None))
                assert {int(record.id[1:]) for record in found.waiting} <= self.known - self.ends.keys()
            return
        if self.write(who, lambda lease: resumed.append(self.items.resume(lease, self.now, 10, float))):
            assert (resumed[0].crashes, resumed[0].read_until) == (len(late), max(self.known))
            for etag in late:
                self.crashes[etag] = self.crashes.get(etag, 0) + 1
                del self.begun[etag]

    @invariant()
    def the_etag_passes_nothing_that_is_open_and_no_end_is_changed(self) -> None:
        if not hasattr(self, "items"):
            return
        still_open = self.known - self.ends.keys()
        etag = self.items.etag()
        assert etag is None or all(etag < one for one in still_open)
        with self.database.read() as connection:
            rows = connection.exec_driver_sql("select etag, reason, crashes from queue_items").all()
        assert {row.etag: row.reason for row in rows if row.reason} == self.ends
        assert {row.etag: row.crashes for row in rows if row.crashes} == self.crashes

    def teardown(self) -> None:
        if hasattr(self, "database"):
            self.database.close()
        shutil.rmtree(self.folder, ignore_errors=True)


TestInterleavings = Interleavings.TestCase
TestInterleavings.settings = settings(
    max_examples=15, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
