"""Where the body of a page says who wrote it, for pages whose head does not."""

from __future__ import annotations

import re

from unfurler.sdk.page import lookups, people

BEFORE_BYTES = 4_000
AFTER_BYTES = 12_000

_DECLARED = re.compile(rb"""(?:rel|itemprop)=["']?author""")
_STYLED = re.compile(rb"""["'\s_=-](?:by-?line|author|autor|auteur|username)""", re.IGNORECASE)
_DECLARED_NEEDLE = re.compile(rb'="author')
_NEEDLES = tuple(map(re.compile, (rb"uthor", rb"yline", rb"utor", rb"uteur", rb"username")))
_ROLE = re.compile(
    r"(?:^|[\s_-])(?:by-?line|author|autor|auteur|writer|username)s?"
    r"(?:[\s_-]{1,2}(?:name|link|names|url|vcard|meta|info|line|text))?(?=$|\s)"
)
_OTHER = re.compile(
    r"comment|avatar|image|photo|img|bio|box|social|about|related|follow|desc|teaser|widget|sidebar|footer|"
    r"icon|count|review"
)
_ITEM_NAME = re.compile(rb"""itemprop=["']?name""")
_NAME_NEEDLE = re.compile(rb"name")


def find(rest: bytes, headline_at: int | None) -> str | None:
    """The name that a reader would see at the headline."""
    declared = [
        element for element in lookups.naming(rest, _DECLARED, _DECLARED_NEEDLE) if not _OTHER.search(element.role())
    ]
    declared.sort(key=lambda element: not _is_near(element.at, headline_at))
    for element in declared:
        if name := _name(element):
            return name
    at = headline_at or 0
    for element in lookups.naming(rest[max(0, at - BEFORE_BYTES) : at + AFTER_BYTES], _STYLED, *_NEEDLES):
        role = element.role()
        if _ROLE.search(role) and not _OTHER.search(role) and (name := _name(element)):
            return name
    return None


def _is_near(at: int, headline_at: int | None) -> bool:
    return headline_at is None or headline_at - BEFORE_BYTES < at < headline_at + AFTER_BYTES


def _name(element: lookups.Element) -> str | None:
    content = element.attributes.get("content")
    if content:
        return people.name(content)
    for inner in lookups.naming(element.inner(), _ITEM_NAME, _NAME_NEEDLE):
        return people.name(inner.value())
    linked = [name for anchor in lookups.links(element.inner()) if (name := people.name(anchor.text()))]
    if linked:
        return ", ".join(dict.fromkeys(linked[: people.MAX_NAMES]))
    return people.name(element.text())
