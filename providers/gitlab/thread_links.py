"""Links to what people talk about: issues, merge requests, epics.

Source: https://docs.gitlab.com/api/issues/, https://docs.gitlab.com/api/merge_requests/,
https://docs.gitlab.com/api/merge_request_approvals/, https://docs.gitlab.com/api/notes/,
https://docs.gitlab.com/api/epics/
"""

from __future__ import annotations

import re

from providers.gitlab.asking import optional
from providers.gitlab.issue_actions import fetch_issue, issue_path
from providers.gitlab.merge_request_actions import fetch_merge_request, merge_request_path
from providers.gitlab.models import Approvals, Epic, Note
from providers.gitlab.places import group_path
from providers.gitlab.site import gitlab
from providers.gitlab.threads import epic_card, issue_card, merge_request_card
from unfurler.sdk import Api, Card, Link

_NOTE = re.compile(r"note_(\d{1,19})", re.ASCII)


@gitlab.link("/<path:project>/-/issues/<int:iid>")
@gitlab.link("/<path:project>/-/issues/<int:iid>/designs")
@gitlab.link("/<path:project>/-/issues/incident/<int:iid>")
@gitlab.link("/<path:project>/-/work_items/<int:iid>")
def issue(link: Link, api: Api, project: str, iid: int) -> Card:
    """An issue, incident or task: its state, who opened it when, labels and excerpt; a linked comment comes first."""
    found = fetch_issue(api, project, iid)
    return issue_card(project, found, _note(link, api, issue_path(project, iid)))


@gitlab.link("/<path:project>/-/merge_requests/<int:iid>")
@gitlab.link("/<path:project>/-/merge_requests/<int:iid>/diffs")
@gitlab.link("/<path:project>/-/merge_requests/<int:iid>/commits")
@gitlab.link("/<path:project>/-/merge_requests/<int:iid>/pipelines")
@gitlab.link("/<path:project>/-/merge_requests/<int:iid>/reports")
def merge_request(link: Link, api: Api, project: str, iid: int) -> Card:
    """A merge request: its state and branches, approvals and pipeline; a linked comment comes first."""
    at, found = merge_request_path(project, iid), fetch_merge_request(api, project, iid)
    # Who approved what is decided is not worth a request.
    approvals = optional(api, Approvals, *at, "approvals") if found.state == "opened" else None
    return merge_request_card(project, found, approvals, _note(link, api, at))


@gitlab.link("/groups/<path:group>/-/epics/<int:iid>")
@gitlab.link("/groups/<path:group>/-/work_items/<int:iid>")
def epic(link: Link, api: Api, group: str, iid: int) -> Card:
    """An epic of a group: its state, when it starts and is due."""
    return epic_card(group, api.get(*group_path(group), "epics", iid).parse(Epic))


def _note(link: Link, api: Api, at: tuple[str | int, ...]) -> Note | None:
    """The comment that the link points to."""
    anchor = _NOTE.fullmatch(link.fragment)
    return optional(api, Note, *at, "notes", anchor[1]) if anchor else None
