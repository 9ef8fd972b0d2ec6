"""Cards of what GitHub Actions runs: a run of a workflow, a job of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from providers.github.buttons import run_buttons
from providers.github.models import Deployment, Job, Jobs, Run
from providers.github.parts import fact_at, facts, few, fields, is_public
from unfurler.sdk import Card, Fact, Status, Tone, one_line

_TONES: dict[str, tuple[str, Tone]] = {
    "success": ("Success", "success"),
    "failure": ("Failed", "error"),
    "startup_failure": ("Failed to start", "error"),
    "timed_out": ("Timed out", "error"),
    "cancelled": ("Cancelled", "neutral"),
    "skipped": ("Skipped", "neutral"),
    "neutral": ("Neutral", "neutral"),
    "stale": ("Stale", "neutral"),
    "action_required": ("Needs approval", "warning"),
    "in_progress": ("Running", "info"),
    "waiting": ("Waiting for approval", "warning"),
    "queued": ("Queued", "info"),
    "requested": ("Queued", "info"),
    "pending": ("Queued", "info"),
}
_FAILED = ("failure", "timed_out", "startup_failure")


def run_card(place: str, found: Run, jobs: Jobs | None, waiting: Sequence[Deployment]) -> Card:
    """A run; `waiting` are the deployments that somebody has to approve."""
    failing = _first_failing(jobs)
    return Card(
        kicker=f"{place} · {found.name or 'Workflow'} #{found.run_number}",
        title=found.display_title or found.name or f"Run {found.run_number}",
        status=_status(found.status, found.conclusion),
        facts=[
            *facts(found.head_branch, found.event, found.actor.login),
            *facts(_duration(found.run_started_at, found.updated_at) if found.status == "completed" else ""),
            *_counts(jobs),
            *fact_at("started", found.run_started_at or found.created_at),
        ],
        text=_failure(failing) if failing else "",
        fields=[
            *fields(
                waiting_for_approval=few([one.environment.name for one in waiting]),
                commit=found.head_sha,
                attempt=f"{found.run_attempt:,}" if found.run_attempt > 1 else "",
                updated=found.updated_at,
            )
        ],
        buttons=run_buttons(found, waiting, None),
        public=found.repository is not None and is_public(found.repository),
    )


def job_card(place: str, found: Run, job: Job, waiting: Sequence[Deployment]) -> Card:
    """A job of a run."""
    failing = job.conclusion in _FAILED
    return Card(
        kicker=f"{place} · {found.name or 'Workflow'} #{found.run_number}",
        title=job.name,
        status=_status(job.status, job.conclusion),
        facts=[
            *facts(found.head_branch, found.event, found.actor.login, _duration(job.started_at, job.completed_at)),
            *fact_at("started", job.started_at),
        ],
        text=_failure(job) if failing else "",
        fields=[*fields(run=found.display_title, commit=found.head_sha, finished=job.completed_at)],
        buttons=run_buttons(found, waiting, job),
        public=found.repository is not None and is_public(found.repository),
    )


def _status(status: str, conclusion: str) -> Status:
    state = conclusion if status == "completed" else status
    text, tone = _TONES.get(state, (one_line(state).replace("_", " ").capitalize() or "Unknown", "neutral"))
    return Status(text, tone)


def _counts(jobs: Jobs | None) -> list[Fact]:
    """`✔ 12 ✖ 1 ● 2` as a tag."""
    if jobs is None or not jobs.jobs:
        return []
    failed = sum(job.conclusion in (*_FAILED, "cancelled") for job in jobs.jobs)
    waiting = sum(job.status != "completed" for job in jobs.jobs)
    unseen = max(0, jobs.total_count - len(jobs.jobs))
    counts = (("✔", len(jobs.jobs) - failed - waiting), ("✖", failed), ("●", waiting + unseen))
    tone: Tone = "error" if failed else "warning" if waiting or unseen else "success"
    return [Fact(" ".join(f"{mark} {count:,}" for mark, count in counts if count), tone=tone)]


def _first_failing(jobs: Jobs | None) -> Job | None:
    return next((job for job in (jobs.jobs if jobs else ()) if job.conclusion in _FAILED), None)


def _failure(job: Job) -> str:
    """`build failed at Run tests`, as far as it is known."""
    step = next((step.name for step in job.steps if step.conclusion in _FAILED), "")
    return one_line(f"{job.name} failed at {step}" if step else f"{job.name} failed")


def _duration(began: datetime | None, ended: datetime | None) -> str:
    """`42 s`, `3 min 5 s`, `2 h 4 min`."""
    if began is None or ended is None or ended < began:
        return ""
    minutes, seconds = divmod(int((ended - began).total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours:,} h {minutes} min"
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
