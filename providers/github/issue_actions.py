"""What buttons do to an issue, and to a pull request where it is an issue as well.

Source: https://docs.github.com/rest/issues/issues, https://docs.github.com/rest/issues/assignees,
https://docs.github.com/rest/issues/comments, https://docs.github.com/graphql/reference/mutations#updatesubscription
"""

from __future__ import annotations

from datetime import timedelta

from providers.github.asking import ask
from providers.github.models import Comments, Issue
from providers.github.parts import logins
from providers.github.places import repository_path
from providers.github.site import fetch_account, github
from unfurler.sdk import ActionRefused, Api, Click, Part

# So long the same words of the same person count as one comment whose answer was lost.
SAME_COMMENT = timedelta(minutes=10)

SUBSCRIPTION = """
query Subscription($owner: String!, $repo: String!, $number: Int!) {
  repository(owner: $owner, name: $repo) {
    issueOrPullRequest(number: $number) {
      ... on Issue { id viewerSubscription }
      ... on PullRequest { id viewerSubscription }
    }
  }
}
"""
UPDATE_SUBSCRIPTION = """
mutation UpdateSubscription($thread: ID!, $state: SubscriptionState!) {
  updateSubscription(input: {subscribableId: $thread, state: $state}) { clientMutationId }
}
"""


class Subscribable(Part, frozen=True):
    id: str
    viewerSubscription: str = ""


class ThreadOf(Part, frozen=True):
    issueOrPullRequest: Subscribable


class Subscription(Part, frozen=True):
    repository: ThreadOf


@github.action(undo="reopen")
def close_completed(click: Click, api: Api, owner: str, repo: str, number: int) -> str:
    """Close the issue as completed."""
    return _close(api, owner, repo, number, "completed")


@github.action(undo="reopen")
def close_not_planned(click: Click, api: Api, owner: str, repo: str, number: int) -> str:
    """Close the issue as not planned."""
    return _close(api, owner, repo, number, "not_planned")


@github.action
def reopen(click: Click, api: Api, owner: str, repo: str, number: int) -> str:
    """Open the issue again."""
    if fetch_issue(api, owner, repo, number).state == "open":
        return f"#{number} is open already"
    api.patch(*issue_path(owner, repo, number), json={"state": "open"})
    return f"Reopened #{number}"


@github.action(undo="unassign_me")
def assign_me(click: Click, api: Api, owner: str, repo: str, number: int) -> str:
    """Assign the issue or pull request to the one who clicked, beside those who have it."""
    login = fetch_account(api).login
    if login in logins(fetch_issue(api, owner, repo, number).assignees):
        return f"#{number} is assigned to {login} already"
    at = issue_path(owner, repo, number)
    found = api.post(*at, "assignees", json={"assignees": [login]}).parse(Issue)
    if login not in logins(found.assignees):
        # GitHub silently leaves out whom it does not let assign.
        raise ActionRefused(f"GitHub does not let {login} take #{number}: that needs write access to the repository.")
    return f"Assigned #{number} to {login}"


@github.action(undo="assign_me")
def unassign_me(click: Click, api: Api, owner: str, repo: str, number: int) -> str:
    """Take the issue or pull request off the one who clicked; the others keep it."""
    login = fetch_account(api).login
    assigned = logins(fetch_issue(api, owner, repo, number).assignees)
    if login not in assigned:
        return f"#{number} is not assigned to {login}"
    others = [name for name in assigned if name != login]
    found = api.patch(*issue_path(owner, repo, number), json={"assignees": others}).parse(Issue)
    if login in logins(found.assignees):
        raise ActionRefused(f"GitHub does not let {login} change who has #{number}.")
    return f"#{number} is not assigned to {login} any more"


@github.action(undo="unsubscribe")
def subscribe(click: Click, api: Api, owner: str, repo: str, number: int) -> str:
    """Have the one who clicked told of everything that happens there."""
    return _subscribe(api, owner, repo, number, "SUBSCRIBED", "Subscribed to")


@github.action(undo="subscribe")
def unsubscribe(click: Click, api: Api, owner: str, repo: str, number: int) -> str:
    """Have the one who clicked told of mentions only."""
    return _subscribe(api, owner, repo, number, "UNSUBSCRIBED", "Unsubscribed from")


@github.action(asks="Comment")
def comment(click: Click, api: Api, owner: str, repo: str, number: int, text: str) -> str:
    """Comment as the one who clicked; the same words are not sent twice within ten minutes."""
    at = (*issue_path(owner, repo, number), "comments")
    login = fetch_account(api).login
    since = f"{click.at - SAME_COMMENT:%Y-%m-%dT%H:%M:%SZ}"
    latest = api.get(*at, params={"since": since, "per_page": 100}).parse(Comments).root
    if any(said.user.login == login and _words(said.body) == _words(text) for said in latest):
        return f"The comment is on #{number} already"
    api.post(*at, json={"body": text})
    return f"Commented on #{number}"


def issue_path(owner: str, repo: str, number: int) -> tuple[str | int, ...]:
    """Where the API has an issue or pull request."""
    return (*repository_path(owner, repo), "issues", number)


def fetch_issue(api: Api, owner: str, repo: str, number: int) -> Issue:
    """The issue as it is now."""
    return api.get(*issue_path(owner, repo, number)).parse(Issue)


def _close(api: Api, owner: str, repo: str, number: int, reason: str) -> str:
    if fetch_issue(api, owner, repo, number).state == "closed":
        return f"#{number} is closed already"
    api.patch(*issue_path(owner, repo, number), json={"state": "closed", "state_reason": reason})
    return f"Closed #{number} as {reason.replace('_', ' ')}"


def _subscribe(api: Api, owner: str, repo: str, number: int, state: str, said: str) -> str:
    repository_path(owner, repo)
    found = ask(api, Subscription, SUBSCRIPTION, owner=owner, repo=repo, number=number).repository.issueOrPullRequest
    if found.viewerSubscription != state:
        api.graphql(UPDATE_SUBSCRIPTION, {"thread": found.id, "state": state})
    return f"{said} #{number}"


def _words(text: str) -> list[str]:
    """What is the same however line ends and blanks were sent."""
    return text.split()
