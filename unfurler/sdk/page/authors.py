"""Who wrote a page, and when to be silent about it."""

from __future__ import annotations

from collections.abc import Iterator

from unfurler.sdk.page import byline, people
from unfurler.sdk.page.sources import Sources

_METAS = (
    "author", "article:author", "article:author_name", "og:article:author", "og:author",
    "parsely-author", "sailthru.author", "dc.creator", "dcterms.creator", "dc:creator",
    "citation_author", "byl", "cxenseparse:author", "authors", "article:authors",
    "article.author", "creator",
)  # fmt: skip
_WRITTEN_BY = frozenset(
    (
        "written by", "by", "author", "verfasst von", "geschrieben von", "autor", "écrit par", "escrito por",
        "scritto da", "geschreven door", "skrivet av", "skrevet af", "napisane przez", "автор", "yazan",
    )
)  # fmt: skip


def find(sources: Sources, site_name: str | None) -> str | None:
    """The author that the data names, else a tag, else the byline; never just the name of the site or a
    company.

    Persons that the data names count even if the site is called after them, and so does the kitchen of a
    recipe.
    """

    def says_nothing(name: str) -> bool:
        return people.is_site(name, site_name, sources.host)

    declared, organized = people.of_item(sources.data)
    if declared and not (organized and sources.main_kind != "recipe" and says_nothing(declared)):
        return declared
    for value in _tagged(sources):
        if (name := people.name(value)) and not says_nothing(name):
            return name
    if sources.is_ware:
        return None
    name = byline.find(sources.rest, sources.headline_at)
    return name if name and not says_nothing(name) else None


def _tagged(sources: Sources) -> Iterator[str | None]:
    raw = sources.raw
    for key in _METAS:
        if key in raw.metas:
            yield raw.first(key)
    if (raw.first("twitter:label1") or "").strip(" :").lower() in _WRITTEN_BY:
        yield raw.first("twitter:data1")
