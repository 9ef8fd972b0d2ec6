"""Cards of what is kept in a project's repository: commits, comparisons, files, folders, lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from providers.gitlab.code import Lines
from providers.gitlab.models import Commit, Comparison, Entry, RequestOfCommit
from providers.gitlab.parts import EXCERPT_CHARS, PAGE, fact_at, facts, few, fields, size_of_change
from providers.gitlab.states import state_tag
from unfurler.sdk import Button, Card, Code, Fact, Field, Status, excerpt, file_size, plural

SHOWN_ENTRIES = 8
SHOWN_REQUESTS = 3
SHOWN_COMMITS = 3


@dataclass(frozen=True, slots=True)
class Spot:
    """Where something stands: its project's address and path, the ref, the path in it ("" for the root)."""

    project_url: str
    project: str
    ref: str
    path: str

    @property
    def pinned(self) -> bool:
        """Whether the ref names one commit forever."""
        return is_sha(self.ref)

    @property
    def kicker(self) -> str:
        """`group/project@main`, a commit shortened."""
        return f"{self.project}@{self.ref[:8] if self.pinned else self.ref}"

    def address(self, kind: str, ref: str, lines: Lines | None = None) -> str:
        """The page of that kind (`blob`, `tree`, `blame`, `commits`) at a ref."""
        tail = "/".join(quote(part) for part in (ref, self.path) if part)
        return f"{self.project_url}/-/{kind}/{tail}" + (f"#{lines.anchor}" if lines else "")

    def permalinks(self, kind: str, last: Commit | None, lines: Lines | None = None) -> list[Button]:
        """The same at the commit that last changed it, which is what stands there now; none where it is pinned."""
        if last is None or self.pinned:
            return []
        return [Button.open("Permalink", self.address(kind, last.id, lines))]


def is_sha(ref: str) -> bool:
    """Whether a ref is a whole commit hash."""
    return len(ref) == 40 and set(ref) <= set("0123456789abcdef")


def commit_card(project: str, found: Commit, requests: Sequence[RequestOfCommit]) -> Card:
    """A commit; `requests` are the merge requests that brought it."""
    _, _, body = found.message.strip().partition("\n")
    pipeline = found.last_pipeline.status if found.last_pipeline else ""
    return Card(
        kicker=f"{project}@{found.id[:8]}",
        title=found.title or found.id[:8],
        facts=[
            *facts(found.author_name),
            *fact_at("committed", found.committed_date or found.authored_date),
            *facts(size_of_change(found.stats.additions, found.stats.deletions)),
            *([state_tag(pipeline)] if pipeline else []),
        ],
        text=excerpt(body, EXCERPT_CHARS),
        fields=[
            *(Field("Merge request", f"!{one.iid} {one.title}") for one in requests[:SHOWN_REQUESTS]),
            Field("SHA", found.id),
        ],
    )


def comparison_card(project: str, base: str, head: str, found: Comparison) -> Card:
    """What a branch, tag or commit has that another has not; its last commits."""
    authors = list(dict.fromkeys(commit.author_name for commit in found.commits if commit.author_name))
    last = [*reversed(found.commits)][:SHOWN_COMMITS]
    return Card(
        kicker=f"{project} · Comparison",
        title=f"{base} … {head}",
        status=Status("Identical") if found.compare_same_ref or not found.commits else None,
        facts=[
            *facts(plural(len(found.commits), "commit")),
            *facts(plural(len(found.diffs), "file") if found.diffs and not found.compare_timeout else ""),
        ],
        text=" · ".join(commit.title for commit in last if commit.title),
        fields=[*fields(authors=few(authors)), *(Field(commit.id[:8], commit.title) for commit in last)],
    )


def lines_card(spot: Spot, wanted: Lines, code: Code | None, about: str, last: Commit | None) -> Card:
    """Lines of a file; `about` says what the file is, or why no lines are shown."""
    return Card(
        kicker=spot.kicker,
        title=f"{spot.path} · {wanted}",
        facts=[*facts(about), *_last_change(last)],
        code=code,
        fields=[*fields(last_change=last.title if last else "")],
        buttons=[
            *spot.permalinks("blob", last, wanted),
            Button.open("Blame", spot.address("blame", spot.ref, wanted)),
        ],
    )


def file_card(spot: Spot, size: int | None, last: Commit | None) -> Card:
    """A file, without its lines; `size` in bytes."""
    return Card(
        kicker=spot.kicker,
        title=spot.path,
        facts=[*facts(file_size(size) if size is not None else ""), *_last_change(last)],
        text=last.title if last else "",
        buttons=[*spot.permalinks("blob", last), Button.open("History", spot.address("commits", spot.ref))],
    )


def folder_card(spot: Spot, entries: Sequence[Entry], last: Commit | None) -> Card:
    """A folder: its folders, then its files, the first of them."""
    ordered = sorted(entries, key=lambda entry: (entry.type != "tree", entry.name.lower()))
    names = [entry.name + ("/" if entry.type == "tree" else "") for entry in ordered[:SHOWN_ENTRIES]]
    # A full page may not be all of it.
    many = f"{PAGE}+" if len(entries) >= PAGE else f"{len(entries)}"
    rest = len(entries) - SHOWN_ENTRIES
    more = [f"+{rest}{'+' if len(entries) >= PAGE else ''} more"] if rest > 0 else []
    return Card(
        kicker=spot.kicker,
        title=f"{spot.path}/" if spot.path else spot.project,
        facts=[*facts(f"{many} {'entry' if many == '1' else 'entries'}"), *_last_change(last)],
        text=" · ".join([*names, *more]),
        fields=[*fields(last_change=last.title if last else "")],
        buttons=[*spot.permalinks("tree", last), Button.open("History", spot.address("commits", spot.ref))],
    )


def _last_change(last: Commit | None) -> list[Fact]:
    return [*facts(last.author_name), *fact_at("changed", last.committed_date)] if last else []
