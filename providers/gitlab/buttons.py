"""Which buttons a thread, pipeline or job has in which state, the most asked for first: three fit a compact card."""

from __future__ import annotations

from providers.gitlab import issue_actions as issues
from providers.gitlab import merge_request_actions as requests
from providers.gitlab import pipeline_actions as pipelines
from providers.gitlab.models import Approvals, Issue, Job, MergeRequest, Pipeline
from providers.gitlab.states import RETRIABLE, UNDER_WAY
from unfurler.sdk import Button


def issue_buttons(found: Issue) -> list[Button]:
    """Of an issue."""
    talk = [issues.comment_on_issue.button("Comment"), issues.subscribe_to_issue.button("Subscribe")]
    if found.state != "opened":
        return [issues.reopen_issue.button("Reopen"), *talk]
    return [
        issues.assign_issue_to_me.button("Assign to me"),
        issues.close_issue.button("Close"),
        *talk,
        *([issues.unassign_me_from_issue.button("Unassign me")] if found.assignees else []),
    ]


def merge_request_buttons(found: MergeRequest, approvals: Approvals | None) -> list[Button]:
    """Of a merge request."""
    talk = [
        requests.comment_on_merge_request.button("Comment"),
        requests.subscribe_to_merge_request.button("Subscribe"),
    ]
    if found.state == "closed":
        return [requests.reopen_merge_request.button("Reopen"), *talk]
    if found.state != "opened":
        return talk
    is_approved = approvals is not None and bool(approvals.approved_by)
    return [
        *([requests.mark_ready.button("Mark ready")] if found.draft else [requests.approve.button("Approve")]),
        *_merging(found),
        requests.assign_merge_request_to_me.button("Assign to me"),
        requests.review_me.button("Review it myself"),
        *talk,
        *([requests.revoke_approval.button("Revoke approval")] if is_approved else []),
        *([requests.unassign_me_from_merge_request.button("Unassign me")] if found.assignees else []),
        requests.close_merge_request.button("Close", style="danger"),
    ]


def pipeline_buttons(found: Pipeline) -> list[Button]:
    """Of a pipeline."""
    if found.status in UNDER_WAY:
        return [pipelines.cancel_pipeline.button("Cancel", style="danger")]
    return [pipelines.retry_pipeline.button("Retry")] if found.status in RETRIABLE else []


def job_buttons(found: Job, artifacts: str) -> list[Button]:
    """Of a job; `artifacts` is the address of what it made."""
    download = [Button.open("Download artifacts", artifacts)] if found.artifacts_file is not None else []
    if found.status == "manual":
        return [pipelines.play_job.button("Run", style="primary"), *download]
    if found.status in UNDER_WAY:
        return [pipelines.cancel_job.button("Cancel", style="danger"), *download]
    return [*([] if found.status == "skipped" else [pipelines.retry_job.button("Retry")]), *download]


def _merging(found: MergeRequest) -> list[Button]:
    """Now where nothing is missing, else when the pipeline passes, else after what has to be done first."""
    if found.draft:
        return []
    if found.merge_when_pipeline_succeeds:
        return [requests.cancel_auto_merge.button("No auto-merge")]
    is_running = found.head_pipeline is not None and found.head_pipeline.status in UNDER_WAY
    later = [requests.merge_when_passed.button("Merge when pipeline passes")] if is_running else []
    match found.detailed_merge_status:
        case "mergeable":
            return [requests.merge.button("Merge", style="primary"), *later]
        case "need_rebase":
            return [requests.rebase.button("Rebase")]
        case "ci_still_running" | "ci_must_pass" | "not_approved" | "discussions_not_resolved":
            return later
        case _:
            return []
