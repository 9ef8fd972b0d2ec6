"""The address of a page of which the link names a twin: its AMP form, a cache of that, or its form for phones.

Source: https://developers.google.com/amp/cache/overview (the paths of AMP caches).
"""

from __future__ import annotations

import re

from unfurler.sdk import Link, UnfurlError
from unfurler.sdk.page import Page

_CACHE = re.compile(r"(?:.+\.)?(?:cdn\.ampproject\.org|ampproject\.net|bing-amp\.com)")
_CACHED = re.compile(r"/[a-z](/s)?+/([^/].*)")
_VIEWER = re.compile(r"(?:www\.)?google\.(?:com?\.)?[a-z]{2,3}")
_VIEWED = re.compile(r"/amp(/s)?+/([^/].*)")
_TWIN_LABELS = frozenset(("amp", "m", "mobile", "mobil", "wap", "touch"))
_IN_PATH = re.compile(r"/amp(?:/|$)|[./]amp(?:\.html?)?/?$|\.amp\.html?$", re.IGNORECASE)
_IN_QUERY = re.compile(r"amp=(?:1|true|yes|amp)?|(?:output_?type|view)=amp", re.IGNORECASE)


def unwrapped(link: Link) -> Link:
    """The page that an address of an AMP cache holds a copy of, by the address alone; else the link itself."""
    if _CACHE.fullmatch(link.host):
        held = _CACHED.fullmatch(link.raw_path)
    elif _VIEWER.fullmatch(link.host):
        held = _VIEWED.fullmatch(link.raw_path)
    else:
        return link
    if held is None:
        return link
    query = f"?{link.raw_query}" if link.raw_query else ""
    try:
        return Link.parse(f"http{'s' if held[1] else ''}://{held[2]}{query}")
    except UnfurlError:
        return link


def original(link: Link, page: Page) -> str | None:
    """The address that a twin declares for its page; None where the link is no twin, or leads to another site.

    What a page says never leads a reader to a foreign site: both hosts are the same but for labels such as `amp`, `m`
    and `www`. A canonical address that is the front page says nothing.
    """
    if page.canonical_url is None or not (page.amp_of is not None or _is_twin(link)):
        return None
    try:
        declared = Link.parse(page.canonical_url)
    except UnfurlError:
        return None
    if declared.address == link.address or not same_site(declared.host, link.host):
        return None
    if declared.path == "/" and not declared.query and link.path != "/":
        return None
    return declared.url


def same_site(one: str, other: str) -> bool:
    """Are two hosts the same but for labels that name a form of the site?"""
    return _bare(one) == _bare(other)


def _bare(host: str) -> str:
    labels = host.removeprefix("www.").split(".")
    kept = [label for label in labels[:-2] if label not in _TWIN_LABELS]
    return ".".join(kept + labels[-2:]).removeprefix("www.")


def _is_twin(link: Link) -> bool:
    if _bare(link.host) != link.host.removeprefix("www.") or _IN_PATH.search(link.path):
        return True
    return any(_IN_QUERY.fullmatch(f"{name}={value}") for name, value in link.query)
