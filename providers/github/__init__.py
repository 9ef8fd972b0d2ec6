"""GitHub and GitHub Enterprise: repositories and what stands in them, through the REST API.

Source: https://docs.github.com/rest/repos/repos, https://docs.github.com/rest/issues/issues,
https://docs.github.com/rest/issues/comments, https://docs.github.com/rest/pulls/pulls,
https://docs.github.com/rest/pulls/reviews, https://docs.github.com/rest/checks/runs,
https://docs.github.com/rest/commits/statuses, https://docs.github.com/rest/commits/commits,
https://docs.github.com/rest/repos/contents, https://docs.github.com/rest/releases/releases (API version 2022-11-28)
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TypeVar

from pydantic import BaseModel

from providers.github.checks import PAGE, Checks, checks_of
from providers.github.code import excerpt_of, lines_of, read_lines
from providers.github.models import (
    CheckRuns,
    CombinedStatus,
    Comment,
    Commit,
    Commits,
    Contents,
    Entry,
    Issue,
    Pull,
    PullsOfCommit,
    Release,
    Repository,
    Reviews,
)
from providers.github.parts import date_of
from providers.github.places import repository_path
from providers.github.repositories import release_card, repository_card
from providers.github.sources import Spot, commit_card, file_card, folder_card, is_sha, lines_card
from providers.github.threads import issue_card, pull_card
from unfurler.sdk import Api, Card, Link, NotFound, Provider, Sites, UnfurlError
from unfurler.sdk.errors import LimitExceeded

github = Provider(
    "github",
    title="GitHub",
    icon="github",
    sites=Sites(
        "github.com",
        "www.github.com",
        api="https://api.github.com",
        instance_api="/api/v3",
        headers={"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"},
    ),
)

RAW = {"Accept": "application/vnd.github.raw+json"}
SLOW = timedelta(minutes=30)
_COMMENT = re.compile(r"(issuecomment-|discussion_r)(\d{1,19})", re.ASCII)
Answer = TypeVar("Answer", bound=BaseModel)


@github.link("/<owner>/<repo>", lifetime=SLOW)
def repository(link: Link, api: Api, owner: str, repo: str) -> Card:
    """A repository: what it is, its stars and forks, when it was last pushed to, its latest release."""
    at = repository_path(owner, repo.removesuffix(".git"))
    found = api.get(*at).parse(Repository)
    return repository_card(found, _optional(api, Release, *at, "releases", "latest"))


@github.link("/<owner>/<repo>/issues/<int:number>")
def issue(link: Link, api: Api, owner: str, repo: str, number: int) -> Card:
    """An issue: its state, who opened it when, labels and excerpt; a linked comment comes first."""
    at = repository_path(owner, repo)
    found = api.get(*at, "issues", number).parse(Issue)
    return issue_card(f"{owner}/{repo}", found, _comment(link, api, at, number))


@github.link("/<owner>/<repo>/pull/<int:number>")
@github.link("/<owner>/<repo>/pull/<int:number>/files")
@github.link("/<owner>/<repo>/pull/<int:number>/changes")
@github.link("/<owner>/<repo>/pull/<int:number>/commits")
@github.link("/<owner>/<repo>/pull/<int:number>/checks")
def pull(link: Link, api: Api, owner: str, repo: str, number: int) -> Card:
    """A pull request: its state and branches, size, checks and reviews; a linked comment comes first."""
    at = repository_path(owner, repo)
    found = api.get(*at, "pulls", number).parse(Pull)
    comment = _comment(link, api, at, number)
    if found.state != "open":  # reviews and checks of what is decided are not worth three requests
        return pull_card(f"{owner}/{repo}", found, (), None, comment)
    reviews = _optional(api, Reviews, *at, "pulls", number, "reviews", per_page=PAGE)
    checks = _checks(api, at, found.head.sha)
    return pull_card(f"{owner}/{repo}", found, reviews.root if reviews else (), checks, comment)


@github.link("/<owner>/<repo>/commit/<sha>")
def commit(link: Link, api: Api, owner: str, repo: str, sha: str) -> Card:
    """A commit: its subject, author and size, whether its signature and its checks are good, its pull request."""
    at = repository_path(owner, repo)
    found = api.get(*at, "commits", sha).parse(Commit)
    pulls = _optional(api, PullsOfCommit, *at, "commits", found.sha, "pulls")
    runs = _optional(api, CheckRuns, *at, "commits", found.sha, "check-runs", per_page=PAGE)
    return commit_card(f"{owner}/{repo}", found, pulls.root if pulls else (), checks_of(runs, None))


@github.link("/<owner>/<repo>/blob/<ref>/<path:path>")
def file(link: Link, api: Api, owner: str, repo: str, ref: str, path: str) -> Card:
    """A file: the linked lines, else its size; and who changed it last."""
    at, spots = repository_path(owner, repo), [spot for spot in _spots(api, owner, repo, ref, path) if spot.path]
    wanted = lines_of(link.fragment)
    if wanted is None:
        return _contents(api, at, spots)
    for spot in spots:
        try:
            lines, about = read_lines(_raw(api, at, spot))
        except NotFound:
            continue
        last = _last_change(api, at, spot.path, spot.ref)
        changed_since = spot.pinned and last is not None and _moved(api, at, spot.path, last)
        return lines_card(spot, wanted, excerpt_of(lines, wanted), about, last, changed_since=changed_since)
    raise NotFound("There is no such file.")


@github.link("/<owner>/<repo>/tree/<ref>")
def root(link: Link, api: Api, owner: str, repo: str, ref: str) -> Card:
    """A branch, tag or commit of a repository: its first entries and its last change."""
    return _contents(api, repository_path(owner, repo), _spots(api, owner, repo, ref, ""))


@github.link("/<owner>/<repo>/tree/<ref>/<path:path>")
def folder(link: Link, api: Api, owner: str, repo: str, ref: str, path: str) -> Card:
    """A folder: its first entries and its last change."""
    return _contents(api, repository_path(owner, repo), _spots(api, owner, repo, ref, path))


@github.link("/<owner>/<repo>/releases/latest", lifetime=SLOW)
def latest_release(link: Link, api: Api, owner: str, repo: str) -> Card:
    """The latest release: its name, notes and files."""
    found = api.get(*repository_path(owner, repo), "releases", "latest").parse(Release)
    return release_card(f"{owner}/{repo}", found, api.site_url, latest=True)


@github.link("/<owner>/<repo>/releases/tag/<path:tag>", lifetime=SLOW)
def release(link: Link, api: Api, owner: str, repo: str, tag: str) -> Card:
    """A release: its name, notes and files, and whether it is a draft or a pre-release."""
    found = api.get(*repository_path(owner, repo), "releases", "tags", tag).parse(Release)
    return release_card(f"{owner}/{repo}", found, api.site_url, latest=False)


def _optional(api: Api, model: type[Answer], *segments: str | int, **params: str | int) -> Answer | None:
    """What a card can do without: None where GitHub does not give it, for whatever reason."""
    try:
        return api.get(*segments, params=params).parse(model)
    except UnfurlError:
        return None


def _comment(link: Link, api: Api, at: tuple[str, ...], number: int) -> Comment | None:
    """The comment that the link points to, if it belongs to this very thread."""
    anchor = _COMMENT.fullmatch(link.fragment)
    if anchor is None:
        return None
    kind = "issues" if anchor[1] == "issuecomment-" else "pulls"
    comment = _optional(api, Comment, *at, kind, "comments", anchor[2])
    if comment is None:
        return None
    thread = comment.issue_url or comment.pull_request_url
    return comment if thread.endswith(f"/{number}") else None


def _checks(api: Api, at: tuple[str, ...], sha: str) -> Checks | None:
    if not sha:
        return None
    return checks_of(
        _optional(api, CheckRuns, *at, "commits", sha, "check-runs", per_page=PAGE),
        _optional(api, CombinedStatus, *at, "commits", sha, "status", per_page=PAGE),
    )


def _contents(api: Api, at: tuple[str, ...], spots: list[Spot]) -> Card:
    for spot in spots:
        segments = spot.path.split("/") if spot.path else []
        try:
            found = api.get(*at, "contents", *segments, params={"ref": spot.ref}).parse(Contents).root
        except NotFound:
            continue
        last = _last_change(api, at, spot.path, spot.ref)
        return file_card(spot, found, last) if isinstance(found, Entry) else folder_card(spot, found, last)
    raise NotFound("There is no such file or folder.")


def _raw(api: Api, at: tuple[str, ...], spot: Spot) -> bytes | None:
    """The bytes of a file, None where they are too many."""
    try:
        return api.get(*at, "contents", *spot.path.split("/"), params={"ref": spot.ref}, headers=RAW).body
    except LimitExceeded:
        return None


def _spots(api: Api, owner: str, repo: str, ref: str, path: str) -> list[Spot]:
    """How the link can be read: the ref is its first part, or the first two, as in `feature/search`."""
    url, place, path = f"{api.site_url}/{owner}/{repo}", f"{owner}/{repo}", path.strip("/")
    spots = [Spot(url, place, ref, path)]
    second, _, rest = path.partition("/")
    if second and not is_sha(ref):
        spots.append(Spot(url, place, f"{ref}/{second}", rest))
    return spots


def _last_change(api: Api, at: tuple[str, ...], path: str, ref: str = "") -> Commit | None:
    params = {name: value for name, value in (("path", path), ("sha", ref)) if value}
    commits = _optional(api, Commits, *at, "commits", **params, per_page=1)
    return commits.root[0] if commits and commits.root else None


def _moved(api: Api, at: tuple[str, ...], path: str, last: Commit) -> bool:
    """Whether the file was changed on the default branch after `last`."""
    newest = _last_change(api, at, path)
    if newest is None or newest.sha == last.sha:
        return False
    changed, then = date_of(newest), date_of(last)
    return changed is not None and then is not None and changed > then
