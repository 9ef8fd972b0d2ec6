"""Reading the operator's allow-list."""

from __future__ import annotations

import pytest

from unfurler.fetch import Allow
from unfurler.fetch.addresses import parse_address


def covers(allow: Allow, address: str, port: int) -> bool:
    found = parse_address(address)
    assert found is not None
    return allow.covers(found, port)


def test_an_entry_without_a_port_opens_every_port() -> None:
    allow = Allow.parse("wiki, *.lan, 10.0.0.0/8, [fd00::1]")
    assert allow.names("wiki", 1) and allow.names("a.lan", 65_535)
    assert covers(allow, "10.255.255.255", 9) and covers(allow, "fd00::1", 22)
    assert not covers(allow, "11.0.0.0", 80) and not covers(allow, "fd00::2", 80)


def test_an_entry_with_a_port_opens_that_port_alone() -> None:
    allow = Allow.parse("Wiki:81 *.Lan:82,10.0.0.0/8:83,[fd00::/8]:84,[fd00::1]:85,127.0.0.1:86")
    assert allow.names("wiki", 81) and not allow.names("wiki", 80)
    assert allow.names("a.b.lan", 82) and not allow.names("a.b.lan", 80)
    assert covers(allow, "10.1.1.1", 83) and not covers(allow, "10.1.1.1", 80)
    assert covers(allow, "fd00::9", 84) and covers(allow, "fd00::1", 85) and not covers(allow, "fd00::9", 85)
    assert covers(allow, "127.0.0.1", 86) and not covers(allow, "127.0.0.1", 80)


def test_a_domain_covers_what_is_under_it_label_by_label() -> None:
    allow = Allow.parse("*.corp.example")
    assert allow.names("a.corp.example", 80)
    assert not allow.names("corp.example", 80) and not allow.names("acorp.example", 80)
    assert not allow.names("a.corp.example.evil.example", 80)


def test_names_are_folded_like_those_of_links() -> None:
    allow = Allow.parse("BÜCHER.example., *.münchen.example")
    assert allow.names("xn--bcher-kva.example", 443) and allow.names("a.xn--mnchen-3ya.example", 443)


def test_an_ipv6_range_may_stand_without_brackets() -> None:
    assert covers(Allow.parse("fd00::/8"), "fd12::1", 80)
    assert covers(Allow.parse("[fd00::]/8:443"), "fd12::1", 443)


def test_every_wrong_entry_is_named() -> None:
    with pytest.raises(ValueError) as caught:
        Allow.parse(
            "good.example, http://a, 10.0.0.1/8, a:0, a:99999, [fd00::1, -x.example, 1.2.3, *.*.a, "
            "::ffff:10.0.0.0/104, [x]y"
        )
    lines = str(caught.value).splitlines()
    assert [line.split('"')[1] for line in lines] == [
        "http://a",
        "10.0.0.1/8",
        "a:0",
        "a:99999",
        "[fd00::1",
        "-x.example",
        "1.2.3",
        "*.*.a",
        "::ffff:10.0.0.0/104",
        "[x]y",
    ]


def test_nothing_allows_nothing() -> None:
    allow = Allow.parse(" , ")
    assert allow == Allow() and not allow.names("", 80) and not allow.may_cover(80)
