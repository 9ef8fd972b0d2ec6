"""Pages of one MiB made to hurt a reader. Run with a name, it reads that page and prints seconds and MiB."""

from __future__ import annotations

import json
import random
import re
import sys
import time
from pathlib import Path

SIZE_BYTES = 1 << 20
BODY = b"<html><head><title>t</title></head><body><h1>x</h1>"
DATA = b'<script type="application/ld+json">'


def fill(piece: bytes, before: bytes = b"", after: bytes = b"", size: int = SIZE_BYTES) -> bytes:
    room = size - len(before) - len(after)
    return before + (piece * (room // len(piece) + 1))[:room] + after


PAGES = {
    "nested blocks": fill(b"<div>"),
    "nested formatting": fill(b"<a href=x><b><i>"),
    "nested tables": fill(b"<table><tr><td>"),
    "nested svg": fill(b"<svg><title>x"),
    "half-closed svg": fill(b"<svg><svg></svg>"),
    "nested templates": fill(b"<template>"),
    "unclosed noscripts": fill(b"<noscript>"),
    "unclosed comments": fill(b"<!--"),
    "closed comments": fill(b"<!-- -->"),
    "shortest comments": fill(b"<!-->"),
    "cdata": fill(b"<![CDATA["),
    "entities": fill(b"&amp;amp;", b'<meta name="description" content="', b'">'),
    "entities in a title": fill(b"&lt;b", b"<title>"),
    "attributes": fill(b"a=b ", b"<meta "),
    "attributes of the page": fill(b"a=b ", b"<html "),
    "metas": fill(b'<meta name="a" content="b">'),
    "unclosed quotes": fill(b'<meta content="'),
    "mixed quotes": fill(b"<meta \"'"),
    "links": fill(b"<link rel=canonical href=x>"),
    "bases": fill(b"<base href=//a.example/>"),
    "open scripts": fill(b"<script>"),
    "scripts": fill(b"<script></script>"),
    "half-closed scripts": fill(b"</scrip", b"<script>"),
    "titles": fill(b"<title></title>"),
    "headings": fill(b"<h1>", BODY),
    "closed headings": fill(b"<h1>x</h1>", BODY),
    "times": fill(b"<time datetime=x>", BODY),
    "paragraphs": fill(b"<p>x", BODY),
    "authors": fill(b"<a rel=author>", BODY),
    "authors in pairs": fill(b'<a rel="author" itemprop=author><a ', BODY),
    "words like author": fill(b'="author ', BODY),
    "bylines": fill(b'<span class="byline">by <a href=/>', BODY),
    "dates": fill(b'<span class="date">1.1.', BODY),
    "words like date": fill(b" date=", BODY),
    "labels of dates": fill(b"Published on ", BODY),
    "half dates": fill(b"1 de ", BODY),
    "less-than signs": fill(b"<"),
    "end tags": fill(b"</"),
    "greater-than signs": fill(b">"),
    "zeros": bytes(SIZE_BYTES),
    "bytes of no encoding": b"\xff" * SIZE_BYTES,
    "noise": random.Random(4).randbytes(SIZE_BYTES),
    "blanks": fill(b" ", b"<title>"),
    "tags in a title": fill(b"<a ", b'<meta property=og:title content="', b'">'),
    "separators in a title": fill(b" | x", b'<meta property=og:title content="', b'">'),
    "names of a meta": fill(b"a ", b'<meta name="', b'" content=x>'),
    "json brackets": fill(b"[", DATA, size=260_000),
    "json objects": fill(b'{"a":', DATA, size=260_000),
    "json digits": fill(b"9", DATA, b"</script>", size=260_000),
    "json commas": fill(b", ,", DATA, b"</script>", size=260_000),
    "json items": fill(b'{"@type":"Article","author":[]},', DATA + b"[", b"{}]</script>", size=260_000),
    "json blocks": fill(DATA + b",</script>"),
    "json entities": fill(b"&quot;", DATA + b'{"a":"', b'"}</script>', size=260_000),
    "password fields": fill(b"<input type=", b"<title>Login</title>"),
    "utf-16": fill(b"<\0d\0>\0", b"\xff\xfe"),
    "iso-2022-jp": fill(b"\x1b$B", b"<meta charset=iso-2022-jp>"),
    "gb18030": fill(b"\x81\x30", b"<meta charset=gb18030>"),
}


def status_mib(field: str) -> float:
    found = re.search(rf"{field}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def main(name: str) -> None:
    from unfurler.sdk.page import read_page

    body = PAGES[name]
    PAGES.clear()
    read_page(b"<p>warm", "https://example.org/")
    Path("/proc/self/clear_refs").write_text("5")
    before, started = status_mib("VmRSS"), time.process_time()
    read_page(body, "https://example.org/")
    used_s = time.process_time() - started
    sys.stdout.write(json.dumps({"cpu_s": used_s, "mib": status_mib("VmHWM") - before}))


if __name__ == "__main__":
    main(sys.argv[1])
