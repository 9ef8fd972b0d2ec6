"""One pass over an organization's queue: read, resolve side by side, post what is ready, record every end.

The thread that drains reads and posts; resolving runs on a pool. Whatever is ready when it comes round is posted
together, so a fast link never waits for a slow one, and a burst goes out in few requests.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from unfurler.engine import outcomes
from unfurler.engine.ending import Ending
from unfurler.engine.members import Members
from unfurler.engine.ports import Host, HostTrouble
from unfurler.engine.resolving import Resolving
from unfurler.engine.tools import Tools
from unfurler.store.leases import Lease
from unfurler.store.queue_items import QueueItems
from unfurler.store.records import NewItem

log = structlog.get_logger(__name__)

# While everything that runs is slow: how often a drain looks up, and how often it holds its lease for longer.
_LOOK_UP_S = 0.1
# How long remembered cards take: they are posted before the queue is asked whether that was all of it.
_A_MOMENT_S = 0.005
_HOLD_S = 15.0
# How often a drain that waits for what is slow looks for what has fallen due.
_LOOK_AGAIN_S = 1.0
# How long what runs may go on once the process has to stop; the rest is handed back.
_LAST_S = 12.0


@dataclass(slots=True)
class Report:
    """What one drain did: items read and begun, whether that was all of the queue, how many ended in which way."""

    read: int = 0
    begun: int = 0
    whole: bool = True
    ends: Counter[str] = field(default_factory=Counter)
    next_due_at: float | None = None


class Drain:
    """One pass. Build it, run it once.

    `asked_anew` says, once, that there is something new in the queue; `stopping` that no item is to be begun any more;
    `waited_s` for how long the queue has been asked for.
    """

    def __init__(
        self,
        tools: Tools,
        host: Host,
        items: QueueItems,
        lease: Lease,
        members: Members,
        *,
        asked_anew: Callable[[], bool] = lambda: False,
        stopping: Callable[[], bool] = lambda: False,
        waited_s: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self._tools = tools
        self._host = host
        self._items = items
        self._lease = lease
        self._asked_anew = asked_anew
        self._stopping = stopping
        self._waited_s = waited_s
        self._held_at = self._looked_at = tools.clock()
        self._stops_at: float | None = None
        self._resolving = Resolving(tools, items, lease, members)
        self._ending = Ending(tools, host, items, lease, members)
        self.report = Report(ends=self._ending.counted)

    def run(self) -> Report:
        """Until the queue has nothing new and nothing is under way. Raises HostTrouble, LeaseLost."""
        try:
            return self._run()
        except HostTrouble:
            self._items.leave(self._lease)
            raise
        finally:
            self._resolving.close()

    def _run(self) -> Report:
        cursor = self._resume()
        read_after_s: float | None = 0.0
        while (read_after_s is not None or len(self._resolving)) and not self._hands_back():
            self.report.begun += self._resolving.start()
            ready = self._resolving.ready(_LOOK_UP_S if read_after_s is None else read_after_s)
            if ready:
                self._ending.finish(ready)
                self._resolving.finished(ready)
            elif read_after_s is not None:
                read_after_s, cursor = self._read(cursor)
            # What is posted or falls due meanwhile does not wait for what is slow.
            if read_after_s is None:
                read_after_s = 0.0 if self._asked_anew() else None
                self._look_again()
            if self._stopping():
                read_after_s = None
            self._hold()
        if self._resolving.is_running:
            self._items.leave(self._lease)
        self.report.next_due_at = self._items.next_due()
        return self.report

    def _resume(self) -> int | None:
        """Go on where the queue was left; after which place to read it."""
        tools = self._tools

        def wait_s(crashes: int) -> float:
            return outcomes.wait_after_crash(crashes, tools.limits, tools.chance())

        resumed = self._items.resume(self._lease, tools.clock(), tools.limits.read_ahead_items, wait_s)
        if resumed.crashes:
            log.warning("drain.resumed", organization=self._lease.organization, crashes=resumed.crashes)
        self._resolving.take_up(resumed.waiting)
        return resumed.read_until

    def _look_again(self) -> None:
        """Take up what has fallen due since the last look, unless that was just now."""
        now = self._tools.clock()
        if not 0 <= now - self._looked_at < _LOOK_AGAIN_S:
            self._looked_at = now
            self._resolving.take_up(self._items.waiting(now, self._tools.limits.read_ahead_items))

    def _hands_back(self) -> bool:
        """Once the process stops: begin nothing more, and leave what does not end soon to the next process."""
        if not self._stopping():
            return False
        self._resolving.put_down()
        now = self._tools.clock()
        self._stops_at = self._stops_at or now + _LAST_S
        return not self._resolving.is_running or now >= self._stops_at

    def _hold(self) -> None:
        """Hold the lease for longer, unless that was done just now. Raises LeaseLost."""
        now = self._tools.clock()
        if not 0 <= now - self._held_at < _HOLD_S:
            self._tools.leases.extend(self._lease)
            self._held_at = now

    def _read(self, cursor: int | None) -> tuple[float | None, int | None]:
        """Take in the next batch; after how many seconds to read on, None where there is no more, and the new place."""
        limits = self._tools.limits
        if len(self._resolving) >= limits.read_ahead_items:
            self.report.whole = False
            return None, cursor
        asked_at = self._tools.clock() - self._waited_s()
        batch = self._host.waiting(cursor, limits.batch_items)
        if not batch:
            return None, cursor
        fresh = [NewItem(self._tools.new_id(), i.id, i.etag, i.url, i.author, i.message) for i in batch]
        records = self._items.take_in(self._lease, fresh, self._tools.clock())
        self.report.read += len(records)
        self._resolving.take_up(records, asked_at)
        furthest = max(item.etag for item in batch)
        if cursor is not None and furthest <= cursor:
            # A server that did not take the place as exclusive would give the same batch for ever.
            return None, furthest
        return 0.0 if len(batch) == limits.batch_items else _A_MOMENT_S, furthest
