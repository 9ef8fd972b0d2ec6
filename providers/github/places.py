"""Which addresses are a repository's, and which are GitHub's own pages."""

from __future__ import annotations

import re

from unfurler.sdk import NothingToShow

# First parts of GitHub's own addresses, of which people post some with a second part; nobody can be called so.
_OWN_PAGES = """
about account api apps assets blog codespaces collections contact copilot customer-stories dashboard discussions
education enterprise enterprises events explore features gist gists home issues join login logout marketplace mcp
models new newsroom notifications oauth open-source organizations orgs partners password_reset premium-support pricing
projects pulls raw readme repos resources search security sessions settings setup shop signup site sitemap solutions
spark sponsors stafftools stars status stories support team topics trending trust-center users watching why-github
"""
RESERVED = frozenset(_OWN_PAGES.split())
_OWNER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,38}")  # with _ for accounts that an enterprise manages
_REPOSITORY = re.compile(r"[A-Za-z0-9._-]{1,100}")


def repository_path(owner: str, repo: str) -> tuple[str, str, str]:
    """Where the API has a repository. Raises NothingToShow where the address is one of GitHub's own pages."""
    if owner.lower() in RESERVED or not _OWNER.fullmatch(owner) or not _REPOSITORY.fullmatch(repo):
        raise NothingToShow("This is not a page of a repository.", reason="not-a-repository")
    return "repos", owner, repo


def owner_path(owner: str) -> tuple[str, str]:
    """Where the API has a person or organization. Raises NothingToShow where it is one of GitHub's own pages."""
    if owner.lower() in RESERVED or not _OWNER.fullmatch(owner):
        raise NothingToShow("This is nobody's page.", reason="not-an-owner")
    return "users", owner
