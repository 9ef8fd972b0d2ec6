"""What a file that is no page says of itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FileKind = Literal["image", "video", "audio", "pdf"]


@dataclass(frozen=True, slots=True)
class FileFacts:
    """The facts of one file; `type` is proved by its bytes. Sizes are pixels and bytes, durations seconds."""

    kind: FileKind
    type: str
    size_bytes: int | None = None
    width: int | None = None
    height: int | None = None
    duration_s: float | None = None
    title: str | None = None
    author: str | None = None
    pages: int | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """The bytes of a file that are at hand: its beginning, its end if it was read, its length if known."""

    head: bytes
    tail: bytes = b""
    size: int | None = None
