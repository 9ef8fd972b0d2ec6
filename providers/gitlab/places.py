"""Which addresses are a project's or a group's, and which are GitLab's own pages.

Source: https://docs.gitlab.com/user/reserved_names/
"""

from __future__ import annotations

import re

from unfurler.sdk import NothingToShow

# First parts of GitLab's own addresses; no group or person can be called so.
_OWN_PAGES = """
- .well-known 404.html 422.html 500.html 502.html 503.html admin api assets dashboard deploy.html explore favicon.ico
favicon.png files groups health_check help import invites jwt login oauth profile projects public robots.txt s search
sitemap sitemap.xml sitemap.xml.gz slash-command-logo.png snippets unsubscribes uploads users v2
"""
RESERVED = frozenset(_OWN_PAGES.split())
_PART = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_.-]{0,254}", re.ASCII)
_MAX_DEPTH = 22  # a group, twenty subgroups, a project


def project_path(project: str) -> tuple[str, str]:
    """Where the API has a project: its whole path is one segment. Raises NothingToShow where it cannot be one."""
    parts = project.split("/")
    if not 2 <= len(parts) <= _MAX_DEPTH or not _are_names(parts):
        raise NothingToShow("This is not a page of a project.", reason="not-a-project")
    return "projects", project


def group_path(group: str) -> tuple[str, str]:
    """Where the API has a group. Raises NothingToShow where it cannot be one."""
    if not _are_names(group.split("/")):
        raise NothingToShow("This is not a page of a group.", reason="not-a-group")
    return "groups", group


def _are_names(parts: list[str]) -> bool:
    return parts[0].lower() not in RESERVED and all(_PART.fullmatch(part) for part in parts)
