"""What a link is, which one form it has, and what is none."""

from __future__ import annotations

import string
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unfurler.sdk.errors import BadLink
from unfurler.sdk.link import Link, quote_segments


def reason(text: str, **more: int) -> str:
    with pytest.raises(BadLink) as refused:
        Link.parse(text, **more)
    assert "canary" not in str(refused.value)
    return refused.value.reason


@pytest.mark.parametrize(
    ("posted", "canonical"),
    [
        ("HTTPS://Example.COM", "https://example.com/"),
        ("http://example.com:80/a", "http://example.com/a"),
        ("https://example.com:443/a", "https://example.com/a"),
        ("https://example.com:80/a", "https://example.com:80/a"),
        ("https://example.com./a", "https://example.com/a"),
        ("https://example.com/a/./b/../c", "https://example.com/a/c"),
        ("https://example.com/../../a/..", "https://example.com/"),
        ("https://example.com/a/.", "https://example.com/a/"),
        ("https://example.com/%7euser/%e2%82%ac", "https://example.com/~user/%E2%82%AC"),
        ("https://example.com/€", "https://example.com/%E2%82%AC"),
        ("https://example.com/100%", "https://example.com/100%25"),
        ("https://example.com/100%zz?%", "https://example.com/100%25zz?%25"),
        ("https://example.com/a%2fb", "https://example.com/a%2Fb"),
        ('https://example.com/"<>`{}|^', "https://example.com/%22%3C%3E%60%7B%7D%7C%5E"),
        ("https://example.com/?b=2&a=1&b=3", "https://example.com/?b=2&a=1&b=3"),
        ("https://example.com/?&&a=1&", "https://example.com/?a=1"),
        ("https://example.com/?", "https://example.com/"),
        ("https://example.com/#a/b?c", "https://example.com/#a/b?c"),
        ("https://example.com?a=b", "https://example.com/?a=b"),
        ("https://example.com#top", "https://example.com/#top"),
        ("https://bücher.example/ü", "https://xn--bcher-kva.example/%C3%BC"),
        ("https://BÜCHER.example/", "https://xn--bcher-kva.example/"),
        ("https://ｅｘａｍｐｌｅ.com/", "https://example.com/"),
        ("https://under_score.example/", "https://under_score.example/"),
        ("http://192.0.2.1:8080/", "http://192.0.2.1:8080/"),
        ("http://[2001:DB8::1]:8080/a", "http://[2001:db8::1]:8080/a"),
        ("https://localhost/", "https://localhost/"),
    ],
)
def test_a_link_has_one_form(posted, canonical):
    link = Link.parse(posted)
    assert (link.url, link.posted) == (canonical, posted)
    assert Link.parse(link.url).url == canonical


@pytest.mark.parametrize(
    "parameter",
    ["utm_source=x", "utm_id_x=x", "gclid=x", "fbclid=", "UTM_Medium=x", "%75tm_source=x", "mc_eid", "_hsmi=1"],
)
def test_what_is_said_about_the_sharing_is_left_out(parameter):
    assert Link.parse(f"https://example.com/?a=1&{parameter}&b=2").url == "https://example.com/?a=1&b=2"
    assert Link.parse(f"https://example.com/?{parameter}").url == "https://example.com/"


@pytest.mark.parametrize("parameter", ["utm=1", "xutm_source=1", "gclid2=1", "ref=utm_source"])
def test_what_only_looks_like_it_stays(parameter):
    assert Link.parse(f"https://example.com/?{parameter}").raw_query == parameter


@pytest.mark.parametrize(("query", "wants"), [("no_unfurl", True), ("a=1&no_unfurl=0", True), ("no_unfurls=1", False)])
def test_an_author_can_ask_for_no_card(query, wants):
    link = Link.parse(f"https://example.com/?{query}")
    assert link.wants_no_card is wants
    assert ("no_unfurl=" in link.url or link.url.endswith("no_unfurl")) is False


def test_its_parts_are_read_decoded():
    link = Link.parse("https://example.com:8443/a%20b/%E2%82%AC?q=a+b%26c&q=2&empty#x%20y")
    assert (link.path, link.raw_path, link.fragment) == ("/a b/€", "/a%20b/%E2%82%AC", "x y")
    assert link.query == (("q", "a b&c"), ("q", "2"), ("empty", ""))
    assert (link.param("q"), link.param("empty"), link.param("none")) == ("a b&c", "", None)
    assert (link.authority, link.origin, link.port) == ("example.com:8443", "https://example.com:8443", 8443)


@pytest.mark.parametrize(
    "text", ["ftp://a.example/", "javascript:alert(1)", "//a.example/", "a.example", "", "https:/a", "file:///e"]
)
def test_only_web_addresses_are_links(text):
    assert reason(text) == "link-scheme"


@pytest.mark.parametrize(
    "authority",
    [
        "user@a.example", "canary:secret@a.example", "@a.example", "a.example@", "a%2eexample", "%61.example",
        "", ":80", "a.example:", "a.example:0", "a.example:65536", "a.example:99999", "a.example:8a", "a.example:-1",
        "a.example:٨٠", "a.example:80:80", "[::1", "::1", "[::1]x", "[::1%25eth0]", "[fe80::1%eth0]", "[x]", "[]",
        "127.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "127.0.0.01", "127.0.0.1.", "1.2.3.4.5",
        "256.1.1.1", "１２７.０.０.１", "①②⑦.0.0.1", "a.example.0x", "a..example", ".a.example",
        "-a.example", "a-.example", "a" * 64 + ".example", ".".join(["a" * 60] * 5), "a,b.example", "a example.com",
    ],
)  # fmt: skip
def test_a_host_is_written_in_one_way_or_not_at_all(authority):
    assert reason(f"http://{authority}/") == "link-malformed"


@pytest.mark.parametrize(
    "character", ["\\", " ", "\n", "\t", "\0", "\x7f", "\xa0", "\u200b", "\u202e", "\u2028", "\ufeff", "\ud800"]
)
@pytest.mark.parametrize(
    "place",
    [
        "https://a{}.example/",
        "https://a.example/{}",
        "https://a.example/?{}",
        "https://a.example/#{}",
        "{}https://a.example/",
    ],
)
def test_no_blank_control_or_backslash_stands_anywhere(character, place):
    assert reason(place.format(character)) == "link-malformed"


def test_a_link_has_a_length():
    room = 2_048 - len("https://a.example/")
    assert Link.parse("https://a.example/" + "a" * room)
    assert reason("https://a.example/" + "a" * (room + 1)) == "link-too-long"
    assert Link.parse("https://a.example/" + "a" * 4_000, max_chars=8_192)


_PRINTABLE = st.text(st.sampled_from(string.ascii_letters + string.digits + string.punctuation + "äß€。٣"), max_size=40)


@given(st.tuples(_PRINTABLE, _PRINTABLE, _PRINTABLE, _PRINTABLE))
def test_whatever_is_accepted_is_stable_plain_and_read_alike_by_others(parts):
    authority, path, query, fragment = parts
    try:
        link = Link.parse(f"https://{authority}/{path}?{query}#{fragment}")
    except BadLink:
        return
    assert link.url.isascii() and link.url.isprintable() and " " not in link.url
    assert Link.parse(link.url, max_chars=8_192).url == link.url
    other = urlsplit(link.url)
    assert (other.scheme, other.hostname, other.port) == (link.scheme, link.host.strip("[]"), link.port)
    assert (other.path, other.query, other.fragment) == (link.raw_path, link.raw_query, link.url.partition("#")[2])


def test_segments_are_quoted_each_for_itself():
    assert quote_segments(["a b", "c+d", 7, "é"]) == "/a%20b/c%2Bd/7/%C3%A9"


@pytest.mark.parametrize("segment", ["", ".", "..", "a/..", "..\\a", "%2f", "a%2Fb", "%5c", "a\n", "\x7f"])
def test_no_segment_leads_elsewhere(segment):
    with pytest.raises(BadLink):
        quote_segments(["a", segment])
