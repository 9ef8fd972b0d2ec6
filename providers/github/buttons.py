"""Which buttons a thread or a run has in which state, the most asked for first: three of them fit a compact card."""

from __future__ import annotations

from collections.abc import Sequence

from providers.github import issue_actions as issues
from providers.github import pull_actions as pulls
from providers.github import run_actions as runs
from providers.github.models import Deployment, Issue, Job, Pull, Repository, Run, User
from unfurler.sdk import Button

# What `mergeable_state` is where nothing that the repository demands is missing.
_MERGEABLE = ("clean", "unstable", "has_hooks")


def issue_buttons(found: Issue) -> list[Button]:
    """Of an issue; of a pull request that was linked as one, what does not need more than an issue tells."""
    if found.pull_request is not None:
        return _pull_as_issue(found)
    if found.state == "closed":
        return [
            issues.reopen.button("Reopen"),
            issues.comment.button("Comment"),
            issues.subscribe.button("Subscribe"),
        ]
    return [
        issues.assign_me.button("Assign to me"),
        issues.close_completed.button("Close as completed"),
        issues.comment.button("Comment"),
        issues.close_not_planned.button("Close as not planned"),
        issues.subscribe.button("Subscribe"),
        *_unassign(found.assignees),
    ]


def pull_buttons(found: Pull) -> list[Button]:
    """Of a pull request."""
    talk = [issues.comment.button("Comment"), issues.subscribe.button("Subscribe")]
    if found.merged or found.merged_at is not None:
        return talk
    if found.state != "open":
        return [pulls.reopen_pull.button("Reopen"), *talk]
    merging = _merging(found)
    return [
        *([pulls.mark_ready.button("Ready for review")] if found.draft else [pulls.approve.button("Approve")]),
        *merging[:1],
        pulls.review_me.button("Review it myself"),
        issues.assign_me.button("Assign to me"),
        *merging[1:],
        *talk,
        *_unassign(found.assignees),
        *([pulls.disable_auto_merge.button("No auto-merge")] if found.auto_merge is not None else []),
        pulls.close_pull.button("Close", style="danger"),
    ]


def run_buttons(found: Run, waiting: Sequence[Deployment], job: Job | None) -> list[Button]:
    """Of a run, or of one of its jobs."""
    if found.status != "completed":
        return [
            *([runs.approve_deployment.button("Approve deployment", style="primary")] if waiting else []),
            *([runs.reject_deployment.button("Reject deployment")] if waiting else []),
            runs.cancel.button("Cancel", style="danger"),
        ]
    if found.conclusion == "action_required":
        return [runs.approve_run.button("Approve run", style="primary")]
    return [
        *([runs.rerun_job.button("Re-run job")] if job else []),
        *([runs.rerun_failed.button("Re-run failed")] if found.conclusion not in ("success", "skipped") else []),
        runs.rerun.button("Re-run all"),
    ]


def _merging(found: Pull) -> list[Button]:
    """How it can be merged: now, in the ways that the repository allows; or by itself later."""
    if found.draft:
        return []
    allowed = found.base.repo
    if found.mergeable and found.mergeable_state in _MERGEABLE:
        return _ways(allowed)
    can_wait = found.mergeable_state == "blocked" and found.auto_merge is None
    if can_wait and (allowed is None or allowed.allow_auto_merge is not False):
        return [pulls.enable_auto_merge.button("Enable auto-merge")]
    return []


def _ways(allowed: Repository | None) -> list[Button]:
    told = allowed is not None and (
        (allowed.allow_squash_merge, pulls.merge_squash.button("Squash and merge", style="primary")),
        (allowed.allow_merge_commit, pulls.merge_commit.button("Merge", style="primary")),
        (allowed.allow_rebase_merge, pulls.merge_rebase.button("Rebase and merge", style="primary")),
    )
    ways = [button for allows, button in told or () if allows]
    # Who may not push is not told which ways there are; whoever presses is asked in their own name.
    return ways or [pulls.merge.button("Merge", style="primary")]


def _pull_as_issue(found: Issue) -> list[Button]:
    talk = [issues.comment.button("Comment"), issues.subscribe.button("Subscribe")]
    if found.pull_request is not None and found.pull_request.merged_at is not None:
        return talk
    if found.state == "closed":
        return [pulls.reopen_pull.button("Reopen"), *talk]
    return [
        *([pulls.mark_ready.button("Ready for review")] if found.draft else [pulls.approve.button("Approve")]),
        issues.assign_me.button("Assign to me"),
        *talk,
        *_unassign(found.assignees),
        pulls.close_pull.button("Close", style="danger"),
    ]


def _unassign(assignees: Sequence[User]) -> list[Button]:
    return [issues.unassign_me.button("Unassign me")] if assignees else []
