"""Tells the reader of a stream when further bytes of a page would no longer change its facts."""

from __future__ import annotations

import re

from unfurler.sdk.page.model import Page
from unfurler.sdk.page.reading import is_settled, read_page

MAX_LOOKS = 4
_OVERLAP = 16
_HEAD_END = re.compile(rb"</head[\s>/]|<body[\s>/]", re.IGNORECASE)
_HEADLINE_END = re.compile(rb"</h1[\s>]", re.IGNORECASE)
_PAGE_END = re.compile(rb"</html[\s>]", re.IGNORECASE)


class PageScanner:
    """Takes a page in pieces; each piece is looked at once, in time that depends on its own length.

    A page is enough at its end, or at its headline if its head has said all else in so many words. Most pages
    are read to their end: what the body says of the author, the date or a recipe goes before what the head
    says.
    """

    def __init__(self, url: str, charset: str | None = None) -> None:
        self._url = url
        self._charset = charset
        self._body = bytearray()
        self._head_seen = False
        self._looks = 0
        self._enough = False

    def feed(self, chunk: bytes) -> bool:
        """Take the next bytes; True once no more are needed."""
        seen = max(0, len(self._body) - _OVERLAP)
        self._body += chunk
        self._enough = self._enough or self._is_enough(seen)
        return self._enough

    def page(self) -> Page:
        """The facts of what was fed so far."""
        return read_page(bytes(self._body), self._url, self._charset)

    def _is_enough(self, seen: int) -> bool:
        if not self._head_seen:
            boundary = _HEAD_END.search(self._body, seen)
            if boundary is None:
                return False
            self._head_seen = True
            seen = boundary.end()
        if self._looks < MAX_LOOKS and _HEADLINE_END.search(self._body, seen):
            self._looks += 1
            if is_settled(bytes(self._body), self._url, self._charset):
                return True
        return _PAGE_END.search(self._body, seen) is not None
