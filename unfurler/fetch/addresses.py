"""Which addresses belong to the public internet.

The table is AntiSSRF's (IANA's special-purpose registries, multicast, site-local, Azure's host agent). What it lacks
are the forms that carry an IPv4 address inside an IPv6 one: those are refused whole, because whoever routes such an
address decides where it ends. `ipaddress.is_private` is not asked: its answer changes with the patch release.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from AntiSSRF import IPAddressRanges  # type: ignore[import-untyped]  # the package has no type marker

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_EMBEDDING = (
    "::/96",  # IPv4-compatible, RFC 4291 §2.5.5.1, with the unspecified and the loopback address
    "::ffff:0:0:0/96",  # IPv4-translated, RFC 2765
)
# The middle of an ISATAP interface identifier, RFC 5214 §6.1, with either universal/local bit.
_ISATAP = frozenset({0x0000_5EFE, 0x0200_5EFE})


def _bounds(version: int) -> tuple[tuple[int, int], ...]:
    networks = [ip_network(text) for text in (*IPAddressRanges.recommended_latest, *_EMBEDDING)]
    return tuple((int(one[0]), int(one[-1])) for one in networks if one.version == version)


_SPECIAL = {4: _bounds(4), 6: _bounds(6)}


def parse_address(text: str) -> Address | None:
    """The address written there, a mapped one as the IPv4 address inside; None for anything else, zones included."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv4Address):
        return address
    return None if address.scope_id is not None else (address.ipv4_mapped or address)


def is_public(address: Address) -> bool:
    """Whether anyone on the internet may be expected there. A mapped address is judged as the IPv4 address inside."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address.scope_id is not None or (int(address) >> 32) & 0xFFFF_FFFF in _ISATAP:
            return False
    number = int(address)
    return not any(low <= number <= high for low, high in _SPECIAL[address.version])
