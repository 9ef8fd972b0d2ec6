"""Which picture stands for a page: one that the markup declares, large enough, neither logo nor pixel."""

from __future__ import annotations

import re
from collections.abc import Iterable

from unfurler.sdk.page.addresses import absolute
from unfurler.sdk.page.model import Image

MIN_PX = 50

_DRAWN = re.compile(r"\.svgz?(?:$|[?#&])|[?&](?:format|fm|type)=svg", re.IGNORECASE)
# In the name of the file alone: a folder may be called anything.
_MARK = re.compile(
    r"^1x1\.|(?:^|[_\-.])"
    r"(?:logos?|favicon|icon|sprite|spacer|blank|pixel|transparent|placeholder|default-avatar)(?:[_\-.]|$)",
    re.IGNORECASE,
)


def image(
    base: str, reference: str | None, width: object = None, height: object = None, alt: str | None = None
) -> Image | None:
    """The picture at a reference, or None where it is no picture for a card."""
    if reference is None or reference.lstrip().startswith("#"):
        return None
    url = absolute(base, reference)
    if url is None or is_drawn(url):
        return None
    wide, high = pixels(width), pixels(height)
    if (wide is not None and wide < MIN_PX) or (high is not None and high < MIN_PX):
        return None
    return Image(url, wide, high, alt)


def is_drawn(url: str) -> bool:
    """Does the address read like an SVG, which is markup and no picture?"""
    return _DRAWN.search(url) is not None


def is_mark(url: str) -> bool:
    """Does the address read like a logo, an icon or a placeholder?"""
    file = url.partition("?")[0].rpartition("/")[2]
    return _MARK.search(file) is not None


def pixels(value: object) -> int | None:
    """A number of pixels as markup writes it (`1200`, `1200px`, `1200.0`), if it is plausible."""
    if isinstance(value, str):
        digits = re.match(r"\s{0,9}(\d{1,5})(?:\.\d{1,3})?\s{0,9}(?:px)?\s{0,9}$", value)
        value = int(digits[1]) if digits else None
    if isinstance(value, float):
        value = int(value) if 0 < value < 99_999 else None
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 99_999 else None


def choose(candidates: Iterable[Image | None]) -> Image | None:
    """The first picture whose address does not read like a logo."""
    return next((candidate for candidate in candidates if candidate and not is_mark(candidate.url)), None)
