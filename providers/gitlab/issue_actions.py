"""What buttons do to an issue.

Source: https://docs.gitlab.com/api/issues/, https://docs.gitlab.com/api/notes/
"""

from __future__ import annotations

from providers.gitlab.models import Issue
from providers.gitlab.places import project_path
from providers.gitlab.site import fetch_account, gitlab
from providers.gitlab.talk import say_once, with_me, without_me
from unfurler.sdk import ActionRefused, Api, Click


@gitlab.action(undo="reopen_issue")
def close_issue(click: Click, api: Api, project: str, iid: int) -> str:
    """Close the issue."""
    if fetch_issue(api, project, iid).state == "closed":
        return f"#{iid} is closed already"
    api.put(*issue_path(project, iid), json={"state_event": "close"})
    return f"Closed #{iid}"


@gitlab.action(undo="close_issue")
def reopen_issue(click: Click, api: Api, project: str, iid: int) -> str:
    """Open the issue again."""
    if fetch_issue(api, project, iid).state == "opened":
        return f"#{iid} is open already"
    api.put(*issue_path(project, iid), json={"state_event": "reopen"})
    return f"Reopened #{iid}"


@gitlab.action(undo="unassign_me_from_issue")
def assign_issue_to_me(click: Click, api: Api, project: str, iid: int) -> str:
    """Assign the issue to the one who clicked; where only one may have it, in place of who has it."""
    me, found = fetch_account(api), fetch_issue(api, project, iid)
    ids = with_me(me, found.assignees)
    if ids is None:
        return f"#{iid} is assigned to {me.username} already"
    after = api.put(*issue_path(project, iid), json={"assignee_ids": ids}).parse(Issue)
    if with_me(me, after.assignees) is not None:
        # GitLab silently leaves out whom it does not let assign.
        raise ActionRefused(f"GitLab does not let {me.username} take #{iid}.")
    return f"Assigned #{iid} to {me.username}"


@gitlab.action(undo="assign_issue_to_me")
def unassign_me_from_issue(click: Click, api: Api, project: str, iid: int) -> str:
    """Take the issue off the one who clicked; the others keep it."""
    me, found = fetch_account(api), fetch_issue(api, project, iid)
    ids = without_me(me, found.assignees)
    if ids is None:
        return f"#{iid} is not assigned to {me.username}"
    api.put(*issue_path(project, iid), json={"assignee_ids": ids})
    return f"#{iid} is not assigned to {me.username} any more"


@gitlab.action(undo="unsubscribe_from_issue")
def subscribe_to_issue(click: Click, api: Api, project: str, iid: int) -> str:
    """Have the one who clicked told of everything that happens there."""
    if not fetch_issue(api, project, iid).subscribed:
        api.post(*issue_path(project, iid), "subscribe")
    return f"Subscribed to #{iid}"


@gitlab.action(undo="subscribe_to_issue")
def unsubscribe_from_issue(click: Click, api: Api, project: str, iid: int) -> str:
    """Have the one who clicked told of mentions only."""
    if fetch_issue(api, project, iid).subscribed:
        api.post(*issue_path(project, iid), "unsubscribe")
    return f"Unsubscribed from #{iid}"


@gitlab.action(asks="Comment")
def comment_on_issue(click: Click, api: Api, project: str, iid: int, text: str) -> str:
    """Comment as the one who clicked; the same words are not sent twice within ten minutes."""
    said = say_once(click, api, issue_path(project, iid), text)
    return f"Commented on #{iid}" if said else f"The comment is on #{iid} already"


def issue_path(project: str, iid: int) -> tuple[str | int, ...]:
    """Where the API has an issue."""
    return (*project_path(project), "issues", iid)


def fetch_issue(api: Api, project: str, iid: int) -> Issue:
    """The issue as it is now."""
    return api.get(*issue_path(project, iid)).parse(Issue)
