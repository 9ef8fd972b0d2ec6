"""Cards of a repository as a whole: itself, its releases and milestones, whose it is."""

from __future__ import annotations

from providers.github.models import Profile, Release, Repository, WholeMilestone
from providers.github.parts import EXCERPT_CHARS, fact_at, facts, fields, is_public
from unfurler.sdk import Button, Card, Fact, Field, Status, excerpt, file_size, one_line, plural

SHOWN_FILES = 5
SHOWN_DOWNLOADS = 2
_PROOFS = (".sha256", ".sha512", ".sig", ".asc", ".sigstore", ".pem")


def repository_card(found: Repository, latest: Release | None) -> Card:
    """A repository; `latest` is its latest release, if it has one."""
    visibility = one_line(found.visibility or ("private" if found.private else "public")).capitalize()
    return Card(
        kicker="Repository",
        title=found.full_name,
        status=Status("Archived", "warning") if found.archived else Status(visibility),
        facts=[
            *facts(f"★ {found.stargazers_count:,}", plural(found.forks_count, "fork"), found.language),
            *fact_at("pushed", found.pushed_at),
        ],
        text=one_line(found.description),
        fields=[
            *fields(
                visibility=visibility if found.archived else "",
                latest_release=(latest.name or latest.tag_name) if latest else "",
                open_issues_and_pull_requests=f"{found.open_issues_count:,}",
                licence=found.license.name,
                default_branch=found.default_branch,
                topics=", ".join(found.topics),
                website=found.homepage,
            )
        ],
        public=is_public(found),
    )


def release_card(place: str, found: Release, site_url: str, *, latest: bool) -> Card:
    """A release, known to be the latest or not; a download is offered only from the site itself."""
    files = [asset for asset in found.assets if asset.state == "uploaded" and asset.name]
    downloads = [
        Button.open(f"Download {asset.name}", asset.browser_download_url)
        for asset in files
        if asset.browser_download_url.startswith(f"{site_url}/") and not asset.name.endswith(_PROOFS)
    ]
    return Card(
        kicker=f"{place} {found.tag_name}",
        title=found.name or found.tag_name,
        status=_status(found, latest=latest),
        facts=[
            *facts(found.author.login),
            *(fact_at("drafted", found.created_at) if found.draft else fact_at("published", found.published_at)),
            *facts(plural(len(files), "file") if files else ""),
        ],
        text=excerpt(found.body, EXCERPT_CHARS),
        fields=[
            *(
                Field(asset.name, f"{file_size(asset.size)}, {plural(asset.download_count, 'download')}")
                for asset in files[:SHOWN_FILES]
            ),
            *fields(further_files=f"{len(files) - SHOWN_FILES}" if len(files) > SHOWN_FILES else ""),
        ],
        buttons=downloads[:SHOWN_DOWNLOADS],
    )


def milestone_card(place: str, found: WholeMilestone) -> Card:
    """A milestone."""
    total = found.open_issues + found.closed_issues
    return Card(
        kicker=f"{place} milestone",
        title=found.title,
        status=Status("Closed", "info") if found.state == "closed" else Status("Open", "success"),
        facts=[
            *facts(f"{found.closed_issues:,} of {total:,} done" if total else "No issues"),
            *fact_at("due", found.due_on),
        ],
        text=excerpt(found.description, EXCERPT_CHARS),
        fields=[*fields(open=f"{found.open_issues:,}", updated=found.updated_at, closed=found.closed_at)],
    )


def profile_card(found: Profile) -> Card:
    """A person or an organization."""
    is_person = found.type != "Organization"
    return Card(
        kicker={"Organization": "Organization", "Bot": "Application"}.get(found.type, "Person"),
        title=f"{found.name} ({found.login})" if found.name else found.login,
        facts=[
            *facts(one_line(found.company), plural(found.public_repos, "public repository", "public repositories")),
            *facts(plural(found.followers, "follower")),
            *([Fact("since", at=found.created_at)] if is_person and found.created_at else []),
        ],
        text=excerpt(found.bio, EXCERPT_CHARS),
        fields=[*fields(location=found.location, website=found.blog)],
    )


def _status(found: Release, *, latest: bool) -> Status | None:
    if found.draft:
        return Status("Draft", "warning")
    if found.prerelease:
        return Status("Pre-release", "warning")
    return Status("Latest", "success") if latest else None
