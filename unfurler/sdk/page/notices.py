"""What a page tells those who show it: its language and colour, and what is allowed."""

from __future__ import annotations

import re

from unfurler.sdk.page.gather import Raw
from unfurler.sdk.page.sources import Sources

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}")
_COLOR = re.compile(r"[#A-Za-z0-9(),.%/ ]{3,40}")
_NO_SNIPPET = re.compile(r"nosnippet|max-snippet:\s?0\b")


def language(raw: Raw) -> str | None:
    """A language tag such as `de` or `en-GB`."""
    for value in (raw.language, raw.first("content-language"), raw.first("og:locale")):
        if tag := _matched(_LANGUAGE, value):
            return tag.replace("_", "-")
    return None


def theme_color(raw: Raw) -> str | None:
    """A colour as CSS writes it."""
    return _matched(_COLOR, raw.first("theme-color"))


def nosnippet(raw: Raw) -> bool:
    """Is nothing of the text to be shown?"""
    return _NO_SNIPPET.search(_robots(raw)) is not None


def noarchive(raw: Raw) -> bool:
    """Is nothing to be kept?"""
    return "noarchive" in _robots(raw)


def paywalled(sources: Sources) -> bool:
    """Does the page say that it must be paid for?"""
    free = sources.main.get("isAccessibleForFree")
    tier = (sources.raw.first("article:content_tier") or "").lower()
    said = free.lower().rpartition("/")[2] == "false" if isinstance(free, str) else free is False
    return said or tier in ("locked", "metered")


def _robots(raw: Raw) -> str:
    return " ".join(raw.metas.get("robots", ())).lower()


def _matched(pattern: re.Pattern[str], value: str | None) -> str | None:
    value = value.strip() if value else ""
    return value if pattern.fullmatch(value) else None
