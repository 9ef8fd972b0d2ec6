"""Everything that a page says, gathered once, from which each fact is chosen."""

from __future__ import annotations

from unfurler.sdk.page import charset as charsets
from unfurler.sdk.page import lookups, structured, titles
from unfurler.sdk.page.addresses import absolute, is_root, site
from unfurler.sdk.page.gather import Raw, add_strays, gather
from unfurler.sdk.page.outline import Outline, outline, strays
from unfurler.sdk.page.text import as_written


class Sources:
    """One page while its facts are chosen: its tags, its JSON-LD, its headline, and the rest of its body.

    `graph_kind` is what `og:type` says, in lower case; `preferred` the address that the page gives as its own.
    """

    def __init__(self, body: bytes, url: str, found: Outline, raw: Raw) -> None:
        self.body = body
        self.url = url
        self.host = site(url)
        self.raw = raw
        self.found = found
        self.rest = found.rest
        self.base = absolute(url, raw.base) or url
        self.data = structured.read(found.json_ld, url)
        self.main: structured.Node = self.data.main or {}
        self.main_kind = structured.kinds(self.main)[0] if self.main else ""
        self.graph_kind = (raw.first("og:type") or "").strip().lower()
        self.preferred = self._preferred()
        self.document_title = as_written(raw.title)
        self.graph_title = as_written(raw.first("og:title"))
        self.heading, self.headline_at = self._headline()

    def address(self, *names: str) -> str | None:
        """The address that the first of these tags gives."""
        return absolute(self.base, self.raw.first(*names))

    @property
    def is_ware(self) -> bool:
        """Is it something to buy? The names and dates in such a page are those of its reviews."""
        return self.graph_kind.startswith(("product", "og:product")) or self.main_kind.startswith("product")

    @property
    def is_front(self) -> bool:
        """Is it the front page of its site, whose pictures belong to one of many things?"""
        return is_root(self.url) and (self.preferred is None or is_root(self.preferred))

    def _preferred(self) -> str | None:
        link = self.raw.link("canonical")
        return (absolute(self.base, link.href) if link else None) or self.address("og:url")

    def _headline(self) -> tuple[str | None, int | None]:
        """The `<h1>` that is the title of the page, and its end: one the head repeats, else the only one."""
        headings = lookups.headings(self.rest, self.found.headings)
        given = [text for text in (self.graph_title, self.document_title) if text]
        if headings and headings[0][0] in given and any(map(str.isalnum, headings[0][0])):
            return headings[0]
        agreeing = [entry for entry in headings if any(titles.agrees(entry[0], title) for title in given)]
        leading = [entry for entry in agreeing if any(title.startswith(entry[0]) for title in given)]
        for choice in (leading, agreeing, headings if len(headings) == 1 else []):
            if choice:
                return choice[0]
        return None, headings[0][1] if headings else None


def gather_sources(body: bytes, url: str, charset: str | None, with_strays: bool = True) -> Sources:
    """Read the bytes of a page in the encoding that it is in."""
    found, raw = _decoded(body, charset)
    if with_strays and (found.has_metas or raw.title is None or not found.tags) and _is_open(raw, found):
        add_strays(raw, strays(found.rest))
    return Sources(body, url, found, raw)


def _decoded(body: bytes, label: str | None) -> tuple[Outline, Raw]:
    codec = charsets.codec_of_mark(body) or charsets.codec_of(label)
    if codec is not None:
        found = outline(charsets.to_utf8(body, codec))
        return found, gather(found)
    found = outline(body)
    raw = gather(found)
    codec = charsets.codec_of_meta(raw.charset) or charsets.guess(body)
    if codec != "utf-8":
        found = outline(charsets.to_utf8(body, codec))
        raw = gather(found)
    return found, raw


def _is_open(raw: Raw, found: Outline) -> bool:
    """Does the head leave something open that stray tags in the body may say?"""
    return (
        raw.title is None
        or raw.first("og:title") is None
        or raw.first("og:description", "description") is None
        or raw.first("og:image") is None
        or raw.link("canonical") is None
        or (not found.json_ld and raw.first("author", "article:author") is None)
        or (not found.json_ld and raw.first("article:published_time", "date") is None)
    )
