"""The tags that an outline set aside become raw facts: names and values as the page wrote them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from unfurler.sdk.page.charset import codec_of
from unfurler.sdk.page.outline import Outline
from unfurler.sdk.page.tags import attributes, decoded

MAX_VALUES = 12
NAME_END = len("<meta")

_COMMON_META = re.compile(rb"""<meta (?:property|name)="([^"&]*+)" content="([^"]*+)"\s?/?>""")


@dataclass(frozen=True, slots=True)
class LinkTag:
    """One `<link>`: its relations in lower case and the attributes that matter here."""

    relations: frozenset[str]
    href: str
    type: str


@dataclass(slots=True)
class Raw:
    """What a page's tags say; a name's values keep the order of the page."""

    metas: dict[str, list[str]] = field(default_factory=dict)
    items: dict[str, list[str]] = field(default_factory=dict)
    links: list[LinkTag] = field(default_factory=list)
    base: str | None = None
    charset: str | None = None
    language: str | None = None
    amp: bool = False
    title: str | None = None

    def first(self, *names: str) -> str | None:
        """The first value that is not blank among these names, in the order of the names."""
        for name in names:
            for value in self.metas.get(name, ()):
                if value and not value.isspace():
                    return value
        return None

    def item(self, name: str) -> str | None:
        """The first `<meta itemprop>` of this name."""
        values = self.items.get(name)
        return values[0] if values else None

    def link(self, relation: str) -> LinkTag | None:
        """The first link with this relation and an address."""
        return next((link for link in self.links if relation in link.relations), None)

    def alternate(self, *types: str) -> LinkTag | None:
        """The first alternate of the page in one of these types."""
        return next((link for link in self.links if link.type in types and "alternate" in link.relations), None)


def gather(outline: Outline) -> Raw:
    """Read the tags of an outline; bytes that are not UTF-8 become U+FFFD."""
    raw = Raw()
    if outline.html_tag:
        given = attributes(outline.html_tag)
        raw.language = given.get("lang") or given.get("xml:lang")
        raw.amp = "amp" in given or "⚡" in given
    if outline.title is not None:
        raw.title = decoded(outline.title.decode("utf-8", "replace"))
    for tag in outline.metas:
        if not _common_meta(raw, tag):
            given = attributes(tag, NAME_END)
            _meta(raw, given)
            _equivalent(raw, given)
    for tag in outline.links:
        _link(raw, attributes(tag, NAME_END))
    return raw


def add_strays(raw: Raw, outline: Outline) -> None:
    """Read tags of the body too: they say less than the head, and nothing that commands the browser."""
    if outline.title is not None and raw.title is None:
        raw.title = decoded(outline.title.decode("utf-8", "replace"))
    for tag in outline.metas:
        _meta(raw, attributes(tag, NAME_END))
    base = raw.base
    for tag in outline.links:
        _link(raw, attributes(tag, NAME_END))
    raw.base = base


def _common_meta(raw: Raw, tag: bytes) -> bool:
    """Read a `<meta>` of the form that most have, at a third of the cost; False for one of another form."""
    common = _COMMON_META.fullmatch(tag)
    if common is None:
        return False
    value = common[2].decode("utf-8", "replace")
    if value:
        _keep(raw.metas, common[1].decode("utf-8", "replace"), decoded(value) if "&" in value else value)
    return True


def _meta(raw: Raw, given: dict[str, str]) -> None:
    value = given.get("content") or given.get("value")
    if value:
        for attribute in ("property", "name"):
            if name := given.get(attribute):
                _keep(raw.metas, name, value)
        if name := given.get("itemprop"):
            _keep(raw.items, name, value)


def _keep(table: dict[str, list[str]], name: str, value: str) -> None:
    name = name.lower()
    for part in name.split() if " " in name else (name,):
        values = table.setdefault(part, [])
        if len(values) < MAX_VALUES:
            values.append(value)


def _equivalent(raw: Raw, given: dict[str, str]) -> None:
    """What a `<meta>` says in place of an HTTP header."""
    label = given.get("charset")
    if name := given.get("http-equiv"):
        value = given.get("content", "")
        name = name.lower()
        if name == "content-type":
            label = value.lower().partition("charset=")[2].partition(";")[0]
        elif value and name in ("refresh", "content-language"):
            raw.metas.setdefault(name, []).append(value)
    if label and raw.charset is None and codec_of(label):
        raw.charset = label


def _link(raw: Raw, given: dict[str, str]) -> None:
    href = given.get("href")
    relations = given.get("rel")
    if not href:
        return
    if relations:
        raw.links.append(LinkTag(frozenset(relations.lower().split()), href, given.get("type", "").lower()))
    elif "itemprop" not in given and raw.base is None:
        raw.base = href
