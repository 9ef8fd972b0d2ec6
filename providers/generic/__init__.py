"""Any page or file on the operator's domains, from what it says of itself.

Source: Open Graph (https://ogp.me), schema.org, HTML's own metadata; how far each is right was measured on real pages.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from urllib.parse import unquote, urlsplit

from providers.generic import oembed, twins
from providers.generic.files import file_card
from providers.generic.single_use import looks_single_use
from unfurler.sdk import AccessDenied, Api, Card, Document, Fact, Link, NotFound, NothingToShow, Provider, Sites
from unfurler.sdk.page import Image, OEmbed, Page, PageScanner, read_file, read_page, with_oembed

generic = Provider("generic", title="Web page", icon="web", sites=Sites.every(), lifetime=timedelta(hours=1))

FILE_END_BYTES = 65_536
MIN_IMAGE_PX = 200
_MARK = re.compile(r"(?:^|[/_.-])(?:logo|favicon|icon|avatar|sprite|placeholder)s?(?:[/_.-]|$)", re.IGNORECASE)


@generic.link("*")
def page(link: Link, api: Api) -> Card:
    """A page: its site, title, description, author, date and picture; a file: what kind it is and its size.

    An AMP page, a cached copy of one or a page for phones is shown as the page that it is a form of.
    """
    posted, link = link, twins.unwrapped(link)
    if looks_single_use(link):
        raise NothingToShow("The link looks as if it works only once, so it was left alone.", reason="single-use")
    try:
        document, found = _fetched(link, api)
    except (AccessDenied, NotFound):
        embed = oembed.ask(link, None, None, api) if oembed.listed(link) else None
        if embed is None or not embed.title:
            raise
        return _embed_card(embed, link)
    if found is None:
        return _moved(posted, document, _of_file(document, api))
    quiet = document.nosnippet or found.nosnippet
    if found.wall is not None or not found.title or (found.image is None and not quiet):
        embed = oembed.ask(link, found, document, api)
        if embed is not None and embed.title and (found.wall is not None or not found.title):
            return _embed_card(embed, link)
        found = with_oembed(found, embed) if embed is not None else found
    fresh_s = 0.0 if document.noarchive or found.noarchive else document.fresh_s
    url = twins.original(link, found) or (link.url if link is not posted else None)
    return _moved(posted, document, replace(page_card(found, quiet=quiet), url=url, fresh_s=fresh_s))


def page_card(found: Page, *, quiet: bool) -> Card:
    """A page that says what it is; `quiet` keeps to title and site. Raises NothingToShow for a wall, or no title."""
    if found.wall is not None:
        raise NothingToShow(
            f"The page is not the content, but stands in front of it ({found.wall}).", reason=f"wall-{found.wall}"
        )
    if not found.title:
        raise NothingToShow("The page does not say what it is.", reason="no-title")
    site = found.site_name or urlsplit(found.url).hostname or ""
    if quiet:
        return Card(kicker=site, title=found.title)
    return Card(
        kicker=site,
        title=found.title,
        facts=[
            *([Fact(found.author)] if found.author else []),
            *_published(found.published),
            *([Fact("Paywall", tone="warning")] if found.paywalled else []),
        ],
        text=found.description or "",
        image=found.image.url if found.image is not None and _is_picture(found.image) else None,
    )


def _embed_card(embed: OEmbed, link: Link) -> Card:
    """What a site's oEmbed says of a page that does not speak for itself."""
    return Card(
        kicker=embed.site_name or link.host,
        title=embed.title or link.host,
        facts=[Fact(embed.author)] if embed.author else [],
        image=embed.image.url if embed.image is not None else None,
    )


def _fetched(link: Link, api: Api) -> tuple[Document, Page | None]:
    """The page behind the link, one meta refresh followed; no Page for a file."""
    document = api.fetch(link.address, enough=_Enough(link.address))
    found = _read(document)
    if found is not None and found.refresh is not None and not _same(found.refresh.url, document.url):
        document = api.fetch(found.refresh.url, came_from=document)
        found = _read(document)
    return document, found


class _Enough:
    """Whether the bytes so far hold all that a card needs; each is looked at once."""

    def __init__(self, address: str) -> None:
        self._scanner = PageScanner(address)
        self._seen = 0

    def __call__(self, so_far: bytes) -> bool:
        fresh, self._seen = so_far[self._seen :], len(so_far)
        return self._scanner.feed(fresh)


def _read(document: Document) -> Page | None:
    return read_page(document.body, document.url, document.charset) if document.is_page else None


def _same(one: str, other: str) -> bool:
    """Whether two addresses ask for the same."""
    return one.partition("#")[0] == other.partition("#")[0]


def _of_file(document: Document, api: Api) -> Card:
    whole = document.whole or document.content_type.startswith("image/")
    tail = None if whole else api.fetch_end(document, FILE_END_BYTES)
    facts = read_file(document.body, tail, document.size, document.content_type)
    if facts is None:
        raise NothingToShow("Behind the link is a file of a kind that has no preview.", reason="not-a-page")
    address = urlsplit(document.url)
    return file_card(facts, unquote(address.path.rpartition("/")[2]), address.hostname or "", document.url)


def _moved(link: Link, document: Document, card: Card) -> Card:
    """With a note where redirects led to another host."""
    host = urlsplit(document.url).hostname or ""
    if twins.same_site(host, link.host):
        return card
    return replace(card, note=f"Leads to {host}")


def _published(when: datetime | date | None) -> list[Fact]:
    if isinstance(when, datetime):
        return [Fact("published", at=when)]
    return [Fact(f"published {when.day} {when:%B %Y}")] if when else []


def _is_picture(image: Image) -> bool:
    sizes = [size for size in (image.width, image.height) if size is not None]
    return min(sizes, default=MIN_IMAGE_PX) >= MIN_IMAGE_PX and not _MARK.search(urlsplit(image.url).path)
