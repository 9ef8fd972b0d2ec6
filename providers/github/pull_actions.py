"""What buttons do to a pull request.

Source: https://docs.github.com/rest/pulls/pulls, https://docs.github.com/rest/pulls/reviews,
https://docs.github.com/rest/pulls/review-requests, https://docs.github.com/graphql/reference/mutations
"""

from __future__ import annotations

from providers.github.asking import ask
from providers.github.blocked import BLOCKED, Blocked, why_blocked
from providers.github.models import Pull, Reviews
from providers.github.parts import logins
from providers.github.places import repository_path
from providers.github.site import fetch_account, github
from unfurler.sdk import ActionRefused, Api, Click, Part, UnfurlError

DONE = {"squash": "Squashed and merged", "merge": "Merged", "rebase": "Rebased and merged"}

WAYS = """
query MergeWays($owner: String!, $repo: String!, $number: Int!) {
  repository(owner: $owner, name: $repo) {
    viewerDefaultMergeMethod
    autoMergeAllowed
    pullRequest(number: $number) { id state autoMergeRequest { enabledAt } }
  }
}
"""
ENABLE_AUTO_MERGE = """
mutation EnableAutoMerge($pull: ID!, $method: PullRequestMergeMethod!) {
  enablePullRequestAutoMerge(input: {pullRequestId: $pull, mergeMethod: $method}) { clientMutationId }
}
"""
DISABLE_AUTO_MERGE = """
mutation DisableAutoMerge($pull: ID!) {
  disablePullRequestAutoMerge(input: {pullRequestId: $pull}) { clientMutationId }
}
"""
MARK_READY = """
mutation MarkReady($pull: ID!) {
  markPullRequestReadyForReview(input: {pullRequestId: $pull}) { clientMutationId }
}
"""
MARK_DRAFT = """
mutation MarkDraft($pull: ID!) {
  convertPullRequestToDraft(input: {pullRequestId: $pull}) { clientMutationId }
}
"""


class AutoMerge(Part, frozen=True):
    enabledAt: str = ""


class PullState(Part, frozen=True):
    id: str
    state: str = ""
    autoMergeRequest: AutoMerge | None = None


class WaysOf(Part, frozen=True):
    pullRequest: PullState
    viewerDefaultMergeMethod: str = "MERGE"
    autoMergeAllowed: bool = True


class Ways(Part, frozen=True):
    repository: WaysOf


@github.action
def approve(click: Click, api: Api, owner: str, repo: str, number: int) -> str:
    """Approve what the pull request holds now, as the one who clicked."""
    found, login = fetch_pull(api, owner, repo, number), fetch_account(api).login
    _must_be_open(found)
    if found.user.login == login:
        raise ActionRefused("GitHub does not let people approve their own pull requests.")
    at = (*pull_path(owner, repo, number), "reviews")
    own = [one for one in api.get(*at, params={"per_page": 100}).parse(Reviews).root if one.user.login == login]
    verdicts = [one for one in own if one.state in ("APPROVED", "CHANGES_REQUESTED", "DISMISSED")]
    if verdicts and verdicts[-1].state == "APPROVED" and verdicts[-1].commit_id == found.head.sha:
        return f"{login} has approved #{number} already"
    # Of what is there now, not of what somebody pushes in the meantime.
    api.post(*at, json={"event": "APPROVE", **({"commit_id": found.head.sha} if found.head.sha else {})})
    return f"Approved #{number}"


@github.action(confirm="Squash all commits into one and merge?")
def merge_squash(click: Click, api: Api, owner: str, repo: str, number: int) -> str:
    """Merge all commits as one."""
    return _merge(api, owner, repo, number, "squash")


@github.action(confirm="Merge with a merge commit?")
def merge_commit(click: Click, api: Api, owner: str, repo: str, number: int) -> str:
    """Merge with a merge commit."""
    return _merge(api, owner, repo, number, "merge")


@github.action(confirm="Rebase the commits onto the base branch and merge?")
def merge_rebase(click: Click, api: Api, owner: str, repo: str, number: int) -> str:
    """Merge by putting the commits onto the base branch."""
    return _merge(api, owner, repo, number, "rebase")


@github.action(confirm="Merge in the way that is usual in this repository?")
def merge(click: Click, api: Api, owner: str, repo: str, number: int) -> str:
    """Merge in the way that GitHub itself would offer first to the one who clicked."""
    method = _ways(api, owner, repo, number).viewerDefaultMergeMethod.lower()
    return _merge(api, owner, repo, number, method if method in DONE else "merge")


@github.action(undo="disable_auto_merge")
def enable_auto_merge(click: Click, api: Api, owner: str, repo: str, number: int) -> str:
    """Have it merged as soon as everything that the repository demands is there."""
    ways = _ways(api, owner, repo, number)
    found = ways.pullRequest
    if found.state == "MERGED":
        return f"#{number} is merged already"
    if found.autoMergeRequest is not None:
        return f"#{number} merges by itself already"
    if not ways.autoMergeAllowed:
        raise ActionRefused("This repository does not allow auto-merge.")
    api.graphql(ENABLE_AUTO_MERGE, {"pull": found.id, "method": ways.viewerDefaultMergeMethod})
    return f"#{number} merges by itself as soon as it may"


@github.action(undo="enable_auto_merge")
def disable_auto_merge(click: Click, api: Api, owner: str, repo: str, number: int) -> str:
    """Do not have it merged by itself."""
    found = _ways(api, owner, repo, number).pullRequest
    if found.state == "MERGED":
        return f"#{number} is merged already"
    if found.autoMergeRequest is None:
        return f"#{number} does not merge by itself"
    api.graphql(DISABLE_AUTO_MERGE, {"pull": found.id})
    return f"#{number} does not merge by itself any more"


@github.action
def review_me(click: Click, api: Api, owner: str, repo: str, number: int) -> str:
    """Ask for a review by the one who clicked."""
    found, login = fetch_pull(api, owner, repo, number), fetch_account(api).login
    _must_be_open(found)
    if found.user.login == login:
        raise ActionRefused("GitHub does not let people review their own pull requests.")
    if login in logins(found.requested_reviewers):
        return f"{login} is asked to review #{number} already"
    api.post(*pull_path(owner, repo, number), "requested_reviewers", json={"reviewers": [login]})
    return f"Asked {login} to review #{number}"


@github.action(undo="mark_draft")
def mark_ready(click: Click, api: Api, owner: str, repo: str, number: int) -> str:
    """Say that the draft is ready for review."""
    found = fetch_pull(api, owner, repo, number)
    _must_be_open(found)
    if not found.draft:
        return f"#{number} is ready for review already"
    api.graphql(MARK_READY, {"pull": found.node_id})
    return f"#{number} is ready for review"


@github.action(undo="mark_ready")
def mark_draft(click: Click, api: Api, owner: str, repo: str, number: int) -> str:
    """Make it a draft again."""
    found = fetch_pull(api, owner, repo, number)
    _must_be_open(found)
    if found.draft:
        return f"#{number} is a draft already"
    api.graphql(MARK_DRAFT, {"pull": found.node_id})
    return f"#{number} is a draft again"


@github.action(undo="reopen_pull")
def close_pull(click: Click, api: Api, owner: str, repo: str, number: int) -> str:
    """Close the pull request without merging it."""
    found = fetch_pull(api, owner, repo, number)
    if found.state == "closed":
        return f"#{number} is {'merged' if found.merged else 'closed'} already"
    api.patch(*pull_path(owner, repo, number), json={"state": "closed"})
    return f"Closed #{number}"


@github.action(undo="close_pull")
def reopen_pull(click: Click, api: Api, owner: str, repo: str, number: int) -> str:
    """Open the pull request again."""
    found = fetch_pull(api, owner, repo, number)
    if found.state == "open":
        return f"#{number} is open already"
    if found.merged:
        raise ActionRefused(f"#{number} is merged; that cannot be taken back.")
    api.patch(*pull_path(owner, repo, number), json={"state": "open"})
    return f"Reopened #{number}"


def pull_path(owner: str, repo: str, number: int) -> tuple[str | int, ...]:
    """Where the API has a pull request."""
    return (*repository_path(owner, repo), "pulls", number)


def fetch_pull(api: Api, owner: str, repo: str, number: int) -> Pull:
    """The pull request as it is now."""
    return api.get(*pull_path(owner, repo, number)).parse(Pull)


def _must_be_open(found: Pull) -> None:
    if found.state != "open":
        raise ActionRefused(f"#{found.number} is {'merged' if found.merged else 'closed'} already.")


def _ways(api: Api, owner: str, repo: str, number: int) -> WaysOf:
    repository_path(owner, repo)
    return ask(api, Ways, WAYS, owner=owner, repo=repo, number=number).repository


def _merge(api: Api, owner: str, repo: str, number: int, method: str) -> str:
    found = fetch_pull(api, owner, repo, number)
    if found.merged:
        return f"#{number} is merged already"
    if found.state != "open":
        raise ActionRefused(f"#{number} is closed; reopen it first.")
    if found.draft:
        raise ActionRefused(f"#{number} is a draft; mark it ready first.")
    if found.mergeable is False:
        raise ActionRefused("Merging is blocked: there are conflicts.")
    # With the commit that was looked at: what is pushed in the meantime is not merged unseen.
    sent = {"merge_method": method, **({"sha": found.head.sha} if found.head.sha else {})}
    try:
        api.put(*pull_path(owner, repo, number), "merge", json=sent)
    except ActionRefused as refusal:
        raise ActionRefused(_reason(api, owner, repo, number) or str(refusal)) from refusal
    return f"{DONE[method]} #{number}"


def _reason(api: Api, owner: str, repo: str, number: int) -> str:
    """Why GitHub refused to merge, "" where it does not tell."""
    try:
        return why_blocked(ask(api, Blocked, BLOCKED, owner=owner, repo=repo, number=number).repository.pullRequest)
    except UnfurlError:
        return ""
