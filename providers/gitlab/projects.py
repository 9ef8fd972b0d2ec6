"""Cards of a project as a whole, of groups, of releases and tags, of snippets."""

from __future__ import annotations

from providers.gitlab.models import Group, Project, Release, Snippet, Tag
from providers.gitlab.parts import EXCERPT_CHARS, fact_at, facts, fields
from unfurler.sdk import Button, Card, Code, Fact, Field, Status, excerpt, one_line, plural
from unfurler.sdk.source import read_lines

SHOWN_FILES = 5
SHOWN_DOWNLOADS = 2
SNIPPET_LINES = 8


def project_card(found: Project) -> Card:
    """A project."""
    visibility = one_line(found.visibility).capitalize()
    return Card(
        kicker="Project",
        title=found.path_with_namespace,
        status=Status("Archived", "warning") if found.archived else Status(visibility) if visibility else None,
        facts=[
            *facts(f"★ {found.star_count:,}", plural(found.forks_count, "fork")),
            *fact_at("active", found.last_activity_at),
        ],
        text=one_line(found.description),
        fields=[
            *fields(
                visibility=visibility if found.archived else "",
                open_issues=f"{found.open_issues_count:,}" if found.open_issues_count is not None else "",
                licence=found.license.name,
                default_branch=found.default_branch,
                topics=", ".join(found.topics),
            )
        ],
        public=found.visibility == "public",
    )


def group_card(found: Group) -> Card:
    """A group of projects."""
    visibility = one_line(found.visibility).capitalize()
    return Card(
        kicker="Group",
        title=found.full_path,
        status=Status(visibility) if visibility else None,
        facts=[*fact_at("since", found.created_at)],
        text=one_line(found.description),
        public=found.visibility == "public",
    )


def release_card(project: str, found: Release, site_url: str) -> Card:
    """A release; a download is offered only from the site itself."""
    addresses = [(link.name, link.direct_asset_url or link.url) for link in found.assets.links if link.name]
    return Card(
        kicker=f"{project} {found.tag_name}",
        title=found.name or found.tag_name,
        status=Status("Upcoming", "warning") if found.upcoming_release else None,
        facts=[
            *facts(found.author.username),
            *fact_at("due" if found.upcoming_release else "released", found.released_at),
            *facts(plural(found.assets.count, "asset") if found.assets.count else ""),
        ],
        text=excerpt(found.description, EXCERPT_CHARS),
        fields=[
            *fields(
                milestones=", ".join(one.title for one in found.milestones if one.title),
                files=", ".join(name for name, _ in addresses[:SHOWN_FILES]),
                evidence=found.evidences[0].sha if found.evidences else "",
            )
        ],
        buttons=[
            Button.open(f"Download {name}", address)
            for name, address in addresses
            if address.startswith(f"{site_url}/")
        ][:SHOWN_DOWNLOADS],
    )


def tag_card(project: str, found: Tag) -> Card:
    """A tag; with what its release says, if it has one."""
    said = found.release.description if found.release else found.message
    return Card(
        kicker=f"{project} tag",
        title=found.name,
        status=Status("Release", "success") if found.release else None,
        facts=[
            *facts(found.commit.author_name),
            *fact_at("committed", found.commit.committed_date),
            *([Fact("Protected", tone="neutral")] if found.protected else []),
        ],
        text=excerpt(said, EXCERPT_CHARS) or found.commit.title,
        fields=[*fields(commit=found.commit.title), Field("SHA", found.commit.id)],
    )


def snippet_card(place: str, found: Snippet, content: bytes | None, *, public: bool) -> Card:
    """A snippet; `content` of its first file, None where it was not given."""
    lines, about = read_lines(content) if content is not None else ([], "")
    visibility = one_line(found.visibility).capitalize()
    shown = lines[:SNIPPET_LINES]
    return Card(
        kicker=f"{place} snippet ${found.id}" if place else f"Snippet ${found.id}",
        title=found.title,
        status=Status(visibility) if visibility else None,
        facts=[
            *facts(found.author.username, found.file_name, about),
            *facts(plural(len(found.files), "file") if len(found.files) > 1 else ""),
            *fact_at("created", found.created_at),
        ],
        text=excerpt(found.description, EXCERPT_CHARS),
        code=Code("\n".join(shown), more_lines=len(lines) - len(shown)) if any(shown) else None,
        fields=[*fields(files=", ".join(file.path for file in found.files[:SHOWN_FILES]), updated=found.updated_at)],
        public=public and found.visibility == "public",
    )
