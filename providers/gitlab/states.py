"""What pipelines and jobs are called while they run, and when they are over.

Source: https://docs.gitlab.com/api/pipelines/, https://docs.gitlab.com/api/jobs/
"""

from __future__ import annotations

from unfurler.sdk import Fact, Status, Tone, one_line

UNDER_WAY = ("created", "waiting_for_resource", "preparing", "pending", "running", "canceling", "scheduled")
RETRIABLE = ("failed", "canceled")
_WORDS: dict[str, tuple[str, Tone]] = {
    "created": ("Created", "info"),
    "waiting_for_resource": ("Waiting", "info"),
    "waiting_for_callback": ("Waiting", "info"),
    "preparing": ("Preparing", "info"),
    "pending": ("Pending", "info"),
    "running": ("Running", "info"),
    "success": ("Passed", "success"),
    "failed": ("Failed", "error"),
    "canceling": ("Cancelling", "neutral"),
    "canceled": ("Cancelled", "neutral"),
    "skipped": ("Skipped", "neutral"),
    "manual": ("Waits for a person", "warning"),
    "scheduled": ("Scheduled", "info"),
}


def status_of(state: str) -> Status:
    """The state of a pipeline or job."""
    text, tone = _WORDS.get(state, (one_line(state).replace("_", " ").capitalize() or "Unknown", "neutral"))
    return Status(text, tone)


def state_tag(state: str) -> Fact:
    """The state of a pipeline as a tag on something else."""
    status = status_of(state)
    return Fact(f"Pipeline {status.text[:1].lower()}{status.text[1:]}", tone=status.tone)
