"""Cards of what is kept in a repository: commits, files, folders, lines."""

from __future__ import annotations

from collections.abc import Sequence

from providers.github.checks import Checks
from providers.github.models import Commit, Comparison, Entry, PullOfCommit
from providers.github.parts import (
    EXCERPT_CHARS,
    author_of,
    date_of,
    fact_at,
    facts,
    few,
    fields,
    size_of_change,
)
from unfurler.sdk import Button, Card, Code, Fact, Field, Status, excerpt, file_size, plural
from unfurler.sdk.source import Lines, Spot

SHOWN_ENTRIES = 8
SHOWN_PULLS = 3
SHOWN_COMMITS = 3
MOST_FILES = 300  # of a comparison in one reply


def commit_card(place: str, found: Commit, pulls: Sequence[PullOfCommit], checks: Checks | None) -> Card:
    """A commit; `pulls` are the pull requests that brought it."""
    _, _, body = found.commit.message.strip().partition("\n")
    return Card(
        kicker=f"{place} {found.sha[:7]}",
        title=_subject(found) or found.sha[:7],
        facts=[
            *facts(author_of(found)),
            *fact_at("committed", date_of(found)),
            *([Fact("Verified", tone="success")] if found.commit.verification.verified else []),
            *facts(size_of_change(found.stats.additions, found.stats.deletions, len(found.files or ()) or None)),
            *([checks.fact] if checks else []),
        ],
        text=excerpt(body, EXCERPT_CHARS),
        fields=[
            *(Field("Pull request", f"#{pull.number} {pull.title}") for pull in pulls[:SHOWN_PULLS]),
            *fields(first_failing_check=checks.first_failing if checks else ""),
            Field("SHA", found.sha),
        ],
    )


def comparison_card(place: str, base: str, head: str, found: Comparison) -> Card:
    """What a branch, tag or commit has that another has not; its last commits."""
    added = sum(file.additions for file in found.files)
    removed = sum(file.deletions for file in found.files)
    whole = 0 < len(found.files) < MOST_FILES
    authors = list(dict.fromkeys(author_of(commit) for commit in found.commits))
    last = [*reversed(found.commits)][:SHOWN_COMMITS]
    return Card(
        kicker=f"{place} · Comparison",
        title=f"{base} … {head}",
        status=Status("Identical") if found.status == "identical" else None,
        facts=[
            *facts(plural(found.total_commits, "commit")),
            *facts(size_of_change(added, removed, len(found.files)) if whole else ""),
            *([Fact(f"{found.behind_by:,} behind", tone="warning")] if found.behind_by else []),
        ],
        text=" · ".join(_subject(commit) for commit in last),
        fields=[
            *fields(authors=few(authors)),
            *(Field(commit.sha[:7], _subject(commit)) for commit in last),
        ],
    )


def lines_card(
    site_url: str, spot: Spot, wanted: Lines, code: Code | None, about: str, last: Commit | None, *, changed_since: bool
) -> Card:
    """Lines of a file; `about` says what the file is, or why no lines are shown."""
    return Card(
        kicker=spot.kicker(),
        title=f"{spot.path} · {wanted}",
        facts=[
            *facts(about),
            *([Fact("Changed since", tone="warning")] if changed_since else []),
            *_last_change(last),
        ],
        code=code,
        fields=[*fields(last_change=_subject(last))],
        buttons=[
            *_permalinks(site_url, spot, "blob", last, wanted),
            Button.open("Blame", _address(site_url, spot, "blame", spot.ref, wanted)),
        ],
    )


def file_card(site_url: str, spot: Spot, found: Entry, last: Commit | None) -> Card:
    """A file, without its lines."""
    size = file_size(found.size) if found.size is not None else ""
    return Card(
        kicker=spot.kicker(),
        title=spot.path,
        facts=[
            *facts({"symlink": "Symbolic link", "submodule": "Submodule"}.get(found.type, size)),
            *_last_change(last),
        ],
        text=_subject(last),
        buttons=[
            *_permalinks(site_url, spot, "blob", last),
            Button.open("History", _address(site_url, spot, "commits", spot.ref)),
        ],
    )


def folder_card(site_url: str, spot: Spot, entries: Sequence[Entry], last: Commit | None) -> Card:
    """A folder: its folders, then its files, the first of them."""
    ordered = sorted(entries, key=lambda entry: (entry.type != "dir", entry.name.lower()))
    names = [entry.name + ("/" if entry.type == "dir" else "") for entry in ordered[:SHOWN_ENTRIES]]
    more = [f"+{len(entries) - SHOWN_ENTRIES} more"] if len(entries) > SHOWN_ENTRIES else []
    return Card(
        kicker=spot.kicker(),
        title=f"{spot.path}/" if spot.path else spot.repository,
        facts=[*facts(plural(len(entries), "entry", "entries")), *_last_change(last)],
        text=" · ".join([*names, *more]),
        fields=[*fields(last_change=_subject(last))],
        buttons=[
            *_permalinks(site_url, spot, "tree", last),
            Button.open("History", _address(site_url, spot, "commits", spot.ref)),
        ],
    )


def _subject(commit: Commit | None) -> str:
    return commit.commit.message.strip().partition("\n")[0].strip() if commit else ""


def _last_change(last: Commit | None) -> list[Fact]:
    return [*facts(author_of(last)), *fact_at("changed", date_of(last))] if last else []


def _permalinks(site_url: str, spot: Spot, kind: str, last: Commit | None, lines: Lines | None = None) -> list[Button]:
    """The same at the commit that last changed it, which is what stands there now; none where it is pinned."""
    if last is None or spot.pinned:
        return []
    return [Button.open("Permalink", _address(site_url, spot, kind, last.sha, lines))]


def _address(site_url: str, spot: Spot, kind: str, ref: str, lines: Lines | None = None) -> str:
    """The page of that kind (`blob`, `tree`, `blame`, `commits`) at a ref."""
    return f"{site_url}/{spot.repository}/{spot.address(kind, ref)}" + (f"#{lines.anchor()}" if lines else "")
