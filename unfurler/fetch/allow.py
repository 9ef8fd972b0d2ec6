"""The operator's allow-list: what fetching may reach although it is not public."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Self

import idna

from unfurler.fetch.addresses import Address, Network, parse_address

_PORT = re.compile(r"[0-9]{1,5}", re.ASCII)
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Allow:
    """Hosts, `*.domains` and address ranges, each with a port or None for every port.

    A host or a domain lifts the name, address and port rules for the names it covers. A range lifts the address and
    port rules for the addresses in it, and no name rule.
    """

    hosts: frozenset[tuple[str, int | None]] = frozenset()
    domains: tuple[tuple[str, int | None], ...] = ()
    ranges: tuple[tuple[Network, int | None], ...] = field(default=())

    @classmethod
    def parse(cls, text: str) -> Self:
        """From a comma-separated list. Raises ValueError with one line for each entry that is wrong."""
        hosts: set[tuple[str, int | None]] = set()
        domains: list[tuple[str, int | None]] = []
        ranges: list[tuple[Network, int | None]] = []
        faults: list[str] = []
        for entry in filter(None, (part.strip() for part in re.split(r"[,\s]+", text))):
            try:
                what, port = _with_port(entry)
                network = _network(what)
                if network is not None:
                    ranges.append((network, port))
                elif what.startswith("*."):
                    domains.append(("." + _name(what[2:]), port))
                else:
                    hosts.add((_name(what), port))
            except ValueError as error:
                faults.append(f'"{entry}" {error}')
        if faults:
            raise ValueError("\n".join(faults))
        return cls(frozenset(hosts), tuple(domains), tuple(ranges))

    def names(self, host: str, port: int) -> bool:
        """Whether an entry names this host at this port."""
        if (host, None) in self.hosts or (host, port) in self.hosts:
            return True
        return any(host.endswith(suffix) and at in (None, port) for suffix, at in self.domains)

    def covers(self, address: Address, port: int) -> bool:
        """Whether a range holds this address at this port."""
        return any(at in (None, port) and address.version == one.version and address in one for one, at in self.ranges)

    def may_cover(self, port: int) -> bool:
        """Whether some range opens this port: the address decides then, and must be known first."""
        return any(at in (None, port) for _, at in self.ranges)


def _with_port(entry: str) -> tuple[str, int | None]:
    if "://" in entry:
        raise ValueError("is a URL; write its host, and :port where one port is meant")
    if entry.startswith("["):
        what, bracket, rest = entry[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":") and not rest.startswith("/")):
            raise ValueError("is not an address in brackets; write [fd00::1]:8443")
        prefix, colon, digits = rest.partition(":")
        what += prefix
    elif entry.count(":") == 1:
        what, colon, digits = entry.partition(":")
    else:
        what, colon, digits = entry, "", ""
    if not colon:
        return what, None
    if not _PORT.fullmatch(digits) or not 0 < int(digits) < 65_536:
        raise ValueError("has a port that is not a number from 1 to 65535")
    return what, int(digits)


def _network(what: str) -> Network | None:
    address = parse_address(what)
    if address is not None:
        return ip_network(address)
    if "/" not in what and ":" not in what:
        return None
    try:
        network = ip_network(what)
    except ValueError:
        raise ValueError("is not a range of addresses; write 10.20.0.0/16 or [fd00::/8]:443, host bits zero") from None
    if network.version == 6 and network.network_address.ipv4_mapped is not None:
        raise ValueError("is a range of mapped addresses; write the IPv4 range")
    return network


def _name(what: str) -> str:
    try:
        name = what.lower() if what.isascii() else idna.encode(what, uts46=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        name = ""
    name = name.removesuffix(".")
    labels = name.split(".")
    if not all(_LABEL.fullmatch(label) for label in labels) or len(name) > 253:
        raise ValueError(
            "is not a host; write wiki.example, *.example, 10.20.0.0/16 or [fd00::1], each with :port if need be"
        )
    if re.fullmatch(r"[0-9]+|0x[0-9a-f]*", labels[-1]):
        raise ValueError("is not an IPv4 address of four plain numbers")
    return name
