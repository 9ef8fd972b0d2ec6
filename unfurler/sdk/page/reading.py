"""From the bytes of a page to its facts."""

from __future__ import annotations

from dataclasses import replace

from unfurler.sdk.page import (
    authors,
    descriptions,
    headlines,
    links,
    moments,
    notices,
    pictures,
    publishers,
    walls,
)
from unfurler.sdk.page.model import Page
from unfurler.sdk.page.sources import Sources, gather_sources
from unfurler.sdk.page.text import clean

# What is not found inside of something else that then would be what the page is about, as a recipe in an
# article is.
_STANDING_ALONE = frozenset(
    ("newsarticle", "reportagenewsarticle", "recipe", "videoobject", "product", "movie", "book")
)


def read_page(body: bytes, url: str, charset: str | None = None) -> Page:
    """What the bytes of an HTML page say, read as if `url` had answered them.

    `charset` is the one that the HTTP header named, if any. Never raises, whatever the bytes are; takes time
    in proportion to their number.
    """
    return _page(gather_sources(body, url, charset))


def is_settled(body: bytes, url: str, charset: str | None = None) -> bool:
    """Would the rest of a page of which `body` is the beginning leave its facts as they are?

    Yes, where the head says everything, its JSON-LD is that of a kind that stands alone, and the headline is
    there.
    """
    sources = gather_sources(body, url, charset, with_strays=False)
    if sources.main_kind not in _STANDING_ALONE or sources.heading is None:
        return False
    head = _page(Sources(b"", url, replace(sources.found, rest=b"", headings=[]), sources.raw))
    return (
        sources.heading in (sources.graph_title, head.title)
        and sources.raw.first("og:site_name") is not None
        and None not in (head.description, head.image, head.author, head.published, head.icon, head.canonical_url)
    )


def _page(sources: Sources) -> Page:
    raw = sources.raw
    site_name = publishers.site_name(sources)
    image = pictures.find(sources)
    canonical = links.canonical(sources)
    return Page(
        url=sources.url,
        title=headlines.title(sources, site_name),
        description=descriptions.find(sources),
        image=image,
        site_name=site_name,
        icon=links.icon(sources),
        author=authors.find(sources, site_name),
        published=moments.published(sources),
        modified=moments.modified(sources),
        canonical_url=canonical,
        language=notices.language(raw),
        kind=clean(raw.first("og:type"), 60) or clean(sources.main_kind, 60),
        theme_color=notices.theme_color(raw),
        oembed=links.oembed(sources),
        feed=links.feed(sources),
        video=sources.address("og:video:secure_url", "og:video:url", "og:video"),
        audio=sources.address("og:audio:secure_url", "og:audio:url", "og:audio"),
        amp_of=canonical if raw.amp and canonical != sources.url else None,
        refresh=links.refresh(sources),
        paywalled=notices.paywalled(sources),
        nosnippet=notices.nosnippet(raw),
        noarchive=notices.noarchive(raw),
        wall=walls.wall(_evidence(sources, image is not None)),
    )


def _evidence(sources: Sources, pictured: bool) -> walls.Evidence:
    return walls.Evidence(
        titles=(sources.document_title, sources.graph_title, sources.heading),
        url=sources.url,
        host=sources.host,
        body=sources.body,
        rest=sources.rest,
        declared=sources.graph_kind not in ("", "website") or sources.data.is_content,
        described=pictured or sources.raw.first("og:description", "description") is not None,
    )
