"""What one who clicks can do in an issue and in a merge request alike: have it, follow it, comment on it.

Source: https://docs.gitlab.com/api/issues/, https://docs.gitlab.com/api/merge_requests/,
https://docs.gitlab.com/api/notes/
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from providers.gitlab.models import Account, Notes, User
from providers.gitlab.site import fetch_account
from unfurler.sdk import ActionRefused, Api, Click, Part

# So long the same words of the same person count as one comment whose answer was lost.
SAME_COMMENT = timedelta(minutes=10)
LATEST: dict[str, str | int] = {"order_by": "created_at", "sort": "desc", "per_page": 50}
NOBODY = 0  # what `assignee_ids` and `reviewer_ids` take for an empty list


class TakingPart(Part, frozen=True):
    """Who takes part in an issue or merge request; `subscribed` is of who asks."""

    assignees: tuple[User, ...] = ()
    subscribed: bool | None = None


@dataclass(frozen=True, slots=True)
class Thread:
    """An issue or merge request: how people write it (`#5`, `!5`), where the API has it."""

    name: str
    path: tuple[str | int, ...]


def assign_me(api: Api, thread: Thread) -> str:
    """Assign it to the one who clicked; where only one may have it, in place of who has it."""
    me, found = fetch_account(api), _taking_part(api, thread)
    ids = with_me(me, found.assignees)
    if ids is None:
        return f"{thread.name} is assigned to {me.username} already"
    after = api.put(*thread.path, json={"assignee_ids": ids}).parse(TakingPart)
    if with_me(me, after.assignees) is not None:
        # GitLab silently leaves out whom it does not let assign.
        raise ActionRefused(f"GitLab does not let {me.username} take {thread.name}.")
    return f"Assigned {thread.name} to {me.username}"


def unassign_me(api: Api, thread: Thread) -> str:
    """Take it off the one who clicked; the others keep it."""
    me, found = fetch_account(api), _taking_part(api, thread)
    ids = without_me(me, found.assignees)
    if ids is None:
        return f"{thread.name} is not assigned to {me.username}"
    api.put(*thread.path, json={"assignee_ids": ids})
    return f"{thread.name} is not assigned to {me.username} any more"


def subscribe(api: Api, thread: Thread) -> str:
    """Have the one who clicked told of everything that happens there."""
    if not _taking_part(api, thread).subscribed:
        api.post(*thread.path, "subscribe")
    return f"Subscribed to {thread.name}"


def unsubscribe(api: Api, thread: Thread) -> str:
    """Have the one who clicked told of mentions only."""
    if _taking_part(api, thread).subscribed:
        api.post(*thread.path, "unsubscribe")
    return f"Unsubscribed from {thread.name}"


def comment(click: Click, api: Api, thread: Thread, text: str) -> str:
    """Comment there, unless the account said the very same in the last ten minutes."""
    me = fetch_account(api)
    for note in api.get(*thread.path, "notes", params=LATEST).parse(Notes).root:
        is_recent = note.created_at is not None and note.created_at >= click.at - SAME_COMMENT
        if is_recent and note.author.id == me.id and note.body.split() == text.split():
            return f"The comment is on {thread.name} already"
    api.post(*thread.path, "notes", json={"body": text})
    return f"Commented on {thread.name}"


def with_me(me: Account, people: Sequence[User]) -> list[int] | None:
    """The ids to send so that the account is one of them, None where it is. First, for where only one may be."""
    ids = [one.id for one in people if one.id]
    return None if me.id in ids else [me.id, *ids]


def without_me(me: Account, people: Sequence[User]) -> list[int] | None:
    """The ids to send so that the account is none of them, None where it is none."""
    ids = [one.id for one in people if one.id]
    return None if me.id not in ids else [one for one in ids if one != me.id] or [NOBODY]


def _taking_part(api: Api, thread: Thread) -> TakingPart:
    return api.get(*thread.path).parse(TakingPart)
