"""What buttons do to an issue.

Source: https://docs.gitlab.com/api/issues/, https://docs.gitlab.com/api/notes/
"""

from __future__ import annotations

from providers.gitlab.models import Issue
from providers.gitlab.places import project_path
from providers.gitlab.site import gitlab
from providers.gitlab.taking_part import Thread, assign_me, comment, subscribe, unassign_me, unsubscribe
from unfurler.sdk import Api, Click


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
    return assign_me(api, _thread(project, iid))


@gitlab.action(undo="assign_issue_to_me")
def unassign_me_from_issue(click: Click, api: Api, project: str, iid: int) -> str:
    """Take the issue off the one who clicked; the others keep it."""
    return unassign_me(api, _thread(project, iid))


@gitlab.action(undo="unsubscribe_from_issue")
def subscribe_to_issue(click: Click, api: Api, project: str, iid: int) -> str:
    """Have the one who clicked told of everything that happens there."""
    return subscribe(api, _thread(project, iid))


@gitlab.action(undo="subscribe_to_issue")
def unsubscribe_from_issue(click: Click, api: Api, project: str, iid: int) -> str:
    """Have the one who clicked told of mentions only."""
    return unsubscribe(api, _thread(project, iid))


@gitlab.action(asks="Comment")
def comment_on_issue(click: Click, api: Api, project: str, iid: int, text: str) -> str:
    """Comment as the one who clicked; the same words are not sent twice within ten minutes."""
    return comment(click, api, _thread(project, iid), text)


def issue_path(project: str, iid: int) -> tuple[str | int, ...]:
    """Where the API has an issue."""
    return (*project_path(project), "issues", iid)


def fetch_issue(api: Api, project: str, iid: int) -> Issue:
    """The issue as it is now."""
    return api.get(*issue_path(project, iid)).parse(Issue)


def _thread(project: str, iid: int) -> Thread:
    return Thread(f"#{iid}", issue_path(project, iid))
