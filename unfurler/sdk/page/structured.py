"""JSON-LD under limits: broken blocks are mended where it is plain how, or skipped."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape

MAX_NODES = 2_000
MAX_DEPTH = 12

_WRAPPING = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)|(?:-->|//\s*\]\]>|/\*\s*\]\]>\s*\*/|"
    r"\]\]>)\s*$"
)
_PATH = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]{0,20}:)?(?://[^/?#]*)?([^?#]*)")
_TRAILING_COMMA = re.compile(r",(?=\s*+[\]}])")

# What a page is about, the most telling types first.
_MAIN_TYPES = {
    name: rank
    for rank, names in enumerate(
        (
            "recipe",
            "newsarticle reportagenewsarticle analysisnewsarticle opinionnewsarticle liveblogposting "
            "blogposting article techarticle scholarlyarticle advertisercontentarticle report "
            "satiricalarticle socialmediaposting discussionforumposting medicalscholarlyarticle",
            "product productgroup videoobject movie tvseries tvepisode book softwareapplication "
            "mobileapplication webapplication videogame event podcastepisode podcastseries "
            "musicrecording musicalbum jobposting howto course question dataset review "
            "creativework softwaresourcecode radioepisode audioobject episode",
            "qapage faqpage profilepage collectionpage itempage medicalwebpage webpage aboutpage",
        )
    )
    for name in names.split()
}
# One recipe is what its page is about; of several the page is a collection.
_RECIPE, _COLLECTED = 0, 2
# A tuple, since a union would be put together anew for each value.
_NESTED = (list, dict)
_SITE_TYPES = ("website", "organization", "newsmediaorganization", "corporation", "localbusiness", "blog")

Node = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Structured:
    """The item that a page is about, its page item and site items, with references resolved by `node`."""

    main: Node | None
    others: tuple[Node, ...]
    sites: tuple[Node, ...]
    by_id: Mapping[str, Node]

    @property
    def is_content(self) -> bool:
        """Is the main item an article, a recipe, a product or the like, and not just a page?"""
        return self.main is not None and any(_MAIN_TYPES.get(kind, 9) < 3 for kind in kinds(self.main))

    def node(self, value: object) -> Node | None:
        """The object that a value is or refers to."""
        if isinstance(value, list):
            value = value[0] if value else None
        if isinstance(value, dict):
            reference = value.get("@id")
            if isinstance(reference, str) and len(value) <= 2:
                return self.by_id.get(reference, value)
            return value
        return None

    def text(self, value: object, *keys: str) -> str | None:
        """The text that a value is, or that stands in its object under the first of these keys."""
        if isinstance(value, list):
            value = value[0] if value else None
        if isinstance(value, str):
            return value
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)[:40]
        found = self.node(value)
        if found is not None:
            for key in keys:
                inner = found.get(key)
                if isinstance(inner, list) and inner:
                    inner = inner[0]
                if isinstance(inner, str) and inner:
                    return inner
        return None

    def first(self, *names: str) -> object:
        """The first of these properties that the main item has, else that another item of the page has."""
        for node in (self.main, *self.others):
            if node is not None:
                for name in names:
                    if node.get(name):
                        return node[name]
        return None


NOTHING = Structured(None, (), (), {})


def read(blocks: Sequence[bytes], url: str) -> Structured:
    """What the JSON-LD blocks of a page say; blocks that cannot be read are skipped."""
    roots = [value for block in blocks if (value := _load(block)) is not None]
    if not roots:
        return NOTHING
    by_id: dict[str, Node] = {}
    ranked: list[tuple[int, int, Node]] = []
    sites: list[Node] = []
    path = _path(url)
    for order, node in enumerate(_nodes(roots)):
        name = node.get("@id")
        if isinstance(name, str) and len(node) > 1:
            by_id.setdefault(name, node)
        types = kinds(node)
        rank = _MAIN_TYPES.get(types[0], 9) if len(types) == 1 else min(_MAIN_TYPES.get(kind, 9) for kind in types)
        if rank < 9:
            if rank < 3 and _names_other(node, path):
                rank += 5
            ranked.append((rank, order, node))
        for kind in types:
            if kind in _SITE_TYPES or kind.endswith("organization"):
                sites.append(node)
                break
    if [rank for rank, _, _ in ranked].count(_RECIPE) > 1:
        ranked = [(_COLLECTED if rank == _RECIPE else rank, order, node) for rank, order, node in ranked]
    ranked.sort(key=lambda entry: entry[:2])
    mains = [node for rank, _, node in ranked if rank < 5]
    others = [node for node in mains[1:] if min(_MAIN_TYPES.get(kind, 9) for kind in kinds(node)) in (1, 3)]
    sites.sort(key=lambda node: "website" not in kinds(node))
    return Structured(mains[0] if mains else None, tuple(others[:3]), tuple(sites[:8]), by_id)


def kinds(node: Node) -> list[str]:
    """The types of a node in lower case, without the vocabulary's address."""
    value = node.get("@type")
    if isinstance(value, str) and value.isalpha():
        return [value.lower()]
    names = value if isinstance(value, list) else [value]
    return [_bare(name) for name in names if isinstance(name, str)] or [""]


def _bare(name: str) -> str:
    return name.replace("#", "/").replace(":", "/").rpartition("/")[2].lower()


def _names_other(node: Node, path: str) -> bool:
    """Does the node say that it is about another page than the one at `path`?"""
    about = node.get("mainEntityOfPage") or node.get("url")
    if isinstance(about, dict):
        about = about.get("@id") or about.get("url")
    if not isinstance(about, str) or not path:
        return False
    other = _path(about)
    return bool(other) and other != path and not path.endswith(other) and not other.endswith(path)


def _path(url: str) -> str:
    found = _PATH.match(url)
    return found[1].rstrip("/") if found else ""


def _nodes(roots: list[object]) -> Iterator[Node]:
    """Items in the order of the page: what a graph, a list or an item holds, not every nested object."""
    waiting: list[tuple[object, int]] = [(root, 0) for root in reversed(roots)]
    seen = 0
    while waiting and seen < MAX_NODES:
        value, depth = waiting.pop()
        if depth > MAX_DEPTH:
            continue
        if isinstance(value, list):
            waiting.extend((inner, depth + 1) for inner in reversed(value[:MAX_NODES]))
        elif isinstance(value, dict):
            seen += 1
            yield value
            for key in ("publisher", "author", "isPartOf", "mainEntityOfPage", "mainEntity", "@graph"):
                inner = value.get(key)
                if isinstance(inner, _NESTED):
                    waiting.append((inner, depth + 1))


def _load(block: bytes) -> object:
    text = block.decode("utf-8", "replace").strip().lstrip("\ufeff")
    if text.startswith(("<", "/")) or text.endswith((">", "/")):
        text = _WRAPPING.sub("", text).strip()
    for attempt in (text, None):
        try:
            return _decoded(attempt if attempt is not None else _mended(text))
        except (ValueError, RecursionError):
            continue
    return None


def _decoded(text: str) -> object:
    value, _ = _DECODER.raw_decode(text)
    return value


def _mended(text: str) -> str:
    if "&quot;" in text[:200]:
        text = unescape(text)
    start = min((at for at in (text.find("{"), text.find("[")) if at >= 0), default=0)
    return _TRAILING_COMMA.sub("", text[start:].rstrip(" \t\r\n;"))


_DECODER = json.JSONDecoder(strict=False)
