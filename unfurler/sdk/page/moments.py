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
# A shorter one is filled by a script: what it does not show says nothing.
MIN_BODY_BYTES = 4_000
_DAY_FIRST_HOSTS = (".uk", ".au", ".ie", ".nz", ".in", ".za")


def published(sources: Sources) -> datetime | date | None:
    """What tags and data declare, else the day in the address, else what stands by the headline.

    A day that the data alone has, and no reader of the page sees, is that of a record and not of the text.
    """
    tagged = dates.parse(sources.raw.first("article:published_time", "og:article:published_time"))
    if tagged:
        return tagged
    data = sources.data
    found = dates.parse(data.text(data.first("datePublished", "uploadDate", "dateCreated")))
    if found and (len(sources.rest) < MIN_BODY_BYTES or dateline.shows(sources.rest, found)):
        return found
    for value in _tagged(sources):
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


def _tagged(sources: Sources) -> Iterator[str | None]:
    for key in _METAS:
        if key in sources.raw.metas:
            yield sources.raw.first(key)
    yield sources.raw.item("datepublished")


def _month_first(sources: Sources) -> bool:
    language = (sources.raw.language or "").lower()
    return language in ("en", "en-us", "en_us") and not sources.host.endswith(_DAY_FIRST_HOSTS)
