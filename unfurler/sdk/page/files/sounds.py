"""Sounds: MP3, Ogg, FLAC and WAV."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from unfurler.sdk.page.files.model import FileFacts, Source
from unfurler.sdk.page.text import clean

MAX_FRAMES = 200
MAX_S = 1_000_000.0

_RATES_HZ = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
_KBPS_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KBPS_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_ID3_CODECS = {0: "cp1252", 1: "utf-16", 2: "utf-16-be", 3: "utf-8"}


def read(source: Source) -> FileFacts | None:
    """The facts of a sound file."""
    head = source.head
    if head.startswith(b"RIFF") and head[8:12] == b"WAVE":
        return FileFacts("audio", "audio/wav", duration_s=_wav_duration(source))
    if head.startswith(b"fLaC"):
        return _flac(head)
    if head.startswith(b"OggS"):
        return _ogg(source)
    if head.startswith(b"ID3") or (len(head) > 4 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2):
        return _mp3(source)
    return None


def _wav_duration(source: Source) -> float | None:
    head, at, bytes_per_s = source.head, 12, 0
    for _ in range(MAX_FRAMES):
        if at + 8 > len(head):
            return None
        name, size = struct.unpack_from("<4sI", head, at)
        if name == b"fmt ":
            bytes_per_s = int(struct.unpack_from("<I", head, at + 16)[0])
        elif name == b"data":
            return _sensible(size / bytes_per_s) if bytes_per_s else None
        at += 8 + size + size % 2
    return None


def _flac(head: bytes) -> FileFacts:
    duration, tags = None, {}
    at = 4
    for _ in range(MAX_FRAMES):
        if at + 4 > len(head):
            break
        kind, size = head[at], int.from_bytes(head[at + 1 : at + 4], "big")
        content = head[at + 4 : at + 4 + size]
        if kind & 0x7F == 0 and len(content) >= 18:
            packed = int.from_bytes(content[10:18], "big")
            rate, samples = packed >> 44, packed & ((1 << 36) - 1)
            duration = _sensible(samples / rate) if rate else None
        elif kind & 0x7F == 4:
            tags = dict(_comments(content))
        at += 4 + size
        if kind & 0x80:
            break
    return FileFacts("audio", "audio/flac", duration_s=duration, title=tags.get("title"), author=tags.get("artist"))


def _ogg(source: Source) -> FileFacts:
    head = source.head[:65_536]
    rate, skipped, comments = 0, 0, b""
    if (at := head.find(b"OpusHead")) >= 0:
        rate, skipped = 48_000, int(struct.unpack_from("<H", head, at + 10)[0])
        comments = head[head.find(b"OpusTags") + 8 :] if b"OpusTags" in head else b""
    elif (at := head.find(b"\x01vorbis")) >= 0:
        rate = int(struct.unpack_from("<I", head, at + 12)[0])
        comments = head[head.find(b"\x03vorbis") + 7 :] if b"\x03vorbis" in head else b""
    tags = dict(_comments(comments))
    last = source.tail.rfind(b"OggS")
    duration = None
    if last >= 0 and rate:
        samples = int(struct.unpack_from("<q", source.tail, last + 6)[0])
        duration = _sensible((samples - skipped) / rate)
    video = b"\x80theora" in head
    return FileFacts(
        "video" if video else "audio",
        "video/ogg" if video else "audio/ogg",
        duration_s=duration,
        title=tags.get("title"),
        author=tags.get("artist"),
    )


def _comments(block: bytes) -> Iterator[tuple[str, str]]:
    """Vorbis comments with names in lower case; a list that is cut off ends early."""
    if len(block) < 8:
        return
    at = 4 + int.from_bytes(block[:4], "little")
    count = int.from_bytes(block[at : at + 4], "little")
    at += 4
    for _ in range(min(count, MAX_FRAMES)):
        size = int.from_bytes(block[at : at + 4], "little")
        if at + 4 > len(block) or size > len(block):
            return
        name, _, value = block[at + 4 : at + 4 + min(size, 1_000)].decode("utf-8", "replace").partition("=")
        if text := clean(value, 300):
            yield name.lower(), text
        at += 4 + size


def _mp3(source: Source) -> FileFacts | None:
    head, start = source.head, 0
    tags: dict[str, str] = {}
    if head.startswith(b"ID3"):
        start = 10 + _synchsafe(head[6:10])
        tags = dict(_id3(head[:start]))
    duration = _mp3_duration(source, start)
    if duration is None and not head.startswith(b"ID3"):
        return None
    title, author = tags.get("TIT2") or tags.get("TT2"), tags.get("TPE1") or tags.get("TP1")
    return FileFacts("audio", "audio/mpeg", duration_s=duration, title=title, author=author)


def _id3(tag: bytes) -> Iterator[tuple[str, str]]:
    version = tag[3]
    at = 10
    for _ in range(MAX_FRAMES):
        if version == 2:
            name, size, header = tag[at : at + 3], int.from_bytes(tag[at + 3 : at + 6], "big"), 6
        else:
            name, header = tag[at : at + 4], 10
            size = _synchsafe(tag[at + 4 : at + 8]) if version == 4 else int.from_bytes(tag[at + 4 : at + 8], "big")
        if not name.isalnum() or size < 1:
            return
        content = tag[at + header : at + header + min(size, 1_000)]
        codec = _ID3_CODECS.get(content[0]) if name.startswith(b"T") and content else None
        text = clean(content[1:].decode(codec, "replace").partition("\0")[0], 300) if codec else None
        if text:
            yield name.decode("ascii"), text
        at += header + size


def _synchsafe(four: bytes) -> int:
    value = 0
    for byte in four:
        value = value << 7 | byte & 0x7F
    return value


def _mp3_duration(source: Source, start: int) -> float | None:
    """From the count of frames that the encoder left in the first, else from the size at a constant rate."""
    head = source.head
    if len(head) < start + 4 or head[start] != 0xFF or head[start + 1] & 0xE0 != 0xE0:
        return None
    version, rate_index = head[start + 1] >> 3 & 3, head[start + 2] >> 2 & 3
    if version == 1 or rate_index == 3 or head[start + 2] >> 4 == 15:
        return None
    rate = _RATES_HZ[version][rate_index]
    first = head[start : start + 200]
    mark = max(first.find(b"Xing"), first.find(b"Info"))
    if mark >= 0 and len(first) >= mark + 12 and first[mark + 7] & 1:
        frames = int.from_bytes(first[mark + 8 : mark + 12], "big")
        return _sensible(frames * (1_152 if version == 3 else 576) / rate)
    kbps = (_KBPS_1 if version == 3 else _KBPS_2)[head[start + 2] >> 4]
    return _sensible((source.size - start) / (kbps * 125)) if kbps and source.size else None


def _sensible(seconds: float) -> float | None:
    return round(seconds, 3) if 0.001 <= seconds < MAX_S else None
