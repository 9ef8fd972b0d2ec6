"""Where a page points by what it declares: its canonical address, its icon, its other forms."""

from __future__ import annotations

from itertools import chain

from unfurler.sdk.page import images
from unfurler.sdk.page.addresses import absolute, is_root
from unfurler.sdk.page.model import Refresh
from unfurler.sdk.page.sources import Sources

MAX_REFRESH_S = 10.0


def canonical(sources: Sources) -> str | None:
    """The address that the page prefers; it never replaces the one that was asked for.

    A front page is no copy of a page below it: where the visitor was sent to is not what the link is about.
    """
    return sources.preferred if sources.is_front or not is_root(sources.url) else None


def icon(sources: Sources) -> str | None:
    """The icon for a touch screen, which is the largest, else the first that is no SVG."""
    raw = sources.raw
    touch = raw.link("apple-touch-icon") or raw.link("apple-touch-icon-precomposed")
    for link in chain((touch,), raw.every("icon")):
        if link and not images.is_drawn(link.href) and (url := absolute(sources.base, link.href)):
            return url
    return None


def oembed(sources: Sources) -> str | None:
    """The address of its oEmbed reply in JSON."""
    link = sources.raw.alternate("application/json+oembed", "text/json+oembed")
    return absolute(sources.base, link.href) if link else None


def feed(sources: Sources) -> str | None:
    """The address of its first feed."""
    link = sources.raw.alternate("application/rss+xml", "application/atom+xml", "application/feed+json")
    return absolute(sources.base, link.href) if link else None


def refresh(sources: Sources) -> Refresh | None:
    """Where the page sends its reader within ten seconds; one that reloads itself sends nobody anywhere."""
    delay, _, rest = (sources.raw.first("refresh") or "").replace(",", ";", 1).partition(";")
    _, found, target = rest.partition("=")
    try:
        delay_s = float(delay.strip() or 0)
    except ValueError:
        return None
    url = absolute(sources.base, target.strip(" \"'")) if found else None
    return Refresh(url, delay_s) if url and url != sources.url and 0 <= delay_s <= MAX_REFRESH_S else None
