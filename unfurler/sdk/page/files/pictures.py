"""Pictures: their type and size from their first bytes."""

from __future__ import annotations

import struct

from unfurler.sdk.page.files.model import FileFacts, Source

MAX_SEGMENTS = 500
MAX_PX = 1_000_000


def read(source: Source) -> FileFacts | None:
    """The type and size of a PNG, JPEG, GIF, WebP, AVIF, HEIC or BMP; never of an SVG, which is markup."""
    head = source.head
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return _picture("image/png", *_sized(head, 16, ">II"))
    if head.startswith(b"\xff\xd8\xff"):
        return _picture("image/jpeg", *_jpeg(head))
    if head.startswith((b"GIF87a", b"GIF89a")):
        return _picture("image/gif", *_sized(head, 6, "<HH"))
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return _picture("image/webp", *_webp(head))
    if head[4:8] == b"ftyp" and head[8:12] in (b"avif", b"avis", b"heic", b"heix", b"mif1"):
        kind = "image/avif" if b"avi" in head[8:64] else "image/heic"
        return _picture(kind, *_largest_extent(head))
    if head.startswith(b"BM") and head[14:18] in (b"(\0\0\0", b"l\0\0\0", b"|\0\0\0"):
        width, height = _sized(head, 18, "<ii")
        return _picture("image/bmp", width, abs(height) if height is not None else None)
    return None


def _picture(kind: str, width: int | None, height: int | None) -> FileFacts:
    sensible = width is not None and height is not None and 0 < width < MAX_PX and 0 < height < MAX_PX
    return FileFacts("image", kind, width=width if sensible else None, height=height if sensible else None)


def _sized(head: bytes, at: int, layout: str) -> tuple[int | None, int | None]:
    if len(head) < at + struct.calcsize(layout):
        return None, None
    width, height = struct.unpack_from(layout, head, at)
    return width, height


def _jpeg(head: bytes) -> tuple[int | None, int | None]:
    """The size in the first start-of-frame segment."""
    at = 2
    for _ in range(MAX_SEGMENTS):
        at = head.find(b"\xff", at)
        if at < 0 or at + 9 > len(head):
            break
        marker = head[at + 1]
        if marker in (0xFF, 0x00, 0x01) or 0xD0 <= marker <= 0xD8:
            at += 1 if marker == 0xFF else 2
            continue
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", head, at + 5)
            return width, height
        if marker == 0xDA:
            break
        at += 2 + int(struct.unpack_from(">H", head, at + 2)[0])
    return None, None


def _webp(head: bytes) -> tuple[int | None, int | None]:
    chunk = head[12:16]
    if chunk == b"VP8X" and len(head) >= 30:
        return 1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(head[27:30], "little")
    if chunk == b"VP8L" and len(head) >= 25:
        bits = int.from_bytes(head[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if chunk == b"VP8 " and len(head) >= 30:
        width, height = struct.unpack_from("<HH", head, 26)
        return width & 0x3FFF, height & 0x3FFF
    return None, None


def _largest_extent(head: bytes) -> tuple[int | None, int | None]:
    """The largest of the sizes that the item properties name; thumbnails and tiles are smaller."""
    best: tuple[int | None, int | None] = None, None
    at = head.find(b"ispe")
    for _ in range(MAX_SEGMENTS):
        if at < 0 or at + 16 > len(head):
            break
        width, height = struct.unpack_from(">II", head, at + 8)
        if best[0] is None or best[1] is None or width * height > best[0] * best[1]:
            best = width, height
        at = head.find(b"ispe", at + 16)
    return best
