"""Links to what people talk about: issues and pull requests.

Source: https://docs.github.com/rest/issues/issues, https://docs.github.com/rest/issues/comments,
https://docs.github.com/rest/pulls/pulls, https://docs.github.com/rest/pulls/reviews,
https://docs.github.com/rest/pulls/comments, https://docs.github.com/rest/checks/runs,
https://docs.github.com/rest/commits/statuses
"""

from __future__ import annotations

import re

from providers.github.asking import optional
from providers.github.checks import PAGE, Checks, checks_of
from providers.github.models import CheckRuns, CombinedStatus, Comment, Issue, Pull, Reviews
from providers.github.places import repository_path
from providers.github.site import github
from providers.github.threads import issue_card, pull_card
from unfurler.sdk import Api, Card, Link

_COMMENT = re.compile(r"(issuecomment-|discussion_r)(\d{1,19})", re.ASCII)


@github.link("/<owner>/<repo>/issues/<int:number>")
def issue(link: Link, api: Api, owner: str, repo: str, number: int) -> Card:
    """An issue: its state, who opened it when, labels and excerpt; a linked comment comes first."""
    at = repository_path(owner, repo)
    found = api.get(*at, "issues", number).parse(Issue)
    return issue_card(f"{owner}/{repo}", found, _comment(link, api, at, number))


@github.link("/<owner>/<repo>/pull/<int:number>")
@github.link("/<owner>/<repo>/pull/<int:number>/files")
@github.link("/<owner>/<repo>/pull/<int:number>/changes")
@github.link("/<owner>/<repo>/pull/<int:number>/commits")
@github.link("/<owner>/<repo>/pull/<int:number>/checks")
def pull(link: Link, api: Api, owner: str, repo: str, number: int) -> Card:
    """A pull request: its state and branches, size, checks and reviews; a linked comment comes first."""
    at = repository_path(owner, repo)
    found = api.get(*at, "pulls", number).parse(Pull)
    comment = _comment(link, api, at, number)
    if found.state != "open":  # reviews and checks of what is decided are not worth three requests
        return pull_card(f"{owner}/{repo}", found, (), None, comment)
    reviews = optional(api, Reviews, *at, "pulls", number, "reviews", per_page=PAGE)
    checks = _checks(api, at, found.head.sha)
    return pull_card(f"{owner}/{repo}", found, reviews.root if reviews else (), checks, comment)


def _comment(link: Link, api: Api, at: tuple[str, ...], number: int) -> Comment | None:
    """The comment that the link points to, if it belongs to this very thread."""
    anchor = _COMMENT.fullmatch(link.fragment)
    if anchor is None:
        return None
    kind = "issues" if anchor[1] == "issuecomment-" else "pulls"
    comment = optional(api, Comment, *at, kind, "comments", anchor[2])
    if comment is None:
        return None
    thread = comment.issue_url or comment.pull_request_url
    return comment if thread.endswith(f"/{number}") else None


def _checks(api: Api, at: tuple[str, ...], sha: str) -> Checks | None:
    if not sha:
        return None
    return checks_of(
        optional(api, CheckRuns, *at, "commits", sha, "check-runs", per_page=PAGE),
        optional(api, CombinedStatus, *at, "commits", sha, "status", per_page=PAGE),
    )
