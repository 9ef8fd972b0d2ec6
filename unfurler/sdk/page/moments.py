"""When a page was published and last changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from unfurler.sdk.page import dateline, dates
from unfurler.sdk.page.sources import Sources

_METAS = (
    "date", "pubdate", "publishdate", "publish-date", "publish_date", "publication_date",
    "publication-date", "dc.date", "dc.date.issued", "dc.date.created", "dcterms.date",
    "dcterms.created", "dcterms.issued", "dc:date", "dc:date.created", "parsely-pub-date",
    "sailthru.date", "citation_publication_date", "citation_date", "article.published",
    "article:published", "published", "published_at", "published_time", "datepublished",
    "og:published_time", "og:pubdate", "bt:pubdate", "cxenseparse:recs:publishtime",
    "originalpublicationdate", "displaydate", "ptime", "release_date", "article:post_time",
    "date.created", "creation_date", "created",
)  # fmt: skip
_DAY_FIRST_HOSTS = (".uk", ".au", ".ie", ".nz", ".in", ".za")


def published(sources: Sources) -> datetime | date | None:
    """What tags and data declare, else the day in the address, else what stands by the headline."""
    for value in _declared(sources):
        if found := dates.parse(value):
            return found
    if found := dates.in_path(sources.url):
        return found
    if sources.is_ware or sources.is_front:
        return None
    return dateline.find(sources.rest, sources.headline_at, _month_first(sources))


def modified(sources: Sources) -> datetime | date | None:
    """What tags and data declare; a date in the text says too seldom what it is."""
    tagged = dates.parse(sources.raw.first("article:modified_time", "og:updated_time"))
    return tagged or dates.parse(sources.data.text(sources.data.first("dateModified")))


def _declared(sources: Sources) -> Iterator[str | None]:
    raw, data = sources.raw, sources.data
    yield raw.first("article:published_time", "og:article:published_time")
    yield data.text(data.first("datePublished", "uploadDate", "dateCreated"))
    for key in _METAS:
        yield raw.first(key)
    yield raw.item("datepublished")


def _month_first(sources: Sources) -> bool:
    language = (sources.raw.language or "").lower()
    return language in ("en", "en-us", "en_us") and not sources.host.endswith(_DAY_FIRST_HOSTS)
