"""GitHub's gists, which have a site of their own; those of an Enterprise server stand on the server itself.

Source: https://docs.github.com/rest/gists/gists (API version 2022-11-28)
"""

from __future__ import annotations

import re

from pydantic import AwareDatetime, BaseModel

from unfurler.sdk import Api, Card, Code, Fact, Field, Link, NothingToShow, Provider, Sites, Status, one_line, plural

SHOWN_LINES = 8
SHOWN_FILES = 5
_NUMBER = re.compile(r"[0-9a-f]{20,40}|[0-9]{1,10}", re.ASCII)
_ODD = re.compile(r"[^a-z0-9_]+")

gist = Provider(
    "gist",
    title="GitHub Gist",
    icon="github",
    sites=Sites(
        "gist.github.com",
        api="https://api.github.com",
        headers={"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"},
    ),
)


class Owner(BaseModel, frozen=True):
    login: str = "anonymous"


class File(BaseModel, frozen=True):
    """A file; `truncated` where `content` is only its beginning."""

    filename: str = ""
    language: str | None = None
    truncated: bool = False
    content: str | None = None


class Gist(BaseModel, frozen=True):
    """A gist; a secret one is not listed, and open to everybody who has its address."""

    files: dict[str, File]
    public: bool = False
    description: str | None = None
    owner: Owner | None = None
    comments: int = 0
    created_at: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None


@gist.link("/<owner>/<number>")
def of_owner(link: Link, api: Api, owner: str, number: str) -> Card:
    """A gist: whose it is, its files, the first lines of one of them."""
    return _card(link, api, number)


@gist.link("/<number>")
def by_number(link: Link, api: Api, number: str) -> Card:
    """A gist by its number alone: whose it is, its files, the first lines of one of them."""
    return _card(link, api, number)


@gist.link("/<owner>/<number>/<revision>")
def at_revision(link: Link, api: Api, owner: str, number: str, revision: str) -> Card:
    """A gist as it was once: whose it is, its files, the first lines of one of them."""
    return _card(link, api, number, revision)


def _card(link: Link, api: Api, *segments: str) -> Card:
    if not all(_NUMBER.fullmatch(segment) for segment in segments):
        raise NothingToShow("This is not a gist.", reason="not-a-gist")
    return gist_card(api.get("gists", *segments).parse(Gist), link.fragment)


def gist_card(found: Gist, fragment: str) -> Card:
    """A gist; `fragment` says which file is meant, the first where it says none."""
    files = [file for file in found.files.values() if file.filename]
    meant = [file for file in files if fragment.startswith(f"file-{_slug(file.filename)}")]
    shown = next(iter([*meant, *files]), None)
    owner = found.owner.login if found.owner else Owner().login
    name = shown.filename if shown else "Empty gist"
    return Card(
        kicker=f"{owner} / {name}",
        title=one_line(found.description or "") or name,
        status=Status("Public") if found.public else Status("Secret", "warning"),
        facts=[
            *([Fact(plural(len(files), "file"))] if len(files) > 1 else []),
            *([Fact(shown.language)] if shown and shown.language else []),
            *([Fact(plural(found.comments, "comment"))] if found.comments else []),
            *([Fact("updated", at=found.updated_at)] if found.updated_at else []),
        ],
        code=_first_lines(shown),
        fields=[
            Field("Files", ", ".join(file.filename for file in files[:SHOWN_FILES])),
            *([Field("Created", at=found.created_at)] if found.created_at else []),
        ],
        public=found.public,
    )


def _first_lines(file: File | None) -> Code | None:
    lines = (file.content or "").removesuffix("\n").split("\n") if file else []
    shown = [line.removesuffix("\r") for line in lines[:SHOWN_LINES]]
    return Code("\n".join(shown), more_lines=len(lines) - len(shown)) if any(shown) else None


def _slug(filename: str) -> str:
    """A file's name as GitHub writes it in anchors: `Read me.md` → `read-me-md`."""
    return _ODD.sub("-", filename.lower())
