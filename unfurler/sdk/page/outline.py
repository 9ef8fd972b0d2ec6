"""One pass over the bytes of a page that sets aside what carries facts, without building a tree.

A page is mostly text, scripts and styles; its facts stand in a few dozen tags, nearly all of them in the
head. The pass keeps those tags, steps over whatever hides markup, and leaves the rest of the page, less its
scripts, styles and comments, for later look-ups. Bytes are UTF-8 or another encoding that contains ASCII.
Every step moves forward, so the time is linear in the bytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from unfurler.sdk.page.tags import INNER

MAX_TOKENS = 20_000
MAX_JSON_LD_BYTES = 262_144
MAX_TITLE_BYTES = 8_192
MAX_TAG_BYTES = 1_000
MAX_HEADINGS = 8
# So far behind the first headline a page has comments, teasers and its foot: nothing is looked for there but JSON-LD.
FAR_BYTES = 32_768

# Possessive throughout, and a tag may lack its end: what was read is never read a second way.
_INNER = INNER.encode()
_TAG = rb"(?:(?i:meta|link|base)(?=[\s/])" + _INNER + rb">?|script\s[^<>]*+></script>)"
# Tags that carry facts come in runs: a run is one hit. Empty scripts stand between them, and cost least within.
# Most tags of a body are none of these, which a look at their first letter tells.
_HEAD = re.compile(
    rb"<(?!/[^hH]|[aAdDpPiIuU])(?:(" + _TAG + rb"(?:\s*+<" + _TAG + rb")*+)|(!--)"
    rb"|((?i:script|style|title|textarea|xmp))(?=[\s>/])"
    rb"|((?i:template|noscript|svg))(?=[\s>/])|((?i:html))(?=[\s>])|((?i:/head|body))(?=[\s>/]))"
)
_RUN, _COMMENT, _RAW, _HIDING, _HTML, _BOUNDARY = range(1, 7)
# Comments, scripts, styles, headings and metas. To look at the letter behind `<` before all else halves the time.
_BODY = re.compile(rb"<[!shSHm](?:(?<!m)(?:--|((?i:cript|tyle))(?=[\s>/])|(1)(?=[\s>]))|(eta)(?<=meta))")
_H1, _META = 2, 3

_SCRIPT = re.compile(rb"<script(?=[\s>/])")
_HTML_TAG = re.compile(rb"<html" + _INNER, re.IGNORECASE)
_CLOSING = {
    name: re.compile(rb"</" + name + rb"(?=[\s>/])[^>]*+>?", re.IGNORECASE)
    for name in (b"script", b"style", b"title", b"textarea", b"xmp")
}
_NESTING = {
    name: re.compile(rb"<(/?)" + name + rb"(?=[\s>/])[^>]*+>?", re.IGNORECASE)
    for name in (b"template", b"noscript", b"svg")
}
_PLAIN_SCRIPTS = (b"<script>", b"<script src", b'<script type="text/j')


@dataclass(slots=True)
class Outline:
    """Where the facts of a page stand, still as bytes.

    `tags` are runs of `<meta>`, `<link>` and `<base>`; `rest` is the body without scripts, styles and comments;
    it ends far behind the headline; `headings` are the places in it where an `<h1>` begins, and `has_metas` tells
    whether there is a `<meta>` in it.
    """

    html_tag: bytes = b""
    title: bytes | None = None
    tags: list[bytes] = field(default_factory=list)
    json_ld: list[bytes] = field(default_factory=list)
    json_ld_bytes: int = 0
    headings: list[int] = field(default_factory=list)
    has_metas: bool = False
    rest: bytes = b""


def outline(body: bytes) -> Outline:
    """Set aside the tags and scripts of a page that can carry facts."""
    found = Outline()
    found.rest = _body(body, _head(body, found), found)
    return found


def strays(rest: bytes) -> Outline:
    """The title, metas and links that stand in a body, for a page whose head leaves something open."""
    found = Outline()
    _head(rest, found, stop_at_boundary=False)
    return found


def _head(body: bytes, found: Outline, stop_at_boundary: bool = True) -> int:
    """Read the head into `found`; returns where it ends, which is 0 for a page without any boundary."""
    position = 0
    unclosed: set[bytes] = set()
    for _ in range(MAX_TOKENS):
        token = _HEAD.search(body, position)
        if token is None:
            return 0
        (start, position), kind = token.span(), token.lastindex
        if kind == _RUN:
            found.tags.append(token[0])
        elif kind == _BOUNDARY:
            if stop_at_boundary:
                return start
        elif kind == _HTML:
            if not found.html_tag and (tag := _HTML_TAG.match(body, start)):
                found.html_tag, position = tag[0], tag.end()
        elif kind == _COMMENT:
            position = _comment_end(body, start)
        elif kind == _RAW:
            position = _raw_text(body, start, token[_RAW].lower(), found)
        else:
            name = token[_HIDING].lower()
            end = None if name in unclosed else _closed_at(body, name, position)
            if end is None:
                unclosed.add(name)
            else:
                position = end
    return position


def _body(body: bytes, position: int, found: Outline) -> bytes:
    """The body without comments, scripts and styles; its JSON-LD and headings go into `found`."""
    kept: list[bytes] = []
    kept_from, kept_bytes = position, 0
    in_head = position == 0
    for _ in range(MAX_TOKENS):
        token = _BODY.search(body, position)
        if token is None:
            break
        (start, position), kind = token.span(), token.lastindex
        if found.headings and kept_bytes + start - kept_from > found.headings[0] + FAR_BYTES:
            _far_json_ld(body, start, found)
            kept.append(body[kept_from:start])
            return b" ".join(kept)
        if kind == _H1:
            if len(found.headings) < MAX_HEADINGS:
                found.headings.append(kept_bytes + start - kept_from)
            continue
        if kind == _META:
            found.has_metas = True
            continue
        if kind is None:
            # As `_comment_end` has it; a page may have hundreds.
            position = body.find(b"-->", start + 2) + 3
            if position < 3:
                position = len(body)
        else:
            name = b"s" + token[1].lower()
            closing = _CLOSING[name].search(body, position)
            end, position = closing.span() if closing else (len(body), len(body))
            if name == b"script" and not in_head:
                _keep_json_ld(body, start, end, found)
        kept.append(body[kept_from:start])
        kept_bytes += start - kept_from + 1
        kept_from = position
    kept.append(body[kept_from:])
    return b" ".join(kept)


def _far_json_ld(body: bytes, position: int, found: Outline) -> None:
    """Keep the JSON-LD behind a place, going from script to script."""
    for _ in range(MAX_TOKENS):
        opened = _SCRIPT.search(body, position)
        if opened is None:
            return
        closing = _CLOSING[b"script"].search(body, opened.end())
        end, position = closing.span() if closing else (len(body), len(body))
        _keep_json_ld(body, opened.start(), end, found)


def _raw_text(body: bytes, start: int, name: bytes, found: Outline) -> int:
    """Step over an element whose content is text, keeping a title and JSON-LD; returns where it ends."""
    opened = start + len(name) + 1
    closing = _CLOSING[name].search(body, opened)
    end, position = closing.span() if closing else (len(body), len(body))
    if name == b"script":
        _keep_json_ld(body, start, end, found)
    elif name == b"title" and found.title is None:
        text = body.find(b">", opened, end) + 1
        if text:
            found.title = body[text : min(end, text + MAX_TITLE_BYTES)]
    return position


def _keep_json_ld(body: bytes, start: int, end: int, found: Outline) -> None:
    if body.startswith(_PLAIN_SCRIPTS, start):
        return
    opened = body.find(b">", start, min(end, start + MAX_TAG_BYTES)) + 1
    if not opened:
        return
    tag = body[start:opened].lower()
    if b"json" in tag and b"ld" in tag and found.json_ld_bytes + end - opened <= MAX_JSON_LD_BYTES:
        found.json_ld_bytes += end - opened
        found.json_ld.append(body[opened:end])


def _comment_end(body: bytes, start: int) -> int:
    end = body.find(b"-->", start + len("<!"))
    return end + 3 if end >= 0 else len(body)


def _closed_at(body: bytes, name: bytes, position: int) -> int | None:
    """Where the element that was opened before `position` ends; those of its name inside it are counted."""
    depth = 1
    for tag in _NESTING[name].finditer(body, position):
        depth += -1 if tag.group(1) else 1
        if depth == 0:
            return tag.end()
    return None
