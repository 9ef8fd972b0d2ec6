"""Links to what is kept in a repository: commits, comparisons, files, folders, lines.

Source: https://docs.github.com/rest/commits/commits, https://docs.github.com/rest/checks/runs,
https://docs.github.com/rest/repos/contents
"""

from __future__ import annotations

from providers.github.asking import optional
from providers.github.checks import PAGE, checks_of
from providers.github.models import CheckRuns, Commit, Commits, Comparison, Contents, Entry, PullsOfCommit
from providers.github.parts import date_of
from providers.github.places import repository_path
from providers.github.site import github
from providers.github.sources import commit_card, comparison_card, file_card, folder_card, lines_card
from unfurler.sdk import Api, Card, Link, NotFound, NothingToShow
from unfurler.sdk.errors import LimitExceeded
from unfurler.sdk.source import Spot, excerpt_of, lines_of, read_lines, spots

RAW = {"Accept": "application/vnd.github.raw+json"}


@github.link("/<owner>/<repo>/commit/<sha>")
def commit(link: Link, api: Api, owner: str, repo: str, sha: str) -> Card:
    """A commit: its subject, author and size, whether its signature and its checks are good, its pull request."""
    at = repository_path(owner, repo)
    found = api.get(*at, "commits", sha).parse(Commit)
    pulls = optional(api, PullsOfCommit, *at, "commits", found.sha, "pulls")
    runs = optional(api, CheckRuns, *at, "commits", found.sha, "check-runs", per_page=PAGE)
    return commit_card(f"{owner}/{repo}", found, pulls.root if pulls else (), checks_of(runs, None))


@github.link("/<owner>/<repo>/blob/<ref>/<path:path>")
def file(link: Link, api: Api, owner: str, repo: str, ref: str, path: str) -> Card:
    """A file: the linked lines, else its size; and who changed it last."""
    at, readings = repository_path(owner, repo), [spot for spot in _spots(owner, repo, ref, path) if spot.path]
    wanted = lines_of(link.fragment)
    if wanted is None:
        return _contents(api, at, readings)
    for spot in readings:
        try:
            lines, about = read_lines(_raw(api, at, spot))
        except NotFound:
            continue
        last = _last_change(api, at, spot.path, spot.ref)
        changed_since = spot.pinned and last is not None and _moved(api, at, spot.path, last)
        code = excerpt_of(lines, wanted)
        return lines_card(api.site_url, spot, wanted, code, about, last, changed_since=changed_since)
    raise NotFound("There is no such file.")


@github.link("/<owner>/<repo>/tree/<ref>")
def root(link: Link, api: Api, owner: str, repo: str, ref: str) -> Card:
    """A branch, tag or commit of a repository: its first entries and its last change."""
    return _contents(api, repository_path(owner, repo), _spots(owner, repo, ref, ""))


@github.link("/<owner>/<repo>/tree/<ref>/<path:path>")
def folder(link: Link, api: Api, owner: str, repo: str, ref: str, path: str) -> Card:
    """A folder: its first entries and its last change."""
    return _contents(api, repository_path(owner, repo), _spots(owner, repo, ref, path))


@github.link("/<owner>/<repo>/compare/<path:span>")
def comparison(link: Link, api: Api, owner: str, repo: str, span: str) -> Card:
    """Two branches, tags or commits compared: how far they are apart, the last commits."""
    base, dots, head = span.partition("...")
    if not (base and dots and head):
        raise NothingToShow("This compares nothing yet.", reason="nothing-compared")
    found = api.get(*repository_path(owner, repo), "compare", span, params={"per_page": PAGE}).parse(Comparison)
    return comparison_card(f"{owner}/{repo}", base, head, found)


def _contents(api: Api, at: tuple[str, ...], readings: list[Spot]) -> Card:
    for spot in readings:
        segments = spot.path.split("/") if spot.path else []
        try:
            found = api.get(*at, "contents", *segments, params={"ref": spot.ref}).parse(Contents).root
        except NotFound:
            continue
        last = _last_change(api, at, spot.path, spot.ref)
        if isinstance(found, Entry):
            return file_card(api.site_url, spot, found, last)
        return folder_card(api.site_url, spot, found, last)
    raise NotFound("There is no such file or folder.")


def _raw(api: Api, at: tuple[str, ...], spot: Spot) -> bytes | None:
    """The bytes of a file, None where they are too many."""
    try:
        return api.get(*at, "contents", *spot.path.split("/"), params={"ref": spot.ref}, headers=RAW).body
    except LimitExceeded:
        return None


def _spots(owner: str, repo: str, ref: str, path: str) -> list[Spot]:
    return spots(f"{owner}/{repo}", ref, path.strip("/"))


def _last_change(api: Api, at: tuple[str, ...], path: str, ref: str = "") -> Commit | None:
    params = {name: value for name, value in (("path", path), ("sha", ref)) if value}
    commits = optional(api, Commits, *at, "commits", **params, per_page=1)
    return commits.root[0] if commits and commits.root else None


def _moved(api: Api, at: tuple[str, ...], path: str, last: Commit) -> bool:
    """Whether the file was changed on the default branch after `last`."""
    newest = _last_change(api, at, path)
    if newest is None or newest.sha == last.sha:
        return False
    changed, then = date_of(newest), date_of(last)
    return changed is not None and then is not None and changed > then
