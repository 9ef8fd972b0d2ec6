"""The text that says what a page is about."""

from __future__ import annotations

from unfurler.sdk.page import lookups
from unfurler.sdk.page.sources import Sources
from unfurler.sdk.page.text import clean

MIN_PARAGRAPH_CHARS = 60


def find(sources: Sources) -> str | None:
    """What the page declares, else its first paragraph behind the headline that is long enough to be one."""
    raw = sources.raw
    for name in ("og:description", "description", "twitter:description"):
        if text := clean(raw.first(name)):
            return text
    if text := clean(sources.data.text(sources.main.get("description"))):
        return text
    for text in lookups.paragraphs(sources.rest, sources.headline_at or 0):
        if len(text) >= MIN_PARAGRAPH_CHARS and "cookie" not in text.lower():
            return text
    return None
