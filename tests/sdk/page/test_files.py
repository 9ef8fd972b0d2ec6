"""What files that are no pages say of themselves."""

import struct
import zlib

import pytest

from unfurler.sdk.page import FileFacts, read_file


def box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), name) + content


def element(name: str, content: bytes) -> bytes:
    return bytes.fromhex(name) + bytes([0x80 | len(content)]) + content


def png(width: int, height: int) -> bytes:
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))


def mp4_movie() -> bytes:
    header = bytes(12) + struct.pack(">II", 1_000, 61_500) + bytes(80)
    track = box(b"tkhd", bytes(76) + struct.pack(">II", 1280 << 16, 720 << 16))
    value = box(b"data", bytes(8) + b"Tide\0pools")
    tags = box(b"udta", box(b"meta", bytes(4) + box(b"ilst", box(b"\xa9nam", value))))
    return box(b"moov", box(b"mvhd", header) + box(b"trak", track) + tags)


def webm() -> bytes:
    info = element("2ad7b1", (1_000_000).to_bytes(3, "big")) + element("4489", struct.pack(">d", 12_500.0))
    info += element("7ba9", b"Low water")
    video = element("e0", element("b0", (640).to_bytes(2, "big")) + element("ba", (360).to_bytes(2, "big")))
    tracks = element("1654ae6b", element("ae", video))
    return element("1a45dfa3", element("4282", b"webm")) + element("18538067", element("1549a966", info) + tracks)


def mp3(tagged: bool) -> bytes:
    frame = b"TIT2" + (11).to_bytes(4, "big") + b"\0\0" + b"\x03Low water!"
    tag = b"ID3\x04\0\0" + bytes([0, 0, 0, len(frame)]) + frame
    return (tag if tagged else b"") + b"\xff\xfb\x90\x00" + bytes(400)


def vorbis_comments(*entries: str) -> bytes:
    packed = b"".join(struct.pack("<I", len(entry.encode())) + entry.encode() for entry in entries)
    return struct.pack("<I", 0) + struct.pack("<I", len(entries)) + packed


def flac() -> bytes:
    info = bytes(10) + ((48_000 << 44) | (96_000)).to_bytes(8, "big") + bytes(16)
    comments = vorbis_comments("TITLE=Gulls", "ARTIST=Ida L.")
    blocks = b"\0" + len(info).to_bytes(3, "big") + info + b"\x84" + len(comments).to_bytes(3, "big") + comments
    return b"fLaC" + blocks


def ogg() -> tuple[bytes, bytes]:
    head = b"OggS" + bytes(24) + b"OpusHead\x01\x02" + struct.pack("<HI", 312, 48_000) + b"\0\0\0"
    head += b"OggS" + bytes(24) + b"OpusTags" + vorbis_comments("title=Gulls")
    return head, bytes(9) + b"OggS\0\x04" + struct.pack("<q", 96_312) + bytes(20)


def wav() -> bytes:
    form = struct.pack("<HHIIHH", 1, 2, 44_100, 176_400, 4, 16)
    return b"RIFF\0\0\0\0WAVE" + b"fmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", 352_800)


def pdf(info: bytes, pages: bytes = b"<</Type /Pages /Kids [3 0 R] /Count 12>>") -> bytes:
    return (
        b"%PDF-1.7\n1 0 obj\n"
        + pages
        + b"\nendobj\n7 0 obj\n"
        + info
        + b"\nendobj\ntrailer <</Root 2 0 R /Info 7 0 R>>"
    )


JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(10) + b"\xff\xc2\x00\x11\x08" + struct.pack(">HH", 480, 640) + bytes(12)
AVIF = box(b"ftyp", b"avif\0\0\0\0avifmif1") + box(
    b"meta", box(b"ispe", struct.pack(">III", 0, 160, 90)) + box(b"ispe", struct.pack(">III", 0, 1600, 900))
)

FILES = [
    (png(800, 600), b"", FileFacts("image", "image/png", 9, 800, 600)),
    (JPEG, b"", FileFacts("image", "image/jpeg", 9, 640, 480)),
    (b"GIF89a\x10\x00\x20\x00", b"", FileFacts("image", "image/gif", 9, 16, 32)),
    (b"RIFF\0\0\0\0WEBPVP8X\n\0\0\0\0\0\0\0\x1f\x03\0\x57\x02\0", b"",
     FileFacts("image", "image/webp", 9, 800, 600)),
    (b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f" + ((599 << 14) | 799).to_bytes(4, "little"), b"",
     FileFacts("image", "image/webp", 9, 800, 600)),
    (b"RIFF\0\0\0\0WEBPVP8 " + bytes(10) + struct.pack("<HH", 800, 600), b"",
     FileFacts("image", "image/webp", 9, 800, 600)),
    (AVIF, b"", FileFacts("image", "image/avif", 9, 1600, 900)),
    (b"BM" + bytes(12) + struct.pack("<Iii", 40, 20, -10), b"", FileFacts("image", "image/bmp", 9, 20, 10)),
    (b"\x89PNG\r\n\x1a\n", b"", FileFacts("image", "image/png", 9)),
    (box(b"ftyp", b"isom") + mp4_movie(), b"",
     FileFacts("video", "video/mp4", 9, 1280, 720, duration_s=61.5, title="Tidepools")),
    (box(b"ftyp", b"isom") + box(b"mdat", bytes(50)), bytes(33) + mp4_movie(),
     FileFacts("video", "video/mp4", 9, 1280, 720, duration_s=61.5, title="Tidepools")),
    (box(b"ftyp", b"M4A "), b"", FileFacts("audio", "audio/mp4", 9)),
    (webm(), b"", FileFacts("video", "video/webm", 9, 640, 360, duration_s=12.5, title="Low water")),
    (flac(), b"", FileFacts("audio", "audio/flac", 9, duration_s=2.0, title="Gulls", author="Ida L.")),
    (*ogg(), FileFacts("audio", "audio/ogg", 9, duration_s=2.0, title="Gulls")),
    (wav(), b"", FileFacts("audio", "audio/wav", 9, duration_s=2.0)),
    (pdf(b"<</Title (A \\(small\\) boat\\041) /Author <FEFF00C90076>>>"), b"",
     FileFacts("pdf", "application/pdf", 9, title="A (small) boat!", author="Év", pages=12)),
    (b"%PDF-1.5\n<</Linearized 1 /N 34>>", pdf(b"<</Author (Ida)>>"),
     FileFacts("pdf", "application/pdf", 9, author="Ida", pages=34)),
]  # fmt: skip


@pytest.mark.parametrize(("head", "tail", "facts"), FILES)
def test_a_file_says_what_it_is(head: bytes, tail: bytes, facts: FileFacts) -> None:
    assert read_file(head, tail, 9, None) == facts


def test_a_sound_at_a_constant_rate_is_as_long_as_its_bytes() -> None:
    facts = read_file(mp3(tagged=True), None, 160_031, "audio/mpeg")
    assert facts is not None
    assert (facts.type, facts.title, facts.duration_s) == ("audio/mpeg", "Low water!", 10.0)
    bare = read_file(mp3(tagged=False), None, 160_000, None)
    assert bare is not None and bare.duration_s == 10.0


def test_the_content_type_tells_sound_from_film_where_the_bytes_do_not() -> None:
    head = box(b"ftyp", b"isom")
    video, audio = (
        read_file(head, None, None, "video/mp4"),
        read_file(head, None, None, "audio/mp4; codecs=x"),
    )
    assert video is not None and video.kind == "video"
    assert audio is not None and (audio.kind, audio.type) == ("audio", "audio/mp4")


@pytest.mark.parametrize("head", [b"", b"<svg xmlns='x'/>", b"<html>", b"PK\x03\x04", b"\x1f\x8b", b"hello"])
def test_anything_else_is_no_file_of_ours(head: bytes) -> None:
    assert read_file(head, None, None, "image/png") is None
