"""Which Space servers may talk to us and be called: decided from the address alone, before any request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from unfurler.sdk.errors import BadLink
from unfurler.sdk.link import Link


class ServerRefused(Exception):
    """The address is not one of a Space server that we may talk to."""


@dataclass(frozen=True, slots=True)
class SpaceHosts:
    """`hosts` named in full, `domains` after `*.`, and `origins` written out with scheme."""

    hosts: frozenset[str]
    domains: tuple[str, ...]
    origins: frozenset[str]

    @classmethod
    def parse(cls, entries: list[str]) -> Self:
        """From `host`, `*.domain` or a full origin. Raises ValueError with a line for each wrong entry."""
        hosts, domains, origins, faults = set(), [], set(), []
        for entry in entries:
            bare = entry.removeprefix("*.")
            try:
                link = Link.parse(entry if "://" in entry else f"https://{bare}")
            except BadLink:
                link = None
            if link is None or link.raw_path != "/" or link.raw_query or link.fragment:
                faults.append(f'"{entry}" is no host, *.domain or origin; write space.example.org')
            elif "://" in entry:
                origins.add(link.origin)
            elif link.port is not None:
                faults.append(f'"{entry}" has a port; write the full origin, https://{bare}')
            elif bare != entry:
                domains.append(link.host)
            else:
                hosts.add(link.host)
        if faults:
            raise ValueError("\n".join(faults))
        return cls(frozenset(hosts), tuple(domains), frozenset(origins))

    @property
    def named_in_full(self) -> list[str]:
        """Origins whose servers the operator named, and which may therefore be at a private address."""
        return sorted(self.origins | {f"https://{host}" for host in self.hosts})

    @property
    def frame_ancestors(self) -> str:
        """The servers that may show our homepage in a frame, as a content security policy lists them."""
        return " ".join([*(f"https://*.{domain}" for domain in self.domains), *self.named_in_full])

    def with_origin(self, origin: str) -> SpaceHosts:
        """The same, and this origin as well."""
        return SpaceHosts(self.hosts, self.domains, self.origins | {origin})

    def judge(self, server_url: str) -> str:
        """The server's origin, without a final slash. Raises ServerRefused."""
        try:
            link = Link.parse(server_url)
        except BadLink as error:
            raise ServerRefused(str(error)) from None
        if link.raw_path != "/" or "?" in server_url or "#" in server_url:
            raise ServerRefused("the server address has a path, a query or a fragment")
        if link.origin in self.origins:
            return link.origin
        if link.scheme != "https" or link.port is not None or _is_address(link.host):
            raise ServerRefused("the server address is not https with a host name and the usual port")
        if link.host in self.hosts or any(link.host.endswith("." + domain) for domain in self.domains):
            return link.origin
        raise ServerRefused("the server is not one of UNFURLER_SPACE_HOSTS")


def _is_address(host: str) -> bool:
    return host.startswith("[") or host.rpartition(".")[2].isdigit()
