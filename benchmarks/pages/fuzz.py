"""`python -m benchmarks.pages.fuzz [--minutes N] [--seed N]`: pages made to break the reader, as long as wanted.

Three kinds take turns: the project's own pages with pieces cut out, repeated and put in; a few pieces repeated to a
mebibyte; and each shape of flood at a size and at four times that size, whose times tell linear from quadratic. What is
looked for: an exception, an answer that breaks its promises, more than a second of CPU for a mebibyte, and growth
beyond the size.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.pages.corpus import OWN_PAGES
from unfurler.sdk.page import Page, read_page

URL = "https://site.example/a/b?c"
SIZE_BYTES = 1 << 20
MAX_CPU_S = 1.0
# Four times the size may take this many times as long: twice linear, for the clock's noise.
MAX_GROWTH = 8.0
FLOOR_S = 0.02
FAILURES = Path("var/fuzz")

PIECES = [
    b"<", b">", b"</", b"/>", b'"', b"'", b"=", b"\0", b"&", b"&amp;", b"&#x110000;", b"&#0;", b"&nosuch;", b"\xff",
    b"\xed\xa0\x80", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<head>", b"</head>", b"<body>", b"</body>",
    b"<html lang=", b"<title>", b"</title>", b"<h1>", b"</h1>", b"<script>", b"</script>", b"<style>", b"</style>",
    b"<svg>", b"</svg>", b"<template>", b"<noscript>", b"<textarea>", b"<div>", b"<p>", b"</p>", b"<a href=",
    b"<a rel=author ", b"<img src=x.jpg ", b"<img srcset='", b" 400w,", b"<time datetime=", b"<meta ",
    b'<meta name="', b'<meta property="og:title" content="', b'<meta property="og:image" content="', b'" content="',
    b'">', b"<meta charset=", b"utf-16", b"iso-2022-jp", b"gb18030", b"<meta http-equiv=refresh content='0;url=",
    b"<link ", b'<link rel="canonical" href="', b"<link rel=icon href=", b"<base href=",
    b'<script type="application/ld+json">', b'{"@type":"Article",', b'"author":', b'"image":[', b'"@graph":[',
    b'"@id":"#a"', b"{", b"}", b"[", b"]", b",", b'"\\ud800"', b"1e999", b"9" * 50, b"2020-01-01", b"12. Mai 2020",
    b" | ", b" - ", b"itemprop=author ", b"itemprop=image ", b"itemprop=datePublished ",
    b'class="byline author date" ', b"Published on ", b"a.example/", b"http://", b"//", b"..", b"%", b" ", b"\n",
    b"\t", b"a", b"\xe2\x80\xae", b"\xcc\x81",
]  # fmt: skip
_DATA = b'<script type="application/ld+json">'
_BODY = b"<title>A long day</title><body><h1>A long day</h1>"
FLOODS: dict[str, tuple[bytes, bytes, bytes]] = {
    "attribute value": (b'<meta property="og:image" content="', b"a", b'">'),
    "attribute value, unclosed": (b'<meta property="og:image" content="', b"a", b""),
    "attributes": (b"<meta ", b"a=b ", b""),
    "values in quotes": (b"<meta ", b"='' ", b""),
    "equals signs": (b"<link ", b"= ", b""),
    "metas": (b"", b'<meta name="a" content="b">', b""),
    "links": (b"", b"<link rel=canonical ", b""),
    "runs": (b"", b"<base> \n", b""),
    "entities": (b'<meta property="og:title" content="', b"&amp;lt;", b'">'),
    "nested elements": (_BODY, b"<div><span>", b""),
    "zeros": (_BODY, b"\0", b""),
    "json in depth": (_DATA, b'{"author":[', b""),
    "json in breadth": (_DATA + b"[", b'{"@type":"Article","image":["/a.jpg"]},', b"{}]</script>"),
    "json text": (_DATA + b'{"@type":"Article","headline":"', b"\\ud83d", b'"}</script>'),
    "pictures": (_BODY, b"<img src=x.jpg>", b""),
    "sets of pictures": (_BODY + b'<img srcset="', b"a 400w,", b'">'),
    "bylines": (_BODY, b'<a class="author">x y', b""),
    "datelines": (_BODY, b'<b class="date">1.1.', b""),
    "years": (_DATA + b'{"@type":"Article","datePublished":"2020-05-12"}</script>' + _BODY, b"2020 ", b""),
    "headings": (_BODY, b"<h1>A long day", b""),
    "title parts": (b"<title>", b"a | ", b"</title>"),
    "far words": (_BODY + b"<p>" * 20_000 + b"<script><", b"<script jsonjson", b""),
    "far scripts": (_BODY + b"<p>" * 20_000, b"<script type=ld+json>{}</script>", b""),
    "password forms": (b"<title>x</title>", b"<input type=password ", b""),
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pages.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=None, help="the same pages again")
    arguments = parser.parse_args()
    seed = random.SystemRandom().randrange(1 << 32) if arguments.seed is None else arguments.seed
    end = time.monotonic() + 60 * arguments.minutes
    slowest_s, slowest, count, faults = 0.0, "", 0, []
    for name, body in _pages(random.Random(seed)):
        used_s, fault = _judged(body)
        if fault is None and name.startswith("flood"):
            fault = _grows(body, name.removeprefix("flood: "), used_s)
        count += 1
        if used_s > slowest_s:
            slowest_s, slowest = used_s, name
        if fault is not None:
            faults.append(f"{name}: {fault}")
            FAILURES.mkdir(parents=True, exist_ok=True)
            (FAILURES / f"{seed}-{count}.html").write_bytes(body)
        if time.monotonic() > end:
            break
    print(f"seed {seed}: {count:,} pages, the slowest {slowest_s:.2f} s of CPU ({slowest}), {len(faults)} faults")
    for fault in faults[:20]:
        print(f"- {fault}")
    if faults:
        sys.exit(f"The pages are in {FAILURES}.")


def _pages(chance: random.Random) -> Iterator[tuple[str, bytes]]:
    own = [file.read_bytes() for file in sorted(OWN_PAGES.glob("*.html"))]
    floods = sorted(FLOODS)
    while True:
        for _ in range(200):
            yield "mutant", _mutant(chance, chance.choice(own))
        piece = b"".join(chance.choices(PIECES, k=chance.randint(1, 6)))
        before = b"".join(chance.choices(PIECES, k=chance.randint(0, 5)))
        yield f"{before!r} + {piece!r} …", (before + piece * (SIZE_BYTES // len(piece) + 1))[:SIZE_BYTES]
        flood = chance.choice(floods)
        yield f"flood: {flood}", _flood(flood, SIZE_BYTES)


def _mutant(chance: random.Random, page: bytes) -> bytes:
    body = bytearray(page)
    for _ in range(chance.randint(1, 12)):
        at, other = sorted((chance.randrange(len(body) + 1), chance.randrange(len(body) + 1)))
        match chance.randrange(5):
            case 0:
                body[at:at] = chance.choice(PIECES)
            case 1:
                del body[at : min(other, at + 200)]
            case 2:
                body[at:at] = body[at : min(other, at + 400)] * chance.randint(1, 4)
            case 3:
                body[at : at + 1] = chance.randbytes(1)
            case _:
                body[at:at] = b"".join(chance.choices(PIECES, k=8))
    return bytes(body)


def _flood(name: str, size: int) -> bytes:
    before, piece, after = FLOODS[name]
    return before + piece * ((size - len(before) - len(after)) // len(piece)) + after


def _judged(body: bytes) -> tuple[float, str | None]:
    """How long the page took, and what was wrong with the answer."""
    started = time.process_time()
    try:
        page = read_page(body, URL)
    except Exception as error:  # whatever it is, it is what is looked for
        return time.process_time() - started, repr(error)
    used_s = time.process_time() - started
    if used_s > MAX_CPU_S:
        return used_s, f"{used_s:.1f} s of CPU"
    return used_s, _broken_promise(page)


def _broken_promise(page: Page) -> str | None:
    for field in fields(Page):
        value = getattr(page, field.name)
        if isinstance(value, str):
            if not value.isprintable() and any(character in value for character in "\0\n\r"):
                return f"{field.name} has control characters"
            if any("\ud800" <= character <= "\udfff" for character in value):
                return f"{field.name} has half of a character"
    for address in (page.icon, page.canonical_url, page.oembed, page.feed, page.image and page.image.url):
        if address is not None:
            parts = urlsplit(address)
            if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
                return f"{address[:80]!r} is no address to pass on"
    return None


def _grows(body: bytes, name: str, used_s: float) -> str | None:
    """Whether pages of a half and of a quarter of the size take far less than a half and a quarter of the time.

    Both, for time may take one step where something is too long to be parsed, and goes on in proportion.
    """
    if used_s <= FLOOR_S:
        return None
    quarter_s, half_s = (min(_judged(_flood(name, len(body) // part))[0] for _ in range(3)) for part in (4, 2))
    used_s = min(used_s, *(_judged(body)[0] for _ in range(2)))
    if used_s > MAX_GROWTH * quarter_s and used_s > MAX_GROWTH**0.5 * half_s:
        return f"four times the size takes {used_s / quarter_s:.0f} times as long"
    return None


if __name__ == "__main__":
    main()
