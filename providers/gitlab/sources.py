"""Cards of what is kept in a project's repository: commits, comparisons, files, folders, lines."""

from __future__ import annotations

from collections.abc import Sequence

from providers.gitlab.models import Commit, Comparison, Entry, RequestOfCommit
from providers.gitlab.parts import EXCERPT_CHARS, PAGE, fact_at, facts, few, fields, size_of_change
from providers.gitlab.states import state_tag
from unfurler.sdk import Button, Card, Code, Fact, Field, Status, excerpt, file_size, plural
from unfurler.sdk.source import Lines, Spot

SHOWN_ENTRIES = 8
SHOWN_REQUESTS = 3
SHOWN_COMMITS = 3
SHA_CHARS = 8


def commit_card(project: str, found: Commit, requests: Sequence[RequestOfCommit]) -> Card:
    """A commit; `requests` are the merge requests that brought it."""
    _, _, body = found.message.strip().partition("\n")
    pipeline = found.last_pipeline.status if found.last_pipeline else ""
    return Card(
        kicker=f"{project}@{found.id[:SHA_CHARS]}",
        title=found.title or found.id[:SHA_CHARS],
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
        fields=[*fields(authors=few(authors)), *(Field(commit.id[:SHA_CHARS], commit.title) for commit in last)],
    )


def lines_card(site_url: str, spot: Spot, wanted: Lines, code: Code | None, about: str, last: Commit | None) -> Card:
    """Lines of a file; `about` says what the file is, or why no lines are shown."""
    return Card(
        kicker=spot.kicker(SHA_CHARS),
        title=f"{spot.path} · {wanted}",
        facts=[*facts(about), *_last_change(last)],
        code=code,
        fields=[*fields(last_change=last.title if last else "")],
        buttons=[
            *_permalinks(site_url, spot, "blob", last, wanted),
            Button.open("Blame", _address(site_url, spot, "blame", spot.ref, wanted)),
        ],
    )


def file_card(site_url: str, spot: Spot, size: int | None, last: Commit | None) -> Card:
    """A file, without its lines; `size` in bytes."""
    return Card(
        kicker=spot.kicker(SHA_CHARS),
        title=spot.path,
        facts=[*facts(file_size(size) if size is not None else ""), *_last_change(last)],
        text=last.title if last else "",
        buttons=[
            *_permalinks(site_url, spot, "blob", last),
            Button.open("History", _address(site_url, spot, "commits", spot.ref)),
        ],
    )


def folder_card(site_url: str, spot: Spot, entries: Sequence[Entry], last: Commit | None) -> Card:
    """A folder: its folders, then its files, the first of them."""
    ordered = sorted(entries, key=lambda entry: (entry.type != "tree", entry.name.lower()))
    names = [entry.name + ("/" if entry.type == "tree" else "") for entry in ordered[:SHOWN_ENTRIES]]
    # A full page may not be all of it.
    many = f"{PAGE}+" if len(entries) >= PAGE else f"{len(entries)}"
    rest = len(entries) - SHOWN_ENTRIES
    more = [f"+{rest}{'+' if len(entries) >= PAGE else ''} more"] if rest > 0 else []
    return Card(
        kicker=spot.kicker(SHA_CHARS),
        title=f"{spot.path}/" if spot.path else spot.repository,
        facts=[*facts(f"{many} {'entry' if many == '1' else 'entries'}"), *_last_change(last)],
        text=" · ".join([*names, *more]),
        fields=[*fields(last_change=last.title if last else "")],
        buttons=[
            *_permalinks(site_url, spot, "tree", last),
            Button.open("History", _address(site_url, spot, "commits", spot.ref)),
        ],
    )


def _last_change(last: Commit | None) -> list[Fact]:
    return [*facts(last.author_name), *fact_at("changed", last.committed_date)] if last else []


def _permalinks(site_url: str, spot: Spot, kind: str, last: Commit | None, lines: Lines | None = None) -> list[Button]:
    """The same at the commit that last changed it, which is what stands there now; none where it is pinned."""
    if last is None or spot.pinned:
        return []
    return [Button.open("Permalink", _address(site_url, spot, kind, last.id, lines))]


def _address(site_url: str, spot: Spot, kind: str, ref: str, lines: Lines | None = None) -> str:
    """The page of that kind (`blob`, `tree`, `blame`, `commits`) at a ref."""
    return f"{site_url}/{spot.repository}/-/{spot.address(kind, ref)}" + (f"#{lines.anchor('-')}" if lines else "")
