"""Cards of discussions."""

from __future__ import annotations

from pydantic import AwareDatetime

from providers.github.models import User
from providers.github.parts import EXCERPT_CHARS, fact_at, facts, fields
from unfurler.sdk import Card, Part, Quote, Status, excerpt, one_line, plural

DISCUSSION = """
query Discussion($owner: String!, $repo: String!, $number: Int!) {
  repository(owner: $owner, name: $repo) {
    visibility
    discussion(number: $number) {
      number
      title
      body
      isAnswered
      closed
      createdAt
      updatedAt
      upvoteCount
      author { login }
      category { name isAnswerable }
      answer { body createdAt author { login } }
      comments(first: 100) { totalCount nodes { databaseId body createdAt isMinimized author { login } } }
    }
  }
}
"""


class Category(Part, frozen=True):
    name: str = ""
    isAnswerable: bool = False


class Said(Part, frozen=True):
    databaseId: int = 0
    body: str = ""
    createdAt: AwareDatetime | None = None
    isMinimized: bool = False
    author: User = User()


class SaidByAll(Part, frozen=True):
    totalCount: int = 0
    nodes: tuple[Said, ...] = ()


class Discussion(Part, frozen=True):
    number: int
    title: str
    body: str = ""
    isAnswered: bool = False
    closed: bool = False
    createdAt: AwareDatetime | None = None
    updatedAt: AwareDatetime | None = None
    upvoteCount: int = 0
    author: User = User()
    category: Category = Category()
    answer: Said | None = None
    comments: SaidByAll = SaidByAll()


class DiscussionOf(Part, frozen=True):
    discussion: Discussion
    visibility: str = ""


class Asked(Part, frozen=True):
    repository: DiscussionOf


def discussion_card(place: str, asked: DiscussionOf, comment: str) -> Card:
    """A discussion; `comment` is the number of the linked one, "" for none."""
    found = asked.discussion
    return Card(
        kicker=f"{place} #{found.number}",
        title=found.title,
        status=_status(found),
        facts=[
            *facts(found.category.name, found.author.login),
            *fact_at("asked" if found.category.isAnswerable else "begun", found.createdAt),
            *facts(f"▲ {found.upvoteCount:,}" if found.upvoteCount else ""),
            *facts(plural(found.comments.totalCount, "comment") if found.comments.totalCount else ""),
        ],
        quote=_quote(found, comment),
        text=excerpt(found.body, EXCERPT_CHARS),
        fields=[*fields(updated=found.updatedAt)],
        public=asked.visibility == "PUBLIC",
    )


def _status(found: Discussion) -> Status | None:
    if found.isAnswered:
        return Status("Answered", "success")
    if found.closed:
        return Status("Closed", "neutral")
    return Status("Unanswered", "warning") if found.category.isAnswerable else None


def _quote(found: Discussion, comment: str) -> Quote | None:
    """The linked comment, else the accepted answer."""
    linked = next((one for one in found.comments.nodes if comment and str(one.databaseId) == comment), None)
    said = linked or found.answer
    if said is None or said.isMinimized:
        return None
    text = excerpt(said.body, EXCERPT_CHARS)
    author = said.author.login if linked else one_line(f"Answer by {said.author.login}")
    return Quote(author, text, said.createdAt) if text else None
