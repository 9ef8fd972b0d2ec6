"""Which picture stands for a page: one that the markup declares, large enough, neither logo nor pixel."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote

from unfurler.sdk.page.addresses import absolute
from unfurler.sdk.page.model import Image

MIN_PX = 50
# Narrower ones look blurred in a preview on a display of double density.
SHARP_PX = 800

_DRAWN = re.compile(r"\.svgz?(?:$|[?#&])|[?&](?:format|fm|type)=svg", re.IGNORECASE)
_PIXELS = re.compile(r"\s{0,9}(\d{1,5})(?:\.\d{1,3})?\s{0,9}(?:px)?\s{0,9}$")
_SIZE_IN_NAME = re.compile(r"(?<!\d)(\d{2,4})x\d{2,4}\.\w{3,4}$")
# In the name of the file alone, in lower case and behind its slash: a folder may be called anything.
_MARK = re.compile(
    r"/1x1\.|[/_\-.]"
    r"(?:logos?|favicon|icon|sprite|spacer|blank|pixel|transparent|"
    r"(?:default|dummy|missing|no)[_\-]?(?:user|avatar|share|sharing|social|og|fb|facebook|thumb|thumbnail|"
    r"image|img|picture|pic|photo)s?)(?:[_\-.]|$)|placeholder|fallback"
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
    return "svg" in url.lower() and _DRAWN.search(url) is not None


def is_mark(url: str) -> bool:
    """Does the address read like a logo, an icon or a placeholder, itself or by the address that is in its query?"""
    path, _, query = url.partition("?")
    return _is_named_mark(path) or (("%2F" in query or "/" in query) and _is_named_mark(unquote(query)))


def _is_named_mark(path: str) -> bool:
    return _MARK.search("/" + path.rpartition("/")[2].lower()) is not None


def pixels(value: object) -> int | None:
    """A number of pixels as markup writes it (`1200`, `1200px`, `1200.0`), if it is plausible."""
    if isinstance(value, str):
        digits = _PIXELS.match(value)
        value = int(digits[1]) if digits else None
    if isinstance(value, float):
        value = int(value) if 0 < value < 99_999 else None
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 99_999 else None


def choose(candidates: Iterable[Image | None]) -> Image | None:
    """The first picture whose address does not read like a logo; a small one gives way to a far larger one."""
    first: Image | None = None
    width: int | None = None
    for candidate in candidates:
        if candidate is None or is_mark(candidate.url):
            continue
        if first is None:
            first, width = candidate, known_width(candidate)
            if width is None or width >= SHARP_PX:
                return first
        elif _is_far_larger(known_width(candidate), width):
            return candidate
    return first


def known_width(image: Image) -> int | None:
    """How wide a picture is by what is said of it, else by the name of its file (`boat-150x150.jpg`)."""
    if image.width is not None:
        return image.width
    named = _SIZE_IN_NAME.search(image.url.partition("?")[0])
    return int(named[1]) if named else None


def _is_far_larger(width: int | None, small: int | None) -> bool:
    return small is not None and (small < SHARP_PX / 2 if width is None else width >= 1.5 * small)
