"""Who runs providers' functions: threads in lanes, one lane a provider, so that what hangs in one holds up no other."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import TypeVar

import structlog

from unfurler.sdk.errors import UpstreamSlow

log = structlog.get_logger(__name__)
Answer = TypeVar("Answer")

SILENT = "provider-silent"
_SPARE = 32


@dataclass(eq=False, slots=True)
class Job:
    """One piece of work; `given_up` once nobody waits for it any more."""

    lane: str
    work: Callable[[], None]
    begun: bool = False
    given_up: bool = False


@dataclass(slots=True)
class _Lane:
    waiting: deque[Job] = field(default_factory=deque)
    running: set[Job] = field(default_factory=set)
    left_behind: int = 0


class Hands:
    """Lanes of `width` threads, begun as needed.

    A thread whose work was given up is left behind, for nothing can end it: another takes its place, until 32
    are left behind in a lane. `gave_up` is told the lane.
    """

    def __init__(self, width: int, *, gave_up: Callable[[str], None] = lambda lane: None) -> None:
        self._width = width
        self._gave_up = gave_up
        self._lock = threading.Lock()
        self._lanes: dict[str, _Lane] = {}

    def submit(self, lane: str, work: Callable[[], None]) -> Job:
        """Have it done soon; returns at once. Raises RuntimeError where no thread can be had."""
        job = Job(lane, work)
        with self._lock:
            mine = self._lanes.setdefault(lane, _Lane())
            if not self._has_room(mine):
                mine.waiting.append(job)
                return job
            mine.running.add(job)
        try:
            self._begin(mine, job)
        except RuntimeError:
            with self._lock:
                mine.running.discard(job)
            raise
        return job

    def ask(self, lane: str, make: Callable[[], Answer], patience_s: float) -> Answer:
        """What `make` gives, or raises. Raises UpstreamSlow (SILENT) where it does not come back in time."""
        answer: Future[Answer] = Future()
        # What is gathered of a click is gathered on there.
        here = copy_context()

        def work() -> None:
            try:
                answer.set_result(here.run(make))
            except BaseException as error:
                answer.set_exception(error)

        job = self.submit(lane, work)
        try:
            return answer.result(patience_s)
        except TimeoutError:
            if answer.done():
                raise
            self.give_up(job)
            raise UpstreamSlow("No answer came in time.", reason=SILENT, retry=False) from None

    def give_up(self, job: Job) -> None:
        """Nobody waits for it any more: it is not begun where it has not been, and its thread is left behind."""
        with self._lock:
            lane = self._lanes[job.lane]
            if job.given_up:
                return
            job.given_up = True
            if job not in lane.running:
                if job in lane.waiting:
                    lane.waiting.remove(job)
                return
            lane.left_behind += 1
            next_job = self._next(lane)
        log.error("provider.left-behind", provider=job.lane, threads=lane.left_behind)
        self._gave_up(job.lane)
        if next_job is not None:
            self._begin(lane, next_job)

    def left_behind(self) -> dict[str, int]:
        """How many threads of a lane are in work that was given up; lanes without any are not in it."""
        with self._lock:
            return {name: lane.left_behind for name, lane in self._lanes.items() if lane.left_behind}

    def _has_room(self, lane: _Lane) -> bool:
        return len(lane.running) - min(lane.left_behind, _SPARE) < self._width

    def _next(self, lane: _Lane) -> Job | None:
        if not lane.waiting or not self._has_room(lane):
            return None
        job = lane.waiting.popleft()
        lane.running.add(job)
        return job

    def _begin(self, lane: _Lane, job: Job) -> None:
        threading.Thread(target=self._work, args=(lane, job), name=f"hand-{job.lane}", daemon=True).start()

    def _work(self, lane: _Lane, job: Job | None) -> None:
        while job is not None:
            try:
                job.begun = True
                job.work()
            except Exception:
                log.exception("hand.failed", provider=job.lane)
            with self._lock:
                lane.running.discard(job)
                if job.given_up:
                    lane.left_behind -= 1
                job = self._next(lane)
