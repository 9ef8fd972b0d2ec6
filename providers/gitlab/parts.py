"""Parts that several of GitLab's cards have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from providers.gitlab.models import Label, Note, User
from unfurler.sdk import Fact, Field, Quote, excerpt, plural

EXCERPT_CHARS = 500
SHOWN_PEOPLE = 3
SHOWN_LABELS = 3
PAGE = 100  # the most that one reply of a list holds


def facts(*texts: str) -> list[Fact]:
    """A fact for each text that says something."""
    return [Fact(text) for text in texts if text]


def fact_at(text: str, when: datetime | None) -> list[Fact]:
    """A fact with its time, if that is known."""
    return [Fact(text, at=when)] if when else []


def fields(**values: str | datetime | date | None) -> Iterator[Field]:
    """A field for each value that says something; `merged_by=` is shown as "Merged by", a day without a time."""
    for name, value in values.items():
        title = name.replace("_", " ").capitalize()
        if isinstance(value, datetime):
            yield Field(title, at=value)
        elif isinstance(value, date):
            yield Field(title, value.isoformat())
        elif value:
            yield Field(title, value)


def few(names: Sequence[str]) -> str:
    """`ada, ben, cem +2`."""
    more = f" +{len(names) - SHOWN_PEOPLE}" if len(names) > SHOWN_PEOPLE else ""
    return ", ".join(names[:SHOWN_PEOPLE]) + more


def usernames(users: Sequence[User]) -> list[str]:
    """What people are called on GitLab."""
    return [user.username for user in users]


def label_names(labels: Sequence[Label | str]) -> list[str]:
    """Names of labels, which GitLab gives in two forms."""
    names = (label if isinstance(label, str) else label.name for label in labels)
    return [name for name in names if name]


def label_facts(labels: Sequence[Label | str]) -> list[Fact]:
    """The first labels as tags, the others counted."""
    names = label_names(labels)
    more = f"+{len(names) - SHOWN_LABELS}" if len(names) > SHOWN_LABELS else ""
    return [*(Fact(name, tone="neutral") for name in names[:SHOWN_LABELS]), *facts(more)]


def quote_of(note: Note | None) -> Quote | None:
    """A linked comment; not one that is for members only, nor one that GitLab itself wrote."""
    if note is None or note.internal or note.system:
        return None
    text = excerpt(note.body, EXCERPT_CHARS)
    return Quote(note.author.username, text, note.created_at) if text else None


def size_of_change(additions: int | None, deletions: int | None) -> str:
    """`+12 −3`, as far as it is known."""
    return f"+{additions:,} −{deletions:,}" if additions is not None and deletions is not None else ""


def duration(seconds: float | None) -> str:
    """`42 s`, `3 min 5 s`, `2 h 4 min`."""
    if seconds is None or not 0 <= seconds < 10**9:
        return ""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours:,} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def comments(count: int) -> list[Fact]:
    """How many comments there are, if there are any."""
    return facts(plural(count, "comment") if count else "")
