"""Facts of a file that is no page, from the beginning and the end of its bytes."""

from __future__ import annotations

import struct
from dataclasses import replace

from unfurler.sdk.page.files import movies, pdf, pictures, sounds
from unfurler.sdk.page.files.model import FileFacts, FileKind, Source

__all__ = ["FileFacts", "FileKind", "read_file"]

_READERS = (pictures.read, pdf.read, movies.read, sounds.read)


def read_file(head: bytes, tail: bytes | None, size: int | None, content_type: str | None) -> FileFacts | None:
    """The facts of an image, video, audio file or PDF, or None where the bytes are none of these.

    `head` is the beginning of the file and `tail` its end, if that was read; `size` the length of the whole.
    The bytes decide what the file is; `content_type` only tells sound from pictures where a container may
    hold either. Never raises, and looks at each byte a bounded number of times.
    """
    source = Source(head, tail or b"", size)
    for read in _READERS:
        try:
            facts = read(source)
        except (struct.error, IndexError, ValueError, OverflowError):
            continue
        if facts is not None:
            if facts.kind == "video" and facts.width is None and (content_type or "").lower().startswith("audio/"):
                facts = replace(facts, kind="audio", type=facts.type.replace("video/", "audio/"))
            return replace(facts, size_bytes=size)
    return None
