"""Films: MP4 and its kin, WebM and Matroska."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from unfurler.sdk.page.files.model import FileFacts, Source
from unfurler.sdk.page.text import clean

MAX_BOXES = 400
MAX_ELEMENTS = 2_000
MAX_S = 1_000_000.0


def read(source: Source) -> FileFacts | None:
    """The facts of an MP4, QuickTime, WebM or Matroska file."""
    head = source.head
    if head[4:8] == b"ftyp":
        return _mp4(source)
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return _matroska(head)
    return None


def _mp4(source: Source) -> FileFacts:
    brand = source.head[8:12]
    kind = "audio/mp4" if brand in (b"M4A ", b"M4B ") else "video/quicktime" if brand == b"qt  " else "video/mp4"
    movie = _movie_box(source)
    duration, width, height = None, None, None
    title = author = None
    for name, content in _boxes(movie):
        if name == b"mvhd":
            duration = _mp4_duration(content)
        elif name == b"trak":
            for inner, track in _boxes(content):
                if inner == b"tkhd" and len(track) >= 84:
                    across, down = struct.unpack_from(">II", track, len(track) - 8)
                    if across >> 16 and down >> 16:
                        width, height = width or across >> 16, height or down >> 16
        elif name == b"udta":
            title, author = _mp4_tags(content)
    return FileFacts(
        "audio" if kind.startswith("audio/") else "video",
        kind,
        width=width,
        height=height,
        duration_s=duration,
        title=title,
        author=author,
    )


def _movie_box(source: Source) -> bytes:
    """The content of the `moov` box, which stands before the media or after them."""
    for name, content in _boxes(source.head):
        if name == b"moov":
            return content
    at = source.tail.find(b"moov")
    if at < 4:
        return b""
    size = int(struct.unpack_from(">I", source.tail, at - 4)[0])
    return source.tail[at + 4 : at - 4 + size]


def _boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    for _ in range(MAX_BOXES):
        if at + 8 > len(content):
            return
        size, name = struct.unpack_from(">I4s", content, at)
        start = at + 8
        if size == 1 and at + 16 <= len(content):
            size = int(struct.unpack_from(">Q", content, at + 8)[0])
            start = at + 16
        if size == 0:
            size = len(content) - at
        if size < start - at:
            return
        yield name, content[start : at + size]
        at += size


def _mp4_duration(content: bytes) -> float | None:
    layout, at = (">IQ", 20) if content[0] == 1 else (">II", 12)
    scale, length = struct.unpack_from(layout, content, at)
    return _sensible(length / scale) if scale else None


def _mp4_tags(content: bytes) -> tuple[str | None, str | None]:
    found: dict[bytes, str | None] = {}
    for name, meta in _boxes(content):
        if name != b"meta":
            continue
        for inner, items in _boxes(meta[4:]):
            if inner == b"ilst":
                for tag, value in _boxes(items):
                    if tag in (b"\xa9nam", b"\xa9ART") and value[4:8] == b"data":
                        found.setdefault(tag, clean(value[16:1_016].decode("utf-8", "replace"), 300))
    return found.get(b"\xa9nam"), found.get(b"\xa9ART")


_SEGMENT, _INFO, _TRACKS, _ENTRY, _VIDEO = 0x18538067, 0x1549A966, 0x1654AE6B, 0xAE, 0xE0
_SCALE, _DURATION, _TITLE, _WIDTH, _HEIGHT, _DOCTYPE = 0x2AD7B1, 0x4489, 0x7BA9, 0xB0, 0xBA, 0x4282
_CLUSTER = 0x1F43B675
_PARENTS = frozenset((0x1A45DFA3, _SEGMENT, _INFO, _TRACKS, _ENTRY, _VIDEO))


def _matroska(head: bytes) -> FileFacts:
    found: dict[int, bytes] = {}
    at = 0
    for _ in range(MAX_ELEMENTS):
        if at + 2 > len(head):
            break
        name, at = _number(head, at, keep_marker=True)
        size, at = _number(head, at, keep_marker=False)
        if name == _CLUSTER:
            break
        if name not in _PARENTS:
            found.setdefault(name, head[at : at + min(size, 1_000)])
            at += size
    scale = int.from_bytes(found.get(_SCALE, b""), "big") or 1_000_000
    length = found.get(_DURATION, b"")
    layout = {4: ">f", 8: ">d"}.get(len(length))
    duration = _sensible(struct.unpack(layout, length)[0] * scale / 1e9) if layout else None
    title = found.get(_TITLE)
    return FileFacts(
        "video",
        "video/webm" if found.get(_DOCTYPE) == b"webm" else "video/x-matroska",
        width=int.from_bytes(found.get(_WIDTH, b""), "big") or None,
        height=int.from_bytes(found.get(_HEIGHT, b""), "big") or None,
        duration_s=duration,
        title=clean(title.decode("utf-8", "replace"), 300) if title else None,
    )


def _number(head: bytes, at: int, keep_marker: bool) -> tuple[int, int]:
    """A number of variable length and the place behind it."""
    length = 9 - head[at].bit_length()
    if length > 8:
        raise ValueError("no number of variable length")
    value = int.from_bytes(head[at : at + length], "big")
    return value if keep_marker else value & ((1 << 7 * length) - 1), at + length


def _sensible(seconds: float) -> float | None:
    return round(seconds, 3) if 0.001 <= seconds < MAX_S else None
