"""The tags that an outline set aside become raw facts: names and values as the page wrote them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from unfurler.sdk.page.charset import codec_of
from unfurler.sdk.page.outline import Outline
from unfurler.sdk.page.tags import INNER, attributes, decoded

MAX_METAS = 100
MAX_LINKS = 200
MAX_VALUES = 12

# The form that most `<meta>` have is read at a third of the cost of any other; half of the links say nothing here.
_IDLE = (
    "stylesheet|pre|dns-|module|pingback|edituri|shortlink|https:|wlw|manifest|profile|mask-icon|apple-touch-startup"
)
_TAG = re.compile(
    r"""<(?:(?i:meta) (?:property|name)="([^"&]*+)" content="([^"]*+)"\s?/?>"""
    rf"""|((?i:meta|link|base))(?=[\s/])(?! rel=["'](?i:{_IDLE}))(?: rel="([^"]++)")?+({INNER}))"""
)
_RELATIONS = re.compile(r"""[rR][eE][lL]\s*+=\s*+(?:"([^"]*+)|'([^']*+)|([^\s>"']++))""")


class LinkTag(NamedTuple):
    """One `<link>` as far as it matters here; the type in lower case."""

    href: str
    type: str


@dataclass(slots=True)
class Raw:
    """What a page's tags say; a name's values and a relation's links keep the order of the page."""

    metas: dict[str, list[str]] = field(default_factory=dict)
    items: dict[str, list[str]] = field(default_factory=dict)
    links: dict[str, list[str]] = field(default_factory=dict)
    base: str | None = None
    charset: str | None = None
    language: str | None = None
    amp: bool = False
    title: str | None = None
    _links_read: dict[str, LinkTag] = field(default_factory=dict)

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
        return next(self.every(relation), None)

    def every(self, relation: str) -> Iterator[LinkTag]:
        """The links with this relation and an address; read when asked for, since most are not."""
        return (link for tag in self.links.get(relation, ()) if (link := self._read(tag)).href)

    def alternate(self, *types: str) -> LinkTag | None:
        """The first alternate of the page in one of these types."""
        for tag in self.links.get("alternate", ()):
            written = tag.lower()
            if "&" in written or any(type_ in written for type_ in types):
                link = self._read(tag)
                if link.href and link.type in types:
                    return link
        return None

    def _read(self, tag: str) -> LinkTag:
        """What a tag says, which is asked for more than once."""
        link = self._links_read.get(tag)
        if link is None:
            given = attributes(tag)
            link = self._links_read[tag] = LinkTag(given.get("href", ""), given.get("type", "").lower())
        return link


def gather(outline: Outline) -> Raw:
    """Read the tags of an outline; bytes that are not UTF-8 become U+FFFD."""
    raw = Raw()
    if outline.html_tag:
        given = attributes(outline.html_tag.decode("utf-8", "replace")[len("<html") :])
        raw.language = given.get("lang") or given.get("xml:lang")
        raw.amp = "amp" in given or "⚡" in given
    _read(raw, outline, commanding=True)
    return raw


def add_strays(raw: Raw, outline: Outline) -> None:
    """Read tags of the body too: they say less than the head, and nothing that commands the browser."""
    base = raw.base
    _read(raw, outline, commanding=False)
    raw.base = base


def _read(raw: Raw, outline: Outline, commanding: bool) -> None:
    if outline.title is not None and raw.title is None:
        raw.title = decoded(outline.title.decode("utf-8", "replace"))
    metas = links = 0
    for name, value, kind, relations, rest in _TAG.findall(b"".join(outline.tags).decode("utf-8", "replace")):
        if not kind or kind.lower() == "meta":
            metas += 1
            if metas > MAX_METAS:
                continue
            if not kind:
                if value:
                    _keep(raw.metas, name, decoded(value) if "&" in value else value)
            else:
                given = attributes(rest)
                _meta(raw, given)
                if commanding:
                    _equivalent(raw, given)
        elif links < MAX_LINKS:
            links += 1
            _link(raw, relations, rest)


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
        values = table.get(part)
        if values is None:
            table[part] = [value]
        elif len(values) < MAX_VALUES:
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


def _link(raw: Raw, relations: str, tag: str) -> None:
    """Keep a link under its relations, which are given where the tag begins with them in the usual form."""
    if not relations:
        found = _RELATIONS.search(tag)
        if found is None:
            _base(raw, tag)
            return
        relations = found[1] or found[2] or found[3] or ""
    for relation in relations.lower().split():
        raw.links.setdefault(relation, []).append(tag)


def _base(raw: Raw, tag: str) -> None:
    if raw.base is None:
        given = attributes(tag)
        if "itemprop" not in given:
            raw.base = given.get("href")
