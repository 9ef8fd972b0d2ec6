"""The fields of an oEmbed reply that a card may use; its markup is never looked at.

Source: https://oembed.com, 2.3.4
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from unfurler.sdk.page import images, people
from unfurler.sdk.page.model import Image, Page
from unfurler.sdk.page.text import as_written, clean


@dataclass(frozen=True, slots=True)
class OEmbed:
    """What a site says of one of its pages in oEmbed; texts and addresses as in `Page`."""

    kind: str
    title: str | None = None
    author: str | None = None
    site_name: str | None = None
    image: Image | None = None


def read_oembed(reply: Mapping[str, object], url: str) -> OEmbed | None:
    """The facts of a reply to an oEmbed request about `url`, or None where it is no such reply."""
    kind = clean(_text(reply, "type"), 20)
    if kind not in ("photo", "video", "link", "rich"):
        return None
    picture = images.image(
        url, _text(reply, "thumbnail_url"), reply.get("thumbnail_width"), reply.get("thumbnail_height")
    )
    if picture is None and kind == "photo":
        picture = images.image(url, _text(reply, "url"), reply.get("width"), reply.get("height"))
    return OEmbed(
        kind,
        title=as_written(_text(reply, "title"), 1_000),
        author=people.name(_text(reply, "author_name"), labelled=False),
        site_name=clean(_text(reply, "provider_name"), 200),
        image=picture,
    )


def with_oembed(page: Page, reply: OEmbed) -> Page:
    """The page with what oEmbed says where the page itself is silent."""
    return replace(
        page,
        title=page.title or reply.title,
        author=page.author or reply.author,
        site_name=page.site_name or reply.site_name,
        image=page.image or reply.image,
        kind=page.kind or reply.kind,
    )


def _text(reply: Mapping[str, object], key: str) -> str | None:
    value = reply.get(key)
    return value if isinstance(value, str) else None
