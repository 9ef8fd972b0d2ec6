"""Links to a project, to what is kept in its repository, to snippets.

Source: https://docs.gitlab.com/api/projects/, https://docs.gitlab.com/api/commits/,
https://docs.gitlab.com/api/repositories/, https://docs.gitlab.com/api/repository_files/,
https://docs.gitlab.com/api/releases/, https://docs.gitlab.com/api/tags/, https://docs.gitlab.com/api/snippets/,
https://docs.gitlab.com/api/project_snippets/
"""

from __future__ import annotations

import base64
import binascii

from providers.gitlab.asking import optional
from providers.gitlab.models import (
    Commit,
    Commits,
    Comparison,
    Entries,
    File,
    Group,
    Project,
    Release,
    RequestsOfCommit,
    Snippet,
    Tag,
)
from providers.gitlab.parts import PAGE
from providers.gitlab.places import group_path, project_path
from providers.gitlab.projects import group_card, project_card, release_card, snippet_card, tag_card
from providers.gitlab.site import SLOW, gitlab
from providers.gitlab.sources import commit_card, comparison_card, file_card, folder_card, lines_card
from unfurler.sdk import Api, Card, Link, NotFound, NothingToShow, UnfurlError
from unfurler.sdk.errors import LimitExceeded
from unfurler.sdk.source import excerpt_of, lines_of, read_lines, spots


@gitlab.link("/<path:place>")
def place(link: Link, api: Api, place: str) -> Card:
    """A project or subgroup; or by what follows `/-/` a file, a folder, a release, a tag or a comparison in it."""
    # One rule for all of them: a rule has one `<path:>`, and projects take it, while refs and paths have slashes too.
    project, dash, rest = place.rstrip("/").partition("/-/")
    if not dash:
        return _project(api, project.removesuffix(".git"))
    kind, _, rest = rest.partition("/")
    if not rest:
        raise NothingToShow("This is a list.", reason="not-one-thing")
    match kind:
        case "blob" | "blame" | "raw":
            return _file(link, api, project, rest)
        case "tree":
            return _folder(api, project, rest)
        case "releases":
            return release_card(project, api.get(*project_path(project), kind, rest).parse(Release), api.site_url)
        case "tags":
            return tag_card(project, api.get(*project_path(project), "repository", kind, rest).parse(Tag))
        case "compare":
            return _comparison(api, project, rest)
        case _:
            raise NothingToShow("This kind of page has no preview.", reason="not-covered")


@gitlab.link("/<path:project>/-/commit/<sha>", lifetime=SLOW)
def commit(link: Link, api: Api, project: str, sha: str) -> Card:
    """A commit: its subject, author and size, how its pipeline is, its merge request."""
    at = (*project_path(project), "repository", "commits")
    found = api.get(*at, sha).parse(Commit)
    requests = optional(api, RequestsOfCommit, *at, found.id, "merge_requests")
    return commit_card(project, found, requests.root if requests else ())


@gitlab.link("/-/snippets/<int:number>")
@gitlab.link("/snippets/<int:number>")
def snippet(link: Link, api: Api, number: int) -> Card:
    """A person's snippet: its first lines."""
    return _snippet(api, "", ("snippets", number))


@gitlab.link("/<path:project>/-/snippets/<int:number>")
def project_snippet(link: Link, api: Api, project: str, number: int) -> Card:
    """A project's snippet: its first lines."""
    return _snippet(api, project, (*project_path(project), "snippets", number))


def _project(api: Api, project: str) -> Card:
    try:
        return project_card(api.get(*project_path(project), params={"license": "true"}).parse(Project))
    except NotFound:
        # A group in a group looks the same.
        group = optional(api, Group, *group_path(project), with_projects="false")
        if group is None:
            raise
        return group_card(group)


def _snippet(api: Api, project: str, at: tuple[str | int, ...]) -> Card:
    found = api.get(*at).parse(Snippet)
    try:
        content = api.get(*at, "raw").body
    except UnfurlError:
        content = None
    # Whether a project's snippet is there for everybody is up to its project as well.
    return snippet_card(project, found, content, public=not project)


def _comparison(api: Api, project: str, span: str) -> Card:
    dots = "..." if "..." in span else ".."
    base, _, head = span.partition(dots)
    if not (base and head):
        raise NothingToShow("This compares nothing yet.", reason="nothing-compared")
    params: dict[str, str | int] = {"from": base, "to": head}
    found = api.get(*project_path(project), "repository", "compare", params=params).parse(Comparison)
    return comparison_card(project, base, head, found)


def _file(link: Link, api: Api, project: str, rest: str) -> Card:
    at, wanted = (*project_path(project), "repository"), lines_of(link.fragment)
    for spot in spots(project, *_ref_and_path(rest)):
        if not spot.path:
            continue
        try:
            found = api.get(*at, "files", spot.path, params={"ref": spot.ref}).parse(File)
        except NotFound:
            continue
        except LimitExceeded:
            found = None
        last = optional(api, Commit, *at, "commits", found.last_commit_id) if found and found.last_commit_id else None
        if wanted is None:
            return file_card(api.site_url, spot, found.size if found else None, last)
        lines, about = read_lines(_bytes_of(found))
        return lines_card(api.site_url, spot, wanted, excerpt_of(lines, wanted), about, last)
    raise NotFound("There is no such file.")


def _folder(api: Api, project: str, rest: str) -> Card:
    at = (*project_path(project), "repository")
    for spot in spots(project, *_ref_and_path(rest)):
        params = {name: value for name, value in (("path", spot.path), ("ref", spot.ref)) if value}
        try:
            entries = api.get(*at, "tree", params={**params, "per_page": PAGE}).parse(Entries).root
        except NotFound:
            continue
        asked = {name: value for name, value in (("path", spot.path), ("ref_name", spot.ref)) if value}
        commits = optional(api, Commits, *at, "commits", **asked, per_page=1)
        return folder_card(api.site_url, spot, entries, commits.root[0] if commits and commits.root else None)
    raise NotFound("There is no such folder.")


def _ref_and_path(rest: str) -> tuple[str, str]:
    ref, _, path = rest.partition("/")
    return ref, path


def _bytes_of(found: File | None) -> bytes | None:
    """The bytes of a file, None where they are too many."""
    try:
        return base64.b64decode(found.content) if found else None
    except (binascii.Error, ValueError):
        return b""
