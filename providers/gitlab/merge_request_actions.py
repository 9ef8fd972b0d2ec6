"""What buttons do to a merge request.

Source: https://docs.gitlab.com/api/merge_requests/, https://docs.gitlab.com/api/merge_request_approvals/,
https://docs.gitlab.com/api/notes/
"""

from __future__ import annotations

import re

from providers.gitlab.blocked import why_blocked
from providers.gitlab.models import Approvals, MergeRequest
from providers.gitlab.places import project_path
from providers.gitlab.site import fetch_account, gitlab
from providers.gitlab.states import UNDER_WAY
from providers.gitlab.taking_part import (
    Thread,
    assign_me,
    comment,
    subscribe,
    unassign_me,
    unsubscribe,
    with_me,
    without_me,
)
from unfurler.sdk import AccessDenied, ActionRefused, Api, Click, UnfurlError

# https://docs.gitlab.com/user/project/merge_requests/drafts/: `[Draft]`, `Draft:` or `(Draft)` at the beginning.
_DRAFT = re.compile(r"\s*(?:(?:\[draft\]|\(draft\)|draft:)\s*)+", re.I)


@gitlab.action(undo="revoke_approval")
def approve(click: Click, api: Api, project: str, iid: int) -> str:
    """Approve what the merge request holds now, as the one who clicked."""
    found = fetch_merge_request(api, project, iid)
    _must_be_open(found)
    approvals = _approvals(api, project, iid)
    if approvals.user_has_approved:
        return f"You have approved !{iid} already"
    refusal = ActionRefused(f"GitLab does not let you approve !{iid}.")
    if approvals.user_can_approve is False:
        raise refusal
    try:
        # Of what is there now, not of what somebody pushes in the meantime.
        api.post(*merge_request_path(project, iid), "approve", json=_sha_of(found))
    except AccessDenied:
        # GitLab answers 401 to who may not approve; the account itself was good a moment ago.
        raise refusal from None
    return f"Approved !{iid}"


@gitlab.action(undo="approve")
def revoke_approval(click: Click, api: Api, project: str, iid: int) -> str:
    """Take the approval of the one who clicked back."""
    if not _approvals(api, project, iid).user_has_approved:
        return f"You have not approved !{iid}"
    api.post(*merge_request_path(project, iid), "unapprove")
    return f"Took the approval of !{iid} back"


@gitlab.action(confirm="Merge this merge request?")
def merge(click: Click, api: Api, project: str, iid: int) -> str:
    """Merge now, in the way that the project merges."""
    found = fetch_merge_request(api, project, iid)
    if found.state == "merged":
        return f"!{iid} is merged already"
    _must_be_open(found)
    _merge(api, found, project, {})
    return f"Merged !{iid}"


@gitlab.action(undo="cancel_auto_merge")
def merge_when_passed(click: Click, api: Api, project: str, iid: int) -> str:
    """Have it merged as soon as its pipeline and everything else that is demanded is there."""
    found = fetch_merge_request(api, project, iid)
    if found.state == "merged":
        return f"!{iid} is merged already"
    _must_be_open(found)
    if found.merge_when_pipeline_succeeds:
        return f"!{iid} merges by itself already"
    is_running = found.head_pipeline is not None and found.head_pipeline.status in UNDER_WAY
    if found.detailed_merge_status == "mergeable" and not is_running:
        # GitLab would merge at once, which asks once more first.
        raise ActionRefused(f"!{iid} has nothing to wait for; merge it now.")
    # The second name is the one of servers before 17.11.
    _merge(api, found, project, {"auto_merge": True, "merge_when_pipeline_succeeds": True})
    return f"!{iid} merges by itself as soon as it may"


@gitlab.action(undo="merge_when_passed")
def cancel_auto_merge(click: Click, api: Api, project: str, iid: int) -> str:
    """Do not have it merged by itself."""
    found = fetch_merge_request(api, project, iid)
    if found.state == "merged":
        return f"!{iid} is merged already"
    if not found.merge_when_pipeline_succeeds:
        return f"!{iid} does not merge by itself"
    api.post(*merge_request_path(project, iid), "cancel_merge_when_pipeline_succeeds")
    return f"!{iid} does not merge by itself any more"


@gitlab.action
def rebase(click: Click, api: Api, project: str, iid: int) -> str:
    """Put the commits onto the target branch as it is now."""
    params: dict[str, str | int] = {"include_diverged_commits_count": "true", "include_rebase_in_progress": "true"}
    found = api.get(*merge_request_path(project, iid), params=params).parse(MergeRequest)
    _must_be_open(found)
    if found.rebase_in_progress:
        return f"!{iid} is being rebased already"
    if found.diverged_commits_count == 0:
        return f"!{iid} is up to date already"
    api.put(*merge_request_path(project, iid), "rebase")
    return f"Rebasing !{iid}"


@gitlab.action(undo="unassign_me_from_merge_request")
def assign_merge_request_to_me(click: Click, api: Api, project: str, iid: int) -> str:
    """Assign the merge request to the one who clicked; where only one may have it, in place of who has it."""
    return assign_me(api, _thread(project, iid))


@gitlab.action(undo="assign_merge_request_to_me")
def unassign_me_from_merge_request(click: Click, api: Api, project: str, iid: int) -> str:
    """Take the merge request off the one who clicked; the others keep it."""
    return unassign_me(api, _thread(project, iid))


@gitlab.action(undo="unreview_me")
def review_me(click: Click, api: Api, project: str, iid: int) -> str:
    """Ask for a review by the one who clicked."""
    me, found = fetch_account(api), fetch_merge_request(api, project, iid)
    _must_be_open(found)
    ids = with_me(me, found.reviewers)
    if ids is None:
        return f"{me.username} is asked to review !{iid} already"
    after = api.put(*merge_request_path(project, iid), json={"reviewer_ids": ids}).parse(MergeRequest)
    if with_me(me, after.reviewers) is not None:
        raise ActionRefused(f"GitLab does not let {me.username} review !{iid}.")
    return f"Asked {me.username} to review !{iid}"


@gitlab.action(undo="review_me")
def unreview_me(click: Click, api: Api, project: str, iid: int) -> str:
    """Do not ask for a review by the one who clicked; the others stay asked."""
    me, found = fetch_account(api), fetch_merge_request(api, project, iid)
    ids = without_me(me, found.reviewers)
    if ids is None:
        return f"{me.username} is not asked to review !{iid}"
    api.put(*merge_request_path(project, iid), json={"reviewer_ids": ids})
    return f"{me.username} is not asked to review !{iid} any more"


@gitlab.action(undo="mark_draft")
def mark_ready(click: Click, api: Api, project: str, iid: int) -> str:
    """Say that the draft is ready, which its title says."""
    found = fetch_merge_request(api, project, iid)
    _must_be_open(found)
    if not found.draft:
        return f"!{iid} is ready already"
    mark = _DRAFT.match(found.title)
    ready = found.title[mark.end() :] if mark else ""
    if not ready:
        raise ActionRefused(f"The title of !{iid} has no mark of a draft that could be taken away.")
    api.put(*merge_request_path(project, iid), json={"title": ready})
    return f"!{iid} is ready"


@gitlab.action(undo="mark_ready")
def mark_draft(click: Click, api: Api, project: str, iid: int) -> str:
    """Make it a draft again."""
    found = fetch_merge_request(api, project, iid)
    _must_be_open(found)
    if found.draft:
        return f"!{iid} is a draft already"
    api.put(*merge_request_path(project, iid), json={"title": f"Draft: {found.title}"})
    return f"!{iid} is a draft again"


@gitlab.action(undo="reopen_merge_request")
def close_merge_request(click: Click, api: Api, project: str, iid: int) -> str:
    """Close the merge request without merging it."""
    found = fetch_merge_request(api, project, iid)
    if found.state in ("closed", "merged"):
        return f"!{iid} is {found.state} already"
    api.put(*merge_request_path(project, iid), json={"state_event": "close"})
    return f"Closed !{iid}"


@gitlab.action(undo="close_merge_request")
def reopen_merge_request(click: Click, api: Api, project: str, iid: int) -> str:
    """Open the merge request again."""
    found = fetch_merge_request(api, project, iid)
    if found.state == "opened":
        return f"!{iid} is open already"
    if found.state == "merged":
        raise ActionRefused(f"!{iid} is merged; that cannot be taken back.")
    api.put(*merge_request_path(project, iid), json={"state_event": "reopen"})
    return f"Reopened !{iid}"


@gitlab.action(undo="unsubscribe_from_merge_request")
def subscribe_to_merge_request(click: Click, api: Api, project: str, iid: int) -> str:
    """Have the one who clicked told of everything that happens there."""
    return subscribe(api, _thread(project, iid))


@gitlab.action(undo="subscribe_to_merge_request")
def unsubscribe_from_merge_request(click: Click, api: Api, project: str, iid: int) -> str:
    """Have the one who clicked told of mentions only."""
    return unsubscribe(api, _thread(project, iid))


@gitlab.action(asks="Comment")
def comment_on_merge_request(click: Click, api: Api, project: str, iid: int, text: str) -> str:
    """Comment as the one who clicked; the same words are not sent twice within ten minutes."""
    return comment(click, api, _thread(project, iid), text)


def merge_request_path(project: str, iid: int) -> tuple[str | int, ...]:
    """Where the API has a merge request."""
    return (*project_path(project), "merge_requests", iid)


def fetch_merge_request(api: Api, project: str, iid: int) -> MergeRequest:
    """The merge request as it is now."""
    return api.get(*merge_request_path(project, iid)).parse(MergeRequest)


def _thread(project: str, iid: int) -> Thread:
    return Thread(f"!{iid}", merge_request_path(project, iid))


def _approvals(api: Api, project: str, iid: int) -> Approvals:
    return api.get(*merge_request_path(project, iid), "approvals").parse(Approvals)


def _must_be_open(found: MergeRequest) -> None:
    if found.state != "opened":
        raise ActionRefused(f"!{found.iid} is {'merged' if found.state == 'merged' else 'closed'} already.")


def _merge(api: Api, found: MergeRequest, project: str, how: dict[str, object]) -> None:
    """Merge, or have it merged, at the commit that was looked at. Raises ActionRefused with what is missing."""
    later, approvals_left = bool(how), 0
    if found.user.can_merge is False:
        raise ActionRefused(f"GitLab does not let you merge into {found.target_branch}.")
    if found.detailed_merge_status == "not_approved":
        approvals_left = _left(api, project, found.iid)
    reason = why_blocked(found, approvals_left, later=later)
    if reason:
        raise ActionRefused(reason)
    try:
        api.put(*merge_request_path(project, found.iid), "merge", json={**_sha_of(found), **how})
    except AccessDenied:
        # GitLab answers 401 to who may not merge; the account itself was good a moment ago.
        raise ActionRefused(f"GitLab does not let you merge into {found.target_branch}.") from None
    except ActionRefused as refusal:
        now = fetch_merge_request(api, project, found.iid)
        raise ActionRefused(why_blocked(now, 0, later=later) or str(refusal)) from refusal


def _left(api: Api, project: str, iid: int) -> int:
    try:
        return _approvals(api, project, iid).approvals_left
    except UnfurlError:
        return 0


def _sha_of(found: MergeRequest) -> dict[str, object]:
    return {"sha": found.sha} if found.sha else {}
