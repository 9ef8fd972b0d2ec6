"""One HTTP/1 answer: its head within limits, its body piece by piece.

http.client reads heads with the e-mail parser, which stops at the first odd line, and its `read1` differs between
patch releases; and nothing in it bounds a head as a whole. So head and framing are read here, on its class, because
urllib3's connections hand that class around.
"""

from __future__ import annotations

import http.client
import io
import re
import socket
from typing import Any

from unfurler.fetch.deadline import Deadline, Times
from unfurler.fetch.wire import Wire
from unfurler.sdk.errors import LimitExceeded, UpstreamDown, UpstreamOdd

LINE_BYTES = 65_536
HEAD_BYTES = 524_288
PIECE_BYTES = 65_536
CUT_SHORT = "upstream-cut-short"
"""Why an answer failed that ended before the length that its head announced."""

_INTERIM = 16
_STATUS = re.compile(rb"HTTP/1\.([0-9]) +([1-9][0-9]{2})(?:[ \t][^\r\n]*)?\r?\n?")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\n]*)?\r?\n")
_BLANK = (b"\r\n", b"\n")
_BODILESS = frozenset({204, 304})


class Answer(http.client.HTTPResponse):
    """An answer whose head has been read once `begin` returns; `fields` are the header lines with lower-case names.

    `read_some` gives the body undecoded; `complete` says that all of it was read.
    """

    def __init__(
        self, sock: socket.socket, method: str | None, deadline: Deadline, times: Times, max_headers: int
    ) -> None:
        self.wire = Wire(sock, deadline, times)
        super().__init__(_NoFile(), method=method)  # type: ignore[arg-type]  # it only wants `makefile`
        self.fp: io.BufferedReader | None = io.BufferedReader(self.wire, PIECE_BYTES)  # type: ignore[assignment]
        self._method_was = method
        self._max_headers = max_headers
        self._chunk_left = 0
        self._first_chunk = True
        self.complete = False
        self.fields: list[tuple[str, str]] = []
        self.left: int | None = None
        self.is_chunked = False

    def begin(self) -> None:
        """Read the head. Raises LimitExceeded, UpstreamOdd, UpstreamDown, UpstreamSlow."""
        for _ in range(_INTERIM):
            minor, status = self._status_line()
            self.fields = self._header_lines()
            if status >= 200 or status == 101:
                break
        else:
            raise UpstreamOdd("The site sends no final answer.", reason="upstream-not-http")
        if status == 101:
            raise UpstreamOdd("The site changes to another protocol.", reason="upstream-not-http")
        self.code = self.status = status
        self.version = 10 if minor == b"0" else 11
        self.headers = self.msg = _Fields(self.fields)  # type: ignore[assignment]
        self._frame()

    def read_some(self, limit: int) -> bytes:
        """The next bytes of the body, at most `limit`; none at its end. Raises UpstreamDown where it is cut off."""
        if self.complete or self.fp is None:
            return b""
        size = min(limit, PIECE_BYTES)
        if self.is_chunked:
            return self._read_chunked(size)
        piece = self.fp.read1(size if self.left is None else min(size, self.left))
        if self.left is not None:
            self.left -= len(piece)
            if not piece:
                raise _cut_off(CUT_SHORT)
            if not self.left:
                self._finish()
        elif not piece:
            self._finish()
        return piece

    def _status_line(self) -> tuple[bytes, int]:
        line = self._line()
        if not line:
            raise http.client.RemoteDisconnected("no answer")
        shape = _STATUS.fullmatch(line)
        if shape is None:
            raise UpstreamOdd("What the site answers is not HTTP.", reason="upstream-not-http")
        return shape[1], int(shape[2])

    def _header_lines(self) -> list[tuple[str, str]]:
        fields: list[tuple[str, str]] = []
        for _ in range(self._max_headers):
            line = self._line()
            if not line:
                raise _cut_off()
            if line in _BLANK:
                return fields
            text = line.decode("latin-1")
            name, colon, value = text.partition(":")
            if text[0] in " \t":
                # A folded line goes on with the value above it, and counts: it would be a way around the limit.
                if fields:
                    fields[-1] = (fields[-1][0], f"{fields[-1][1]} {text.strip()}")
            elif colon:
                fields.append((name.strip().lower(), value.strip()))
        if self._line() in _BLANK:
            return fields
        raise LimitExceeded(f"The site sends more than {self._max_headers} headers.", limit="headers")

    def _line(self) -> bytes:
        assert self.fp is not None
        line = self.fp.readline(LINE_BYTES + 1)
        if len(line) > LINE_BYTES or self.wire.received > HEAD_BYTES + PIECE_BYTES:
            raise LimitExceeded("The site sends headers that are too long.", limit="headers")
        return line

    def _frame(self) -> None:
        headers: Any = self.headers
        coding = (headers.get("transfer-encoding") or "").lower()
        codings = [one.strip() for one in coding.split(",") if one.strip()]
        if any(one not in ("chunked", "identity") for one in codings):
            raise UpstreamOdd("The site sends its answer in a form that was not asked for.", reason="encoding-unknown")
        self.is_chunked = bool(codings) and codings[-1] == "chunked"
        length = headers.get("content-length")
        self.left = None if self.is_chunked else _length(length)
        connection = (headers.get("connection") or "").lower()
        persistent = "keep-alive" in connection if self.version == 10 else "close" not in connection
        framed = self.left is not None or (self.is_chunked and length is None)
        if self._method_was == "HEAD" or self.status in _BODILESS:
            self.left, self.is_chunked, framed = 0, False, True
        self.will_close = not (persistent and framed)
        if self.left == 0:
            self._finish()

    def _read_chunked(self, size: int) -> bytes:
        assert self.fp is not None
        if not self._chunk_left:
            if not self._first_chunk and self.fp.readline(3) not in _BLANK:
                raise _cut_off()
            self._first_chunk = False
            line = self.fp.readline(LINE_BYTES)
            shape = _CHUNK.fullmatch(line)
            if shape is None:
                raise _cut_off()
            self._chunk_left = int(shape[1], 16)
            if not self._chunk_left:
                while (trailer := self.fp.readline(LINE_BYTES)) not in (*_BLANK, b""):
                    self._bound_trailers(trailer)
                self._finish()
                return b""
        piece = self.fp.read1(min(size, self._chunk_left))
        if not piece:
            raise _cut_off()
        self._chunk_left -= len(piece)
        return piece

    def _bound_trailers(self, trailer: bytes) -> None:
        self._max_headers -= 1
        if self._max_headers < 0 or not trailer.endswith(b"\n"):
            raise LimitExceeded("The site sends too many headers.", limit="headers")

    def _finish(self) -> None:
        self.complete = True
        self.close()


class _Fields(dict[str, str]):
    """Header values by lower-case name, several ones of a name joined."""

    def __init__(self, fields: list[tuple[str, str]]) -> None:
        super().__init__()
        for name, value in fields:
            if name:
                self[name] = f"{self[name]}, {value}" if name in self else value


class _NoFile:
    """Stands in for the socket where http.client would open a second, unlimited file on it."""

    def makefile(self, _mode: str) -> io.BytesIO:
        return io.BytesIO()


def _length(text: str | None) -> int | None:
    """The number of bytes announced; None where there is no sense in it, which leaves the end of the connection."""
    if text is None:
        return None
    said = {one.strip() for one in text.split(",")}
    if len(said) > 1:
        raise UpstreamOdd("The site announces two lengths for one answer.", reason="upstream-not-http")
    digits = said.pop()
    if not (digits.isascii() and digits.isdigit()):
        return None
    return int(digits[:19]) if len(digits) < 19 else 10**18


def _cut_off(reason: str = "upstream-cut-off") -> UpstreamDown:
    return UpstreamDown("The site stopped in the middle of its answer.", reason=reason)
