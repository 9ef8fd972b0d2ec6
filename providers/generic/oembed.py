"""Where a page's oEmbed answer may be asked for: on the page's own site, or where the public list says.

Source: https://oembed.com (the list as data in `oembed_hosts.json`: host, endpoint, the paths it answers for).
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from unfurler.sdk import Api, Document, Link, UnfurlError
from unfurler.sdk.page import OEmbed, Page, read_oembed


def ask(link: Link, page: Page | None, document: Document | None, api: Api) -> OEmbed | None:
    """What the endpoint says, of which only fields are used; None where there is none, or it does not answer."""
    address = _discovered(link, page) or listed(link)
    if address is None:
        return None
    try:
        answer = api.fetch(address, data=True, came_from=document)
        reply = json.loads(answer.body)
    except (UnfurlError, ValueError, RecursionError):
        return None
    return read_oembed(reply, link.url) if isinstance(reply, dict) else None


def listed(link: Link) -> str | None:
    """The address at the listed endpoint that answers for this link."""
    labels = link.host.split(".")
    hosts = [link.host, *(f"*.{'.'.join(labels[start:])}" for start in range(1, len(labels)))]
    for host in hosts:
        for endpoint, paths in _hosts().get(host, ()):
            if any(_fits(path, link.raw_path) for path in paths):
                query = urlencode({"url": link.address, "format": "json"})
                return f"{endpoint}{'&' if '?' in endpoint else '?'}{query}"
    return None


def _discovered(link: Link, page: Page | None) -> str | None:
    """What the page names, if it is on the link's own site: elsewhere it could be anything."""
    if page is None or page.oembed is None:
        return None
    there, here = urlsplit(page.oembed).hostname or "", link.host.removeprefix("www.")
    return page.oembed if there == here or there.endswith("." + here) else None


def _fits(pattern: str, path: str) -> bool:
    """Whether a path is of a shape with `*` for anything; each part is looked for once, from left to right."""
    first, *parts = pattern.partition("?")[0].split("*")
    if not parts:
        return path == first
    if not path.startswith(first):
        return False
    at = len(first)
    for part in parts[:-1]:
        found = path.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return path.endswith(parts[-1]) and len(path) - len(parts[-1]) >= at


@cache
def _hosts() -> dict[str, list[tuple[str, list[str]]]]:
    listed: dict[str, list[tuple[str, list[str]]]] = json.loads(
        (Path(__file__).parent / "oembed_hosts.json").read_text(encoding="ascii")
    )["hosts"]
    return listed
