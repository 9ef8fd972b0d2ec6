"""The text that says what a page is about."""

from __future__ import annotations

from collections.abc import Iterator

from unfurler.sdk.page import lookups
from unfurler.sdk.page.sources import Sources
from unfurler.sdk.page.text import clean

MIN_PARAGRAPH_CHARS = 60
# Shorter ones that are whole are slogans and keywords: the beginning of a text says more.
MIN_WHOLE_CHARS = 100
_CUT = ("...", "…", "…]", "...]")


def find(sources: Sources) -> str | None:
    """What the page declares, whole rather than cut off; else its first paragraph behind the headline that is one."""
    cut: str | None = None
    for value in _declared(sources):
        if text := clean(value):
            if not text.endswith(_CUT) and (cut is None or len(text) >= MIN_WHOLE_CHARS):
                return text
            cut = cut or text
    return cut or _paragraph(sources)


def _declared(sources: Sources) -> Iterator[str | None]:
    for name in ("og:description", "description", "twitter:description"):
        yield sources.raw.first(name)
    yield sources.data.text(sources.main.get("description"))


def _paragraph(sources: Sources) -> str | None:
    for text in lookups.paragraphs(sources.rest, sources.headline_at or 0):
        if len(text) >= MIN_PARAGRAPH_CHARS and "cookie" not in text.lower():
            return text
    return None
