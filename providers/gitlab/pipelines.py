"""Cards of what GitLab runs: pipelines, jobs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from providers.gitlab.buttons import job_buttons, pipeline_buttons
from providers.gitlab.models import Job, Pipeline
from providers.gitlab.parts import duration, fact_at, facts, few, fields
from providers.gitlab.states import UNDER_WAY, status_of
from unfurler.sdk import Card, Code, file_size, one_line

SHOWN_LINES = 10
_SECTION = re.compile(r"section_(?:start|end):\d{1,12}:[\w.-]{1,200}(?:\[[^\]\r\n]{0,200}\])?", re.ASCII)
_COLOUR = re.compile(r"\x1b\[[0-9;]{0,40}[A-Za-z]")


def pipeline_card(project: str, found: Pipeline, jobs: Sequence[Job]) -> Card:
    """A pipeline; `jobs` newest first."""
    failed = [job for job in reversed(jobs) if job.status == "failed" and not job.allow_failure]
    waiting = [job.name for job in reversed(jobs) if job.status == "manual"]
    return Card(
        kicker=f"{project} pipeline #{found.id}",
        title=found.name or f"Pipeline of {found.ref}" if found.ref else f"Pipeline #{found.id}",
        status=status_of(found.status),
        facts=[
            *facts(found.ref if found.name else "", one_line(found.source).replace("_", " "), found.user.username),
            *facts(duration(found.duration)),
            *fact_at("started", found.started_at or found.created_at),
        ],
        text=" · ".join(_stages(jobs)),
        fields=[
            *fields(
                failed_jobs=few([job.name for job in failed]),
                manual_jobs=few(waiting),
                coverage=f"{found.coverage} %" if found.coverage is not None else "",
                commit=found.sha,
                finished=found.finished_at,
            )
        ],
        buttons=pipeline_buttons(found),
    )


def job_card(project: str, found: Job, log: str, artifacts: str) -> Card:
    """A job; `log` is what it wrote, `artifacts` the address of what it made."""
    return Card(
        kicker=f"{project} job #{found.id}",
        title=found.name,
        status=status_of(found.status),
        facts=[
            *facts(found.stage, found.ref, found.user.username, duration(found.duration)),
            *facts(one_line(found.failure_reason).replace("_", " ")),
            *fact_at("started", found.started_at or found.created_at),
        ],
        code=last_lines(log),
        fields=[
            *fields(
                pipeline=f"#{found.pipeline.id}" if found.pipeline.id else "",
                commit=found.commit.title,
                artifacts=file_size(found.artifacts_file.size) if found.artifacts_file else "",
                finished=found.finished_at,
            )
        ],
        buttons=job_buttons(found, artifacts),
    )


def last_lines(log: str) -> Code | None:
    """The last lines of a log as a person sees them, without colours and the marks of sections."""
    lines = [_shown(line) for line in log.split("\n")]
    while lines and not lines[-1].strip():
        lines.pop()
    first = max(0, len(lines) - SHOWN_LINES)
    return Code("\n".join(lines[first:]), first_line=first + 1) if lines else None


def _shown(line: str) -> str:
    plain = _SECTION.sub("", _COLOUR.sub("", line)).rstrip("\r")
    # A line that is written over shows what was written last.
    return plain.rpartition("\r")[2]


def _stages(jobs: Sequence[Job]) -> Iterator[str]:
    """`build ✔`, `test ✖`, `deploy ●` in the order in which they run."""
    stages: dict[str, list[Job]] = {}
    for job in reversed(jobs):
        stages.setdefault(job.stage or job.name, []).append(job)
    for stage, within in stages.items():
        if any(job.status == "failed" and not job.allow_failure for job in within):
            mark = "✖"
        elif any(job.status in (*UNDER_WAY, "manual") for job in within):
            mark = "●"
        else:
            mark = "✔"
        yield f"{one_line(stage)} {mark}"
