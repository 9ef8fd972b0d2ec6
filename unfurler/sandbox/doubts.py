"""What of valid content Space would not draw as it was meant (PROTOCOL 5.3, 5.4)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from .contract import JsonObject

KNOWN_ICONS = frozenset({"slack", "space", "smile", "happiness", "checkbox-checked", "clock", "book", "twitter"})
KNOWN_ICONS |= {"automation", "info-small", "animals-category"}
FIELD_NAME_CHARS = 64
TEXT_CHARS = 4_000
SECTIONS = 30
BUTTONS = 5
NEWER = frozenset({"MessageOutlineElements"})
MARKDOWN_MEMBERS = {("MessageText", "content"), ("MessageOutline", "text"), ("MessageField", "second")}
UNKNOWN_MARKDOWN = [
    (re.compile(r"^#{1,6}\s", re.M), "a heading: not known to be drawn"),
    (re.compile(r"(?<!\\)!\[[^\]]*\]\("), "a Markdown image: not known to be drawn; use an accessory"),
    (re.compile(r"^\s*\|.*\|\s*$", re.M), "a table: not known to be drawn"),
    (re.compile(r"(?<!\\)<[a-zA-Z/][^>\n]*>"), "HTML: not known to be drawn"),
    (re.compile(r"(?<!\\)\]\((?!https?://)[^)]*\)", re.I), "a link that is not http or https: dropped"),
]


def doubts(content: JsonObject) -> list[JsonObject]:
    """`[{path, message}]`; empty where everything is drawn as sent."""
    return [{"path": path, "message": message} for path, message in walk(content, "$", "")]


def walk(node: Any, path: str, icon_of: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, list):
        for at, part in enumerate(node):
            yield from walk(part, f"{path}[{at}]", icon_of)
    if not isinstance(node, dict):
        return
    yield from of_element(node, path)
    for name, part in node.items():
        yield from walk(part, f"{path}.{name}", name)


def of_element(element: JsonObject, path: str) -> Iterator[tuple[str, str]]:
    kind = element.get("className", "")
    for name, value in element.items():
        if isinstance(value, str) and len(value) > TEXT_CHARS:
            yield f"{path}.{name}", f"{len(value):,} characters: more than {TEXT_CHARS:,} may be cut"
        if isinstance(value, str) and (kind, name) in MARKDOWN_MEMBERS:
            for pattern, message in UNKNOWN_MARKDOWN:
                if pattern.search(without_code(value)):
                    yield f"{path}.{name}", message
    if not kind and isinstance(element.get("icon"), str) and element["icon"] not in KNOWN_ICONS:
        yield path, f"icon {element['icon']!r}: no such name is known, nothing is drawn"
    for name in ("url", "src"):
        if isinstance(element.get(name), str) and not is_web_address(element[name]):
            yield f"{path}.{name}", "not an http or https address: dropped"
    if kind == "MessageImage" and str(element.get("src", "")).startswith("http:"):
        yield f"{path}.src", "a plain http image may not be drawn"
    if kind == "MessageField" and len(element["first"]) > FIELD_NAME_CHARS:
        yield f"{path}.first", f"more than {FIELD_NAME_CHARS} characters may be cut"
    if kind == "MessageControlGroup" and len(element["elements"]) > BUTTONS:
        yield path, f"{len(element['elements'])} buttons in one group: more than {BUTTONS} may not fit"
    if "sections" in element and len(element["sections"]) > SECTIONS:
        yield path, f"{len(element['sections'])} sections: more than {SECTIONS} may be cut"
    if kind in NEWER:
        yield path, f"{kind}: servers from before 2022-07 may not draw it"


def without_code(text: str) -> str:
    return re.sub(r"(`+)[\s\S]*?\1", "", text)


def is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False
