"""Links to discussions.

Source: https://docs.github.com/graphql/guides/using-the-graphql-api-for-discussions; REST does not have them, and
GraphQL always wants an account.
"""

from __future__ import annotations

import re

from providers.github.asking import ask
from providers.github.discussions import DISCUSSION, Asked, discussion_card
from providers.github.places import repository_path
from providers.github.site import github
from unfurler.sdk import Api, Card, Link

_COMMENT = re.compile(r"discussioncomment-(\d{1,19})", re.ASCII)


@github.link("/<owner>/<repo>/discussions/<int:number>")
def discussion(link: Link, api: Api, owner: str, repo: str, number: int) -> Card:
    """A discussion: its category, whether it is answered, and how; a linked comment comes first."""
    repository_path(owner, repo)
    asked = ask(api, Asked, DISCUSSION, owner=owner, repo=repo, number=number).repository
    anchor = _COMMENT.fullmatch(link.fragment)
    return discussion_card(f"{owner}/{repo}", asked, anchor[1] if anchor else "")
