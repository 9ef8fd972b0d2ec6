"""The name of the site that a page belongs to."""

from __future__ import annotations

from collections.abc import Iterator

from unfurler.sdk.page import titles
from unfurler.sdk.page.sources import Sources
from unfurler.sdk.page.text import clean

MAX_CHARS = 200


def site_name(sources: Sources) -> str | None:
    """What the page calls its site, else the part of its title that does, else the host."""
    for value in _declared(sources):
        if name := clean(value, MAX_CHARS):
            return name
    return titles.site_in(sources.document_title, sources.heading, sources.host) or sources.host or None


def _declared(sources: Sources) -> Iterator[str | None]:
    data = sources.data
    yield sources.raw.first("og:site_name")
    yield data.text(sources.main.get("publisher"), "name")
    for node in data.sites:
        yield data.text(node, "name")
    yield sources.raw.first("application-name")
