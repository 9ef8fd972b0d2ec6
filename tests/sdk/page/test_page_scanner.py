"""When the reader of a stream may stop."""

from unfurler.sdk.page import PageScanner

URL = "https://news.example/a/1"
HEAD = (
    b'<html><head><title>Ferry returns</title><meta property="og:title" content="Ferry returns">'
    b'<meta property="og:description" content="It sails again."><meta property="og:image" content="/f.jpg">'
    b'<meta property="og:site_name" content="News"><link rel="icon" href="/i.png"><link rel="canonical" '
    b'href="/a/1">'
    b'<script type="application/ld+json">{"@type":"NewsArticle","headline":"Ferry '
    b'returns","author":{"name":"Ida Holm"},'
    b'"datePublished":"2023-03-04"}</script></head><body>'
)


def test_a_page_that_says_all_in_its_head_is_enough_at_its_headline() -> None:
    scanner = PageScanner(URL)
    assert not scanner.feed(HEAD)
    assert scanner.feed(b"<h1>Ferry returns</h1>")
    assert scanner.page().author == "Ida Holm"


def test_a_page_that_leaves_something_open_is_read_to_its_end() -> None:
    scanner = PageScanner(URL)
    assert not scanner.feed(HEAD.replace(b"NewsArticle", b"WebPage"))
    assert not scanner.feed(b"<h1>Ferry returns</h1>" + b"<p>text</p>" * 20_000)
    assert not scanner.feed(b"</bo")
    assert not scanner.feed(b"dy></ht")
    assert scanner.feed(b"ml>")


def test_a_piece_costs_what_it_weighs() -> None:
    scanner = PageScanner(URL)
    for _ in range(4_000):
        assert not scanner.feed(b"<h1>no end</h1> ")
