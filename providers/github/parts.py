"""Parts that several of GitHub's cards have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from providers.github.models import Commit, Label, Repository, User
from unfurler.sdk import Fact, Field, plural

EXCERPT_CHARS = 500
SHOWN_PEOPLE = 3


def facts(*texts: str) -> list[Fact]:
    """A fact for each text that says something."""
    return [Fact(text) for text in texts if text]


def fact_at(text: str, when: datetime | None) -> list[Fact]:
    """A fact with its time, if that is known."""
    return [Fact(text, at=when)] if when else []


def fields(**values: str | datetime | None) -> Iterator[Field]:
    """A field for each value that says something; `merged_by=` is shown as "Merged by"."""
    for name, value in values.items():
        title = name.replace("_", " ").capitalize()
        if isinstance(value, datetime):
            yield Field(title, at=value)
        elif value:
            yield Field(title, value)


def few(names: Sequence[str]) -> str:
    """`ada, ben, cem +2`."""
    more = f" +{len(names) - SHOWN_PEOPLE}" if len(names) > SHOWN_PEOPLE else ""
    return ", ".join(names[:SHOWN_PEOPLE]) + more


def label_names(labels: Sequence[Label | str]) -> list[str]:
    """Names of labels, which GitHub gives in two forms."""
    names = (label if isinstance(label, str) else label.name for label in labels)
    return [name for name in names if name]


def logins(users: Sequence[User]) -> list[str]:
    """What people are called on GitHub."""
    return [user.login for user in users]


def size_of_change(additions: int | None, deletions: int | None, files: int | None) -> str:
    """`+12 −3, 2 files`, as far as it is known."""
    lines = [f"+{additions:,} −{deletions:,}"] if additions is not None and deletions is not None else []
    return ", ".join([*lines, *([plural(files, "file")] if files is not None else [])])


def author_of(found: Commit) -> str:
    """The account behind a commit, else the name written in it."""
    return found.author.login or found.commit.author.name or User().login


def date_of(found: Commit) -> datetime | None:
    """When a commit was made in its present form."""
    return found.commit.committer.date or found.commit.author.date


def is_public(found: Repository) -> bool:
    """Whether the repository says that anybody may see it; an enterprise's `internal` is not anybody."""
    return not found.private and found.visibility in ("", "public")
