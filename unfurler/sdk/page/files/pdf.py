"""PDF: title, author and number of pages, as far as they stand uncompressed at the beginning or the end."""

from __future__ import annotations

import re

from unfurler.sdk.page.files.model import FileFacts, Source
from unfurler.sdk.page.text import clean

MAX_TEXT_BYTES = 2_000
MAX_PAGES = 1_000_000

_INFO = re.compile(rb"/Info\s{1,5}(\d{1,9})\s{1,5}\d{1,5}\s{1,5}R")
_COUNT = re.compile(rb"/Count\s{1,5}(\d{1,7})(?!\d)")
_LINEARIZED = re.compile(rb"/Linearized.{0,200}?/N\s{1,5}(\d{1,7})(?!\d)", re.DOTALL)
_ESCAPE = re.compile(rb"\\(?:([nrtbf()\\])|([0-7]{1,3})|\r?\n)")
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_IN_XMP = {
    "title": re.compile(rb"<dc:title>\s{0,50}<rdf:Alt>\s{0,50}<rdf:li[^<>]{0,60}>([^<>]{1,1000})</rdf:li>"),
    "author": re.compile(rb"<dc:creator>\s{0,50}<rdf:Seq>\s{0,50}<rdf:li[^<>]{0,60}>([^<>]{1,1000})</rdf:li>"),
}


def read(source: Source) -> FileFacts | None:
    """The facts of a PDF."""
    if b"%PDF-" not in source.head[:1024]:
        return None
    info = _info(source)
    title = _text(info, b"/Title") or _in_xmp(source, "title")
    author = _text(info, b"/Author") or _in_xmp(source, "author")
    return FileFacts("pdf", "application/pdf", title=title, author=author, pages=_pages(source))


def _info(source: Source) -> bytes:
    """The information dictionary that the trailer names, or nothing."""
    for part in (source.tail, source.head):
        numbers = _INFO.findall(part)
        if not numbers:
            continue
        pattern = re.compile(rb"(?<!\d)" + numbers[-1] + rb"\s{1,5}\d{1,5}\s{1,5}obj")
        for place in (source.tail, source.head):
            if found := pattern.search(place):
                end = place.find(b"endobj", found.end())
                return place[found.end() : end if end >= 0 else found.end() + 4 * MAX_TEXT_BYTES]
    return b""


def _text(dictionary: bytes, key: bytes) -> str | None:
    at = dictionary.find(key)
    if at < 0:
        return None
    value = dictionary[at + len(key) : at + len(key) + MAX_TEXT_BYTES].lstrip()
    if value.startswith(b"("):
        return _decoded(_literal(value))
    if value.startswith(b"<") and not value.startswith(b"<<"):
        digits = re.sub(rb"[^0-9A-Fa-f]", b"", value[1:].partition(b">")[0])
        return _decoded(bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode()))
    return None


def _literal(value: bytes) -> bytes:
    """The bytes of a literal string: balanced parentheses, backslash escapes."""
    depth, at = 0, 0
    while at < len(value):
        byte = value[at]
        if byte == 0x5C:
            at += 1
        elif byte == 0x28:
            depth += 1
        elif byte == 0x29:
            depth -= 1
            if depth == 0:
                break
        at += 1
    return _ESCAPE.sub(_unescaped, value[1:at])


def _unescaped(escape: re.Match[bytes]) -> bytes:
    if escape[1]:
        return _ESCAPED.get(escape[1], escape[1])
    return bytes([int(escape[2], 8) & 255]) if escape[2] else b""


def _decoded(text: bytes) -> str | None:
    if text.startswith(b"\xfe\xff"):
        return clean(text[2:].decode("utf-16-be", "replace"), 300)
    if text.startswith(b"\xff\xfe"):
        return clean(text[2:].decode("utf-16-le", "replace"), 300)
    if text.startswith(b"\xef\xbb\xbf"):
        return clean(text[3:].decode("utf-8", "replace"), 300)
    return clean(text.decode("cp1252", "replace"), 300)


def _in_xmp(source: Source, field: str) -> str | None:
    for part in (source.head, source.tail):
        if found := _IN_XMP[field].search(part):
            return clean(found[1].decode("utf-8", "replace"), 300)
    return None


def _pages(source: Source) -> int | None:
    """What a linearized file says at once, else the largest count of a page tree in sight."""
    if first := _LINEARIZED.search(source.head[:2_048]):
        return int(first[1])
    counts = [0]
    for part in (source.head, source.tail):
        for found in _COUNT.finditer(part):
            if b"/Pages" in part[max(0, found.start() - 300) : found.end() + 300]:
                counts.append(int(found[1]))
    return max(counts) if 0 < max(counts) < MAX_PAGES else None
