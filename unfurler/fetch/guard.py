"""Whether a request may go where it wants to go.

Pure: names are looked up by whoever opens the socket, which asks here before and after. Refusals all say the same to a
person; the reason is for the log.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import NoReturn, Self

from unfurler.fetch.addresses import Address, is_public, parse_address
from unfurler.fetch.allow import Allow
from unfurler.fetch.target import Target
from unfurler.sdk.errors import AddressRefused
from unfurler.sdk.link import Link

PORTS = frozenset({80, 443, 8080, 8443})
# Names that no public name server answers for; a private one may, and that is the point.
_NEVER_PUBLIC = (
    "localhost", "localdomain", "local", "internal", "intranet", "lan", "corp", "home.arpa", "onion", "i2p",
)  # fmt: skip
_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})


@dataclass(frozen=True, slots=True)
class Judged:
    """What may be dialled, in the order of the answers, and whether an allowance had to be there or covers it."""

    addresses: tuple[Address, ...]
    opened: bool


@dataclass(frozen=True, slots=True)
class Guard:
    """The rules for one kind of request.

    `allow` is the operator's list; `origins` are the configured ones of one provider, or Space servers named in full
    (`scheme, host, port`); `own` is our own host and port, never fetched.
    """

    allow: Allow = field(default_factory=Allow)
    origins: frozenset[tuple[str, str, int]] = frozenset()
    own: tuple[str, int] | None = None

    @classmethod
    def make(cls, allow: Allow, *, own_origin: str | None = None) -> Self:
        """For every request; `own_origin` is our base URL."""
        own = Target.of(Link.parse(own_origin)).place if own_origin else None
        return cls(allow, frozenset(), own)

    def also(self, origins: Iterable[str]) -> Self:
        """A guard that opens these origins as well: URLs, of which scheme, host and port count."""
        more = (Target.of(Link.parse(origin)) for origin in origins)
        return replace(self, origins=self.origins | {(one.scheme, one.host, one.port) for one in more})

    def strict(self) -> Self:
        """The same without any allowance: for a redirect that comes from what no allowance opens."""
        return replace(self, allow=Allow(), origins=frozenset())

    def names(self, target: Target) -> bool:
        """Whether an allowance names this very host: all rules but scheme and limits are lifted."""
        return (target.scheme, target.host, target.port) in self.origins or self.allow.names(target.host, target.port)

    def judge_name(self, target: Target) -> None:
        """What can be said before anything is looked up. Raises AddressRefused."""
        if target.scheme not in ("http", "https"):
            _refuse("scheme-refused")
        if self._is_own(target):
            _refuse("own-address")
        if self.names(target):
            return
        if target.port not in PORTS and not self.allow.may_cover(target.port):
            _refuse("port-refused")
        literal = literal_address(target)
        if literal is not None:
            self._judge_addresses(target, (literal,))
        elif not is_public_name(target.host):
            _refuse("name-refused")

    def judge(self, target: Target, answers: Sequence[str]) -> Judged:
        """Which of a resolver's answers may be dialled: all, or the name is refused. Raises AddressRefused."""
        self.judge_name(target)
        addresses: list[Address] = []
        for answer in answers:
            address = parse_address(answer)
            if address is None:
                _refuse("address-refused")
            if address not in addresses:
                addresses.append(address)
        if self._is_own_by_address(target, addresses):
            _refuse("own-address")
        if self.names(target):
            return Judged(tuple(addresses), opened=True)
        return Judged(tuple(addresses), opened=self._judge_addresses(target, addresses))

    def _judge_addresses(self, target: Target, addresses: Sequence[Address]) -> bool:
        covered = [self.allow.covers(address, target.port) for address in addresses]
        for address, opened in zip(addresses, covered, strict=True):
            if opened:
                continue
            if not is_public(address):
                _refuse("address-refused")
            if target.port not in PORTS:
                _refuse("port-refused")
        return bool(covered) and all(covered)

    def _is_own(self, target: Target) -> bool:
        return self.own is not None and target.place == self.own

    def _is_own_by_address(self, target: Target, addresses: Sequence[Address]) -> bool:
        """Under a base URL on loopback, every name that leads to loopback at our port is us."""
        if self.own is None or self.own[0] not in _LOOPBACK_NAMES or target.port != self.own[1]:
            return False
        return any(address.is_loopback or address.is_unspecified for address in addresses)


def literal_address(target: Target) -> Address | None:
    """The address in the URL itself, if one is. Raises AddressRefused for brackets around anything else."""
    if target.host.startswith("["):
        inside = target.bare_host
        address = parse_address(inside) if ":" in inside else None
        return address if address is not None else _refuse("address-refused")
    return parse_address(target.host)


def is_public_name(host: str) -> bool:
    """Whether a public name server may know this name at all."""
    name = host.lower().removesuffix(".")
    return "." in name and not any(name == one or name.endswith("." + one) for one in _NEVER_PUBLIC)


def _refuse(reason: str) -> NoReturn:
    raise AddressRefused("This address is not one that is fetched.", reason=reason)
