"""Which addresses count as public."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unfurler.fetch.addresses import is_public, parse_address

SPECIAL = [
    # IANA IPv4 special-purpose registry, multicast, reserved, and Azure's host agent
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32", "169.254.0.0/16", "172.16.0.0/12",
    "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
    "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "255.255.255.255/32",
    # IANA IPv6 special-purpose registry, and what carries IPv4 inside
    "::/128", "::1/128", "::/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "100:0:0:1::/64",
    "2001::/32", "2001:2::/48", "2001:10::/28", "2001:20::/28", "2001:30::/28", "2001:db8::/32", "2002::/16",
    "3fff::/20",
    "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
]  # fmt: skip
# One address outside a range may lie in the next one.
NEIGHBOURS = [
    "1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
    "168.63.129.15", "168.63.129.17", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0",
    "191.255.255.255", "192.0.1.0", "192.0.1.255", "192.0.3.0", "192.88.98.255", "192.88.100.0", "192.167.255.255",
    "192.169.0.0", "198.17.255.255", "198.20.0.0", "198.51.99.255", "198.51.101.0", "203.0.112.255", "203.0.114.0",
    "223.255.255.255", "::1:0:0", "::fffe:ffff:ffff:ffff", "::ffff:1:0:0",
    "64:ff9a:ffff:ffff:ffff:ffff:ffff:ffff", "64:ff9b::1:0:0", "64:ff9b:0:ffff:ffff:ffff:ffff:ffff", "64:ff9b:2::",
    "ff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "100:0:0:2::", "2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:200::",
    "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::", "2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2003::",
    "3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:1000::", "5eff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "5f01::",
    "fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fe00::", "fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "2606:2800:220:1:248:1893:25c8:1946",
]  # fmt: skip


@pytest.mark.parametrize("text", SPECIAL)
def test_a_special_range_is_refused_from_its_first_to_its_last_address(text: str) -> None:
    network = ip_network(text)
    for address in (network[0], network[-1], network[network.num_addresses // 2]):
        assert not is_public(address)


@pytest.mark.parametrize("text", NEIGHBOURS)
def test_the_neighbours_of_special_ranges_are_public(text: str) -> None:
    assert is_public(ip_address(text))


@given(st.ip_addresses(v=4))
def test_a_mapped_address_is_judged_as_the_one_inside(inside: IPv4Address) -> None:
    mapped = IPv6Address((0xFFFF << 32) | int(inside))
    assert is_public(mapped) == is_public(inside)
    assert parse_address(str(mapped)) == inside


@given(
    st.ip_addresses(v=4),
    st.sampled_from(["::", "::ffff:0:0:0", "64:ff9b::", "64:ff9b:1::", "fe80::5efe:0:0", "2001:db8::"]),
)
def test_every_other_address_around_an_ipv4_one_is_refused(inside: IPv4Address, prefix: str) -> None:
    assert not is_public(IPv6Address(int(IPv6Address(prefix)) | int(inside)))


@given(st.ip_addresses(v=4), st.integers(0, 2**80 - 1))
def test_6to4_and_teredo_are_refused_whole(inside: IPv4Address, rest: int) -> None:
    assert not is_public(IPv6Address((0x2002 << 112) | (int(inside) << 80) | rest))
    assert not is_public(IPv6Address((0x2001_0000 << 96) | rest))


@pytest.mark.parametrize("middle", [0x0000_5EFE, 0x0200_5EFE])
def test_isatap_is_refused_under_any_prefix(middle: int) -> None:
    assert not is_public(IPv6Address((0x2606_2800 << 96) | (middle << 32) | int(IPv4Address("93.184.216.34"))))


@given(st.ip_addresses())
def test_nothing_that_the_standard_library_calls_loopback_or_private_is_public(
    address: IPv4Address | IPv6Address,
) -> None:
    if is_public(address):
        assert not (address.is_loopback or address.is_multicast or address.is_link_local or address.is_unspecified)
        assert not any(address in ip_network(text) for text in ("10.0.0.0/8", "fc00::/7") if _fits(address, text))


def _fits(address: IPv4Address | IPv6Address, text: str) -> bool:
    network: IPv4Network | IPv6Network = ip_network(text)
    return network.version == address.version


@pytest.mark.parametrize(
    "text", ["", "1.2.3", "1.2.3.4.5", "01.2.3.4", "0x7f.0.0.1", "fe80::1%eth0", "fe80::1%1", "localhost", "1.2.3.4 "]
)
def test_what_is_no_plain_address_is_none(text: str) -> None:
    assert parse_address(text) is None


def test_a_zone_is_never_public() -> None:
    assert not is_public(IPv6Address("2606:2800::1%1"))
