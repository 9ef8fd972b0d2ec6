"""What check runs and commit statuses say together of one commit."""

from __future__ import annotations

from dataclasses import dataclass

from providers.github.models import CheckRuns, CombinedStatus
from unfurler.sdk import Fact, Tone

PAGE = 100  # the most that one reply of a list holds
_PASSED = ("success", "neutral", "skipped")
_FAILED = ("failure", "error", "timed_out", "cancelled", "action_required", "startup_failure", "stale")


@dataclass(frozen=True, slots=True)
class Checks:
    """How many passed, failed and wait, and the name of the first that failed, "" if none did."""

    passed: int
    failed: int
    waiting: int
    first_failing: str

    @property
    def fact(self) -> Fact:
        """`✔ 12 ✖ 1 ● 2` as a tag."""
        counts = (("✔", self.passed), ("✖", self.failed), ("●", self.waiting))
        tone: Tone = "error" if self.failed else "warning" if self.waiting else "success"
        return Fact(" ".join(f"{mark} {count:,}" for mark, count in counts if count), tone=tone)


def checks_of(runs: CheckRuns | None, statuses: CombinedStatus | None) -> Checks | None:
    """Both kinds as one; None where there are none, or nobody could say."""
    results = [(run.name, run.conclusion or run.status) for run in runs.check_runs] if runs else []
    results += [(status.context, status.state) for status in statuses.statuses] if statuses else []
    if not results:
        return None
    passed = sum(result in _PASSED for _, result in results)
    failing = [name for name, result in results if result in _FAILED]
    # What did not fit into the reply may still fail, so it counts as waiting.
    unseen = sum(max(0, part.total_count - PAGE) for part in (runs, statuses) if part)
    waiting = len(results) - passed - len(failing) + unseen
    return Checks(passed, len(failing), waiting, failing[0] if failing else "")
