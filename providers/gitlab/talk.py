"""What issues and merge requests have in common for those who take part: who has it, what was said.

Source: https://docs.gitlab.com/api/issues/, https://docs.gitlab.com/api/merge_requests/,
https://docs.gitlab.com/api/notes/
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from providers.gitlab.models import Account, Notes, User
from providers.gitlab.site import fetch_account
from unfurler.sdk import Api, Click

# So long the same words of the same person count as one comment whose answer was lost.
SAME_COMMENT = timedelta(minutes=10)
LATEST: dict[str, str | int] = {"order_by": "created_at", "sort": "desc", "per_page": 50}
NOBODY = 0  # what `assignee_ids` and `reviewer_ids` take for an empty list


def with_me(me: Account, people: Sequence[User]) -> list[int] | None:
    """The ids to send so that the account is one of them, None where it is. First, for where only one may be."""
    ids = [one.id for one in people if one.id]
    return None if me.id in ids else [me.id, *ids]


def without_me(me: Account, people: Sequence[User]) -> list[int] | None:
    """The ids to send so that the account is none of them, None where it is none."""
    ids = [one.id for one in people if one.id]
    return None if me.id not in ids else [one for one in ids if one != me.id] or [NOBODY]


def say_once(click: Click, api: Api, at: tuple[str | int, ...], text: str) -> bool:
    """Comment there, unless the account said the very same in the last ten minutes."""
    me = fetch_account(api)
    for note in api.get(*at, "notes", params=LATEST).parse(Notes).root:
        is_recent = note.created_at is not None and note.created_at >= click.at - SAME_COMMENT
        if is_recent and note.author.id == me.id and note.body.split() == text.split():
            return False
    api.post(*at, "notes", json={"body": text})
    return True
