"""Where replies are remembered, so that they can be asked for conditionally."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, Self

_REMEMBERED_BYTES = 262_144


class Memory(Protocol):
    """A bounded store that may forget at any time."""

    def get(self, key: str) -> bytes | None:
        """What was put there, or None."""
        ...

    def put(self, key: str, value: bytes, lifetime_s: float) -> None:
        """Keep it for at most that long."""
        ...


class NoMemory:
    """Remembers nothing."""

    def get(self, _key: str) -> bytes | None:
        """None."""
        return None

    def put(self, _key: str, _value: bytes, _lifetime_s: float) -> None:
        """Nothing."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """A reply with what it takes to ask whether it is still right."""

    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @classmethod
    def load(cls, stored: bytes | None) -> Self | None:
        """None for nothing, or for what some other version wrote."""
        head, newline, body = (stored or b"").partition(b"\n")
        if not newline:
            return None
        try:
            headers = json.loads(head)
        except ValueError:
            return None
        return cls(headers, body) if isinstance(headers, dict) else None

    def dump(self) -> bytes:
        """For `load`."""
        return json.dumps(self.headers).encode() + b"\n" + self.body

    @property
    def conditions(self) -> dict[str, str]:
        """The headers that ask for an answer only if something changed; empty where that cannot be asked."""
        asked = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}
        return {condition: self.headers[name] for name, condition in asked.items() if self.headers.get(name)}

    @property
    def worth_keeping(self) -> bool:
        """Whether it can be asked for conditionally, and is small."""
        no_store = "no-store" in self.headers.get("cache-control", "").lower()
        return bool(self.conditions) and not no_store and len(self.body) <= _REMEMBERED_BYTES


def key(*parts: str) -> str:
    """A name for what belongs to exactly these parts, from which they cannot be read."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
