"""Look-ups in what is left of a page beside its head: headings, times, bylines, paragraphs.

They run only for facts that the head leaves open, on bytes from which scripts and comments are gone; each
takes a bounded number of hits of bounded length.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from unfurler.sdk.page.tags import attributes
from unfurler.sdk.page.text import of_markup

MAX_HITS = 40
MAX_PARAGRAPHS = 60
MAX_TIMES = 12
MAX_ELEMENT_BYTES = 1_500

_HEADING_END = re.compile(rb"</[hH]1(?=[\s>])")
_PARAGRAPH = re.compile(rb"<[pP](?=[\s>])")
_BLOCK = re.compile(
    rb"</?(?:p|div|ul|ol|li|table|td|tr|h[1-6]|section|article|form|nav|footer|aside)(?=[\s>])", re.IGNORECASE
)
_TIME = re.compile(rb"<time(?=[\s>])")
_ANCHOR = re.compile(rb"<a(?=\s)")
_ROLES = ("itemprop", "class", "id", "rel", "data-testid")
_EMPTY = (b"meta", b"img", b"input", b"link", b"br")
_TEXT = re.compile(rb">([^<>]++)(?=<)")
_TAG_NAME = re.compile(rb"<([a-zA-Z][a-zA-Z0-9-]{0,30})")


class Element(NamedTuple):
    """One element of the body: its attributes, where it begins, and on demand what stands in it."""

    rest: bytes
    at: int
    name: bytes
    opened: int
    attributes: dict[str, str]

    def inner(self) -> bytes:
        """The markup between its tags, or as much of it as is looked at."""
        if self.name in _EMPTY:
            return b""
        inner = self.rest[self.opened : self.opened + MAX_ELEMENT_BYTES]
        depth = 1
        for tag in _nesting(self.name).finditer(inner):
            depth += -1 if tag[1] else 1
            if depth == 0:
                return inner[: tag.start()]
        return inner

    def text(self) -> str | None:
        return plain(self.inner())

    def value(self) -> str | None:
        """What the element says to a machine, else to a reader."""
        given = self.attributes
        return given.get("datetime") or given.get("content") or self.text()

    def role(self) -> str:
        """The words that say what the element is for."""
        given = self.attributes.get
        return " ".join([given(name, "") for name in _ROLES]).lower()


@lru_cache(maxsize=64)
def _nesting(name: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"<(/?)" + name + rb"(?=[\s>])", re.IGNORECASE)


def plain(fragment: bytes, max_chars: int = 1_000) -> str | None:
    """The text of a piece of markup."""
    return of_markup(fragment[: 8 * max_chars].decode("utf-8", "replace"), max_chars)


def headings(rest: bytes, starts: Iterable[int]) -> list[tuple[str, int]]:
    """The texts of the headings that begin at these places, and where they end."""
    found: list[tuple[str, int]] = []
    for start in starts:
        closed = _HEADING_END.search(rest, start, start + 4_000)
        text = plain(rest[start : closed.start()]) if closed else None
        if closed and text:
            found.append((text, closed.start()))
    return found


def paragraphs(rest: bytes, position: int = 0) -> Iterator[str]:
    """Texts of the paragraphs after a place, in order."""
    for _ in range(MAX_PARAGRAPHS):
        opened = _PARAGRAPH.search(rest, position)
        if opened is None:
            return
        closed = _BLOCK.search(rest, opened.end(), opened.end() + 4_000)
        position = closed.start() if closed else opened.end()
        text = plain(rest[opened.start() : position])
        if text:
            yield text


def times(rest: bytes, end: int) -> list[Element]:
    """The first `<time>` elements before a place."""
    found = []
    for opened in _TIME.finditer(rest, 0, end):
        element = _element(rest, opened.start())
        if element is not None:
            found.append(element)
        if len(found) == MAX_TIMES:
            break
    return found


def naming(rest: bytes, pattern: re.Pattern[bytes], *needles: re.Pattern[bytes]) -> Iterator[Element]:
    """The elements whose start tags match a pattern, in the order of the page.

    Only tags that hold one of the needles are looked at. An expression that begins with plain letters is much
    cheaper than any other, and than `bytes.find` for so short a word: what differs in a needle stands behind them.
    """
    starts: set[int] = set()
    for needle in needles:
        for found in islice(needle.finditer(rest), MAX_HITS):
            hit = found.start()
            start = rest.rfind(b"<", max(0, hit - 600), hit + 1)
            if start >= 0 and rest.find(b">", start, hit) < 0:
                starts.add(start)
    for start in sorted(starts):
        end = rest.find(b">", start, start + 2_000)
        if end >= 0 and pattern.search(rest, start, end):
            element = _element(rest, start)
            if element is not None:
                yield element


def pieces(rest: bytes, start: int, end: int) -> list[tuple[int, bytes]]:
    """What stands between tags from one place to another, with its place, without what is blank."""
    return [(found.start(), text) for found in _TEXT.finditer(rest, start, end) if (text := found[1].strip())]


def links(inner: bytes) -> list[Element]:
    """The links within an element."""
    found = (_element(inner, hit.start()) for hit in _ANCHOR.finditer(inner))
    return [element for element in found if element is not None]


def _element(rest: bytes, start: int) -> Element | None:
    named = _TAG_NAME.match(rest, start)
    tag_end = rest.find(b">", start, start + 2_000)
    if named is None or tag_end < 0:
        return None
    given = attributes(rest[named.end() : tag_end + 1].decode("utf-8", "replace"))
    return Element(rest, start, named[1].lower(), tag_end + 1, given)
