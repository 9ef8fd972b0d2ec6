"""Which picture stands for a page: one that the markup declares, else a large one by the headline."""

from __future__ import annotations

import re
from collections.abc import Iterator

from unfurler.sdk.page import images, lookups
from unfurler.sdk.page.model import Image
from unfurler.sdk.page.sources import Sources
from unfurler.sdk.page.text import clean

BEFORE_BYTES = 4_000
AFTER_BYTES = 16_000
MIN_WIDTH_PX, MIN_HEIGHT_PX = 400, 200
MAX_ALT_CHARS = 400

_DECLARED = re.compile(rb"""itemprop=["']?image""")
_PICTURE = re.compile(rb"<img\s", re.IGNORECASE)
_LEADING = re.compile(r"wp-post-image|featured|hero|lead-?image|main-?image|article-?image|post-?image|teaser-?image")
_ATTRIBUTES = ("content", "src", "href", "data-src", "data-lazy-src")


def find(sources: Sources) -> Image | None:
    """The picture of the page; None rather than a logo, a pixel or a drawing."""
    found = images.choose(_declared(sources))
    return found if found or sources.is_front else images.choose(_shown(sources))


def _declared(sources: Sources) -> Iterator[Image | None]:
    yield from _graph(sources)
    raw, base, data = sources.raw, sources.base, sources.data
    yield images.image(base, raw.first("twitter:image", "twitter:image:src"))
    yield images.image(base, data.text(data.first("image", "thumbnailUrl"), "url", "contentUrl", "@id"))
    link = raw.link("image_src")
    yield images.image(base, link.href if link else None)
    yield images.image(base, raw.item("image"))


def _graph(sources: Sources) -> Iterator[Image | None]:
    """The Open Graph pictures; size and words are said once, and belong to the first."""
    raw, base = sources.raw, sources.base
    values = [
        value for name in ("og:image", "og:image:url", "og:image:secure_url") for value in raw.metas.get(name, ())
    ]
    if values and "svg" not in (raw.first("og:image:type") or ""):
        width, height = raw.first("og:image:width"), raw.first("og:image:height")
        alt = clean(raw.first("og:image:alt", "twitter:image:alt"), MAX_ALT_CHARS)
        yield images.image(base, values[0], width, height, alt)
    for value in values[1:]:
        yield images.image(base, value)


def _shown(sources: Sources) -> Iterator[Image | None]:
    """Pictures in the body that say that they are the page's, then large ones by the headline."""
    rest, base = sources.rest, sources.base
    for element in lookups.naming(rest, _DECLARED, b"image"):
        yield _image(element, base)
    at = sources.headline_at or 0
    for element in lookups.naming(rest[max(0, at - BEFORE_BYTES) : at + AFTER_BYTES], _PICTURE, b"<img "):
        if _LEADING.search(element.role()) or _is_large(element):
            yield _image(element, base)


def _image(element: lookups.Element, base: str) -> Image | None:
    given = element.attributes
    values = (given[name] for name in _ATTRIBUTES if given.get(name) and not given[name].startswith("data:"))
    alt = clean(given.get("alt"), MAX_ALT_CHARS)
    return images.image(base, next(values, None), given.get("width"), given.get("height"), alt)


def _is_large(element: lookups.Element) -> bool:
    given = element.attributes
    width, height = images.pixels(given.get("width")), images.pixels(given.get("height"))
    return width is not None and height is not None and width >= MIN_WIDTH_PX and height >= MIN_HEIGHT_PX
