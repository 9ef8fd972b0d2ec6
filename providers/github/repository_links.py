"""Links to a repository as a whole, to its releases and milestones, and to whom it belongs.

Source: https://docs.github.com/rest/repos/repos, https://docs.github.com/rest/releases/releases,
https://docs.github.com/rest/issues/milestones, https://docs.github.com/rest/users/users
"""

from __future__ import annotations

from providers.github.asking import optional
from providers.github.models import Profile, Release, Repository, WholeMilestone
from providers.github.places import owner_path, repository_path
from providers.github.repositories import milestone_card, profile_card, release_card, repository_card
from providers.github.site import SLOW, github
from unfurler.sdk import Api, Card, Link, NotFound, NothingToShow


@github.link("/<owner>/<repo>", lifetime=SLOW)
def repository(link: Link, api: Api, owner: str, repo: str) -> Card:
    """A repository: what it is, its stars and forks, when it was last pushed to, its latest release."""
    at = repository_path(owner, repo.removesuffix(".git"))
    found = api.get(*at).parse(Repository)
    return repository_card(found, optional(api, Release, *at, "releases", "latest"))


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


@github.link("/<owner>/<repo>/milestone/<int:number>")
def milestone(link: Link, api: Api, owner: str, repo: str, number: int) -> Card:
    """A milestone: how far it is, when it is due."""
    found = api.get(*repository_path(owner, repo), "milestones", number).parse(WholeMilestone)
    return milestone_card(f"{owner}/{repo}", found)


@github.link("/<owner>", lifetime=SLOW)
@github.link("/orgs/<owner>", lifetime=SLOW)
def profile(link: Link, api: Api, owner: str) -> Card:
    """A person or an organization: who they are, how much they share."""
    try:
        return profile_card(api.get(*owner_path(owner)).parse(Profile))
    except NotFound:
        # No account sees more people than everybody does: there is no reason to ask for one.
        raise NothingToShow("Nobody is called so.", reason="not-an-owner") from None
