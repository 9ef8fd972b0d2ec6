"""The operator's own way out, if there is one."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import unquote

from unfurler.fetch.target import Target
from unfurler.sdk.errors import BadLink
from unfurler.sdk.link import Link


@dataclass(frozen=True, slots=True)
class Proxy:
    """An HTTP proxy; `headers` may hold its credentials. What it may be asked for, it judges itself."""

    target: Target
    headers: Mapping[str, str] = field(repr=False)

    @classmethod
    def parse(cls, url: str) -> Self:
        """From `http://[user:password@]host:port`. Raises ValueError with a sentence that does not quote it."""
        scheme, separator, rest = url.partition("://")
        user, at, authority = rest.rstrip("/").rpartition("@")
        if not separator or scheme.lower() != "http" or "/" in authority:
            raise ValueError("is not the address of an HTTP proxy; write http://host:port")
        try:
            target = Target.of(Link.parse(f"http://{authority}"))
        except BadLink:
            raise ValueError("is not the address of an HTTP proxy; write http://host:port") from None
        if not at:
            return cls(target, {})
        token = base64.b64encode(unquote(user).encode()).decode("ascii")
        return cls(target, {"Proxy-Authorization": f"Basic {token}"})
