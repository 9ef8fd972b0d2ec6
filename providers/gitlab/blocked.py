"""Why a merge request cannot be merged, in words.

Source: https://docs.gitlab.com/api/merge_requests/#merge-status
"""

from __future__ import annotations

from providers.gitlab.models import MergeRequest
from unfurler.sdk import plural

_REASONS = {
    "approvals_syncing": "approvals are being counted; try again in a moment",
    "ci_must_pass": "its pipeline has to pass",
    "ci_still_running": "its pipeline is still running",
    "commits_status": "its source branch has no commits",
    "conflict": "there are conflicts",
    "broken_status": "there are conflicts",
    "discussions_not_resolved": "threads are unresolved",
    "draft_status": "it is a draft; mark it ready first",
    "external_status_checks": "external checks have to pass",
    "jira_association_missing": "its title or description has to name a Jira issue",
    "locked_lfs_files": "files of it are locked",
    "locked_paths": "paths of it are locked",
    "merge_request_blocked": "another merge request has to be merged first",
    "blocked_status": "another merge request has to be merged first",
    "merge_time": "it may not be merged before its time",
    "need_rebase": "it has to be rebased first",
    "policies_denied": "a policy of the project forbids it",
    "requested_changes": "changes are requested",
    "security_policy_pipeline_check": "pipelines that a policy demands have to pass",
    "security_policy_violations": "a policy of the project forbids it",
    "status_checks_must_pass": "external checks have to pass",
    "title_regex": "its title is not as the project demands",
}
# What is waited for where it is to be merged by itself.
_LATER = (
    "approvals_syncing",
    "blocked_status",
    "ci_must_pass",
    "ci_still_running",
    "discussions_not_resolved",
    "external_status_checks",
    "merge_request_blocked",
    "merge_time",
    "not_approved",
    "requested_changes",
    "status_checks_must_pass",
)


def why_blocked(found: MergeRequest, approvals_left: int, *, later: bool) -> str:
    """`Merging is blocked: 1 approval is missing.`, "" where nothing is known to be in the way."""
    state = found.detailed_merge_status
    if later and state in _LATER:
        return ""
    if state == "not_approved":
        missing = plural(max(1, approvals_left), "approval is", "approvals are")
        return f"Merging is blocked: {missing} missing."
    reason = _REASONS.get(state) or ("there are conflicts" if found.has_conflicts else "")
    return f"Merging is blocked: {reason}." if reason else ""
