"""Whatever the bytes are, there is a page, and what it says keeps its promises."""

from dataclasses import fields
from datetime import datetime
from urllib.parse import urlsplit

from hypothesis import given, settings
from hypothesis import strategies as st

from unfurler.sdk.page import Page, PageScanner, read_file, read_page

PIECES = [
    "<html lang=de>", "<head>", "</head>", "<body>", "</body></html>", "<title>", "</title>", "<h1>",
    "</h1>", "<!--", "-->", "<script type=application/ld+json>", "</script>", "<svg>", "</svg>",
    "<template>", "<noscript>", "<p>", "<time datetime=", ">", '<meta property="og:title" content="',
    '<meta property="og:image" content="', '<meta name=author content="', '">', "\"", "'",
    '<meta name="date" content="', '<meta http-equiv=refresh content="0;url=', '<meta charset="',
    '<link rel="canonical" href="', '<link rel=icon href="', '<base href="', "https://u:p@a.example/",
    "//a.example/x.jpg", "javascript:", "data:image/png,", "http://[", "\\",
    '{"@type":"Article","author":{"@id":"#a"},"headline":"', '"@graph":[', "]", "}", ",",
    "2020-13-40T99:99:99+99:99", "12. Mai 2020", '<span class="author" itemprop="author">',
    '<span class="date">', "&amp;lt;b&amp;gt;", "&#x110000;", "&#0;", "\0", "\ud7ff", "é", "—", " | ",
    "1e999", "-1", "9" * 400, "utf-7", "\u202e",
]  # fmt: skip
pages = st.one_of(
    st.binary(max_size=600),
    st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=12)), max_size=40).map(
        lambda pieces: "".join(pieces).encode("utf-8", "surrogatepass")
    ),
)
labels = st.one_of(
    st.none(),
    st.sampled_from(["utf-8", "utf-16", "idna", "gb18030", "hz", "\0", "iso-2022-jp"]),
    st.text(max_size=8),
)
ADDRESSES = ("icon", "canonical_url", "oembed", "feed", "video", "audio", "amp_of")


def keeps_its_promises(page: Page) -> None:
    addresses = [getattr(page, name) for name in ADDRESSES]
    addresses += [page.image.url if page.image else None, page.refresh.url if page.refresh else None]
    for address in addresses:
        if address is not None:
            parts = urlsplit(address)
            assert parts.scheme in ("http", "https") and parts.hostname
            assert "@" not in parts.netloc and len(address) <= 2_048
    for field in fields(Page):
        value = getattr(page, field.name)
        if isinstance(value, str):
            value.encode("utf-8")
            assert value == value.strip() != "" or field.name == "url"
            assert "\0" not in value and "\n" not in value
        if isinstance(value, datetime):
            assert value.tzinfo is not None


@settings(max_examples=400)
@given(pages, labels)
def test_any_bytes_make_a_page(body: bytes, label: str | None) -> None:
    keeps_its_promises(read_page(body, "https://example.org/a/b?c", label))


@settings(max_examples=100)
@given(pages, st.integers(1, 50))
def test_a_page_in_pieces_is_the_page(body: bytes, step: int) -> None:
    scanner = PageScanner("https://example.org/")
    for start in range(0, len(body), step):
        scanner.feed(body[start : start + step])
    assert scanner.page() == read_page(body, "https://example.org/")


STARTS = [
    b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"RIFF0000WEBPVP8X", b"RIFF0000WAVEfmt ",
    b"\0\0\0 ftypisom", b"\0\0\0 ftypavif", b"BM", b"%PDF-1.7 /Info 1 0 R 1 0 obj /Title (", b"ID3\x04",
    b"\xff\xfb\x90\x00", b"OggS", b"fLaC", b"\x1a\x45\xdf\xa3",
]  # fmt: skip


@settings(max_examples=400)
@given(
    st.sampled_from(STARTS),
    st.binary(max_size=300),
    st.one_of(st.none(), st.binary(max_size=200)),
    st.one_of(st.none(), st.integers(0, 2**63)),
)
def test_any_bytes_are_a_file_or_none(start: bytes, rest: bytes, tail: bytes | None, size: int | None) -> None:
    facts = read_file(start + rest, tail, size, "audio/x")
    assert facts is None or facts.duration_s is None or facts.duration_s > 0
