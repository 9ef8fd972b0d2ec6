"""Which picture stands for a page: one that the markup declares, else a large one by the headline."""

from __future__ import annotations

import re
from collections.abc import Iterator

from unfurler.sdk.page import images, lookups
from unfurler.sdk.page.addresses import absolute
from unfurler.sdk.page.model import Image
from unfurler.sdk.page.sources import Sources
from unfurler.sdk.page.text import clean

BEFORE_BYTES = 4_000
AFTER_BYTES = 16_000
MIN_WIDTH_PX, MIN_HEIGHT_PX = 400, 200
MAX_ALT_CHARS = 400
MAX_LISTED = 8
# More text between the headline and a picture of unknown size makes it another's.
MAX_CHARS_BETWEEN = 600

_DECLARED = re.compile(rb"""itemprop=["']?image""")
_DECLARED_NEEDLE = re.compile(rb"image")
_PICTURE = re.compile(rb"<img ")
_LEADING = re.compile(r"wp-post-image|featured|hero|lead-?image|main-?image|article-?image|post-?image|teaser-?image")
# An image that is loaded late has a placeholder for its `src`.
_ATTRIBUTES = ("content", "data-src", "data-lazy-src", "data-original", "src", "href")
_STYLED_SIZE = re.compile(r"(?:^|[;\s])(width|height)\s{0,3}:\s{0,3}(\d{2,4})px", re.IGNORECASE)
_SET_WIDTH = re.compile(r"(?<=\s)(\d{2,4})w(?:,|(?=\s)|$)")
_PHOTOGRAPH = re.compile(r"\.(?:jpe?g|webp|avif)$", re.IGNORECASE)


def find(sources: Sources) -> Image | None:
    """The picture of the page; None rather than a logo, a pixel or a drawing."""
    logos = _logos(sources)
    found = images.choose(image for image in _declared(sources) if image and image.url not in logos)
    return found if found or sources.is_front else images.choose(_shown(sources))


def _logos(sources: Sources) -> set[str | None]:
    """What the data calls the logo of the site or of who runs it."""
    data = sources.data
    return {
        absolute(sources.base, data.text(site.get("logo"), "url", "contentUrl", "@id"))
        for site in data.sites
        if "logo" in site
    }


def _declared(sources: Sources) -> Iterator[Image | None]:
    yield from _graph(sources)
    raw, base, data = sources.raw, sources.base, sources.data
    yield images.image(base, raw.first("twitter:image", "twitter:image:src"))
    given = data.first("image", "thumbnailUrl")
    for value in given[:MAX_LISTED] if isinstance(given, list) else (given,):
        node = data.node(value) or {}
        url = data.text(value, "url", "contentUrl", "@id")
        yield images.image(base, url, node.get("width"), node.get("height"))
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
    """Pictures in the body that say that they are the page's, then large ones by the headline, then a photograph."""
    rest, base = sources.rest, sources.base
    for element in lookups.naming(rest, _DECLARED, _DECLARED_NEEDLE):
        yield _image(element, base)
    at = sources.headline_at or 0
    start = max(0, at - BEFORE_BYTES)
    near = [*lookups.naming(rest[start : at + AFTER_BYTES], _PICTURE, _PICTURE)]
    for element in near:
        if _LEADING.search(element.role()) or _is_large(_size(element)):
            yield _image(element, base)
    if sources.headline_at is not None:
        yield next(_photographs(near, rest[at : at + AFTER_BYTES], at - start, base), None)


def _photographs(near: list[lookups.Element], behind: bytes, headline_at: int, base: str) -> Iterator[Image]:
    """Pictures of no known size that come so soon behind the headline that they belong to it."""
    for element in near:
        found = _image(element, base) if element.at > headline_at and _size(element) == (None, None) else None
        if found is None or images.is_mark(found.url) or not _PHOTOGRAPH.search(found.url.partition("?")[0]):
            continue
        between = lookups.plain(behind[: element.at - headline_at], MAX_CHARS_BETWEEN + 1)
        if between is not None and len(between) > MAX_CHARS_BETWEEN:
            return
        if (images.known_width(found) or MIN_WIDTH_PX) >= MIN_WIDTH_PX:
            yield found


def _image(element: lookups.Element, base: str) -> Image | None:
    given = element.attributes
    values = [given[name] for name in _ATTRIBUTES if given.get(name) and not given[name].startswith("data:")]
    reference = values[0] if values else _largest(given.get("srcset", ""))[1]
    return images.image(base, reference, *_size(element), clean(given.get("alt"), MAX_ALT_CHARS))


def _size(element: lookups.Element) -> tuple[int | None, int | None]:
    """Width and height by the attributes, by the style, or the width by the largest of a set."""
    given = element.attributes
    size = images.pixels(given.get("width")), images.pixels(given.get("height"))
    if size == (None, None) and (style := given.get("style")):
        styled = dict(_STYLED_SIZE.findall(style.lower()))
        size = images.pixels(styled.get("width")), images.pixels(styled.get("height"))
    if size == (None, None) and (several := given.get("srcset")):
        size = _largest(several)[0], None
    return size


def _largest(srcset: str) -> tuple[int | None, str | None]:
    """The width and address of the largest picture of a set."""
    pieces = _SET_WIDTH.split(srcset)
    sized = [(int(width), address.strip()) for address, width in zip(pieces[::2], pieces[1::2], strict=False)]
    return max(sized, default=(None, None))


def _is_large(size: tuple[int | None, int | None]) -> bool:
    width, height = size
    return width is not None and width >= MIN_WIDTH_PX and (height is None or height >= MIN_HEIGHT_PX)
