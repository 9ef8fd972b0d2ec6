"""Where a request goes, in the parts that were judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from unfurler.sdk.link import Link

DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Target:
    """`host` as in the URL (IPv6 in brackets), `port` always a number, `path` with the query as it goes out."""

    scheme: str
    host: str
    port: int
    path: str

    @classmethod
    def of(cls, link: Link) -> Self:
        """Built from the parts of a judged link, its fragment left out."""
        return cls(
            link.scheme,
            link.host,
            link.port or DEFAULT_PORTS[link.scheme],
            link.raw_path + (f"?{link.raw_query}" if link.raw_query else ""),
        )

    @property
    def authority(self) -> str:
        """What the Host header says."""
        return self.host if self.port == DEFAULT_PORTS[self.scheme] else f"{self.host}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme and authority."""
        return f"{self.scheme}://{self.authority}"

    @property
    def url(self) -> str:
        """The whole address; never for a log."""
        return self.origin + self.path

    @property
    def bare_host(self) -> str:
        """The host as a resolver, a certificate and a socket know it: IPv6 without brackets."""
        return self.host.strip("[]")

    @property
    def place(self) -> tuple[str, int]:
        """Host and port: what concurrency and pacing count."""
        return self.host, self.port
