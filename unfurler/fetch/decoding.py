"""Content encodings undone a piece at a time, so that a small answer cannot become a large one in memory."""

from __future__ import annotations

import zlib
from collections.abc import Callable

from unfurler.sdk.errors import LimitExceeded, UpstreamOdd

Read = Callable[[int], bytes]
"""The next bytes, at most that many; none at the end."""

_PIECE_BYTES = 16_384
_MEMBERS = 64
_KINDS = {"gzip": "gzip", "x-gzip": "gzip", "deflate": "deflate"}


def decoded(read: Read, header: str, *, max_layers: int, max_bytes: int) -> Read:
    """`read` with the encodings of a Content-Encoding header undone.

    Raises LimitExceeded for more layers than allowed, UpstreamOdd for unknown encodings; what it returns raises
    UpstreamOdd for broken data, and LimitExceeded where a layer in between grows beyond `max_bytes`.
    """
    layers = [one for one in (part.strip().lower() for part in header.split(",")) if one not in ("", "identity")]
    if len(layers) > max_layers:
        raise LimitExceeded(f"The site packs its answer more than {max_layers} times.", limit="encodings")
    for position, layer in enumerate(reversed(layers), start=1):
        if layer not in _KINDS:
            raise UpstreamOdd("The site packs its answer in a way that was not asked for.", reason="encoding-unknown")
        inner = position < len(layers)
        read = Inflated(read, _KINDS[layer], max_bytes if inner else None).read
    return read


class Inflated:
    """One layer of gzip or deflate over `source`."""

    def __init__(self, source: Read, kind: str, max_bytes: int | None) -> None:
        self._source = source
        self._kind = kind
        self._left = max_bytes
        self._engine: zlib._Decompress | None = None
        self._data = b""
        self._dry = False
        self._members = 0

    def read(self, limit: int) -> bytes:
        """The next inflated bytes, at most `limit`; none at the end."""
        while True:
            if self._engine is None and not self._start():
                return b""
            assert self._engine is not None
            if not self._data and not self._dry:
                self._fill()
            try:
                piece = self._engine.decompress(self._data, limit)
            except zlib.error:
                raise UpstreamOdd("The site's answer is packed wrongly.", reason="encoding-broken") from None
            self._data = self._engine.unconsumed_tail
            if self._engine.eof:
                self._data, self._engine = self._engine.unused_data, None
            if piece:
                return self._counted(piece)
            if self._dry and not self._data and self._engine is not None:
                return b""

    def _start(self) -> bool:
        """A new stream where one begins; what follows the last one and is none of its kind is nobody's."""
        while len(self._data) < 2 and not self._dry:
            self._fill()
        if len(self._data) < 2 or self._members == _MEMBERS or (self._members and self._kind != "gzip"):
            return False
        if self._members and not self._data.startswith(b"\x1f\x8b"):
            return False
        self._members += 1
        self._engine = zlib.decompressobj(self._window())
        return True

    def _window(self) -> int:
        if self._kind == "gzip":
            return 16 + zlib.MAX_WBITS
        # "deflate" means zlib's format, and half the world sends the bare one.
        is_zlib = self._data[0] & 0x0F == 8 and int.from_bytes(self._data[:2]) % 31 == 0
        return zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS

    def _fill(self) -> None:
        piece = self._source(_PIECE_BYTES)
        self._dry = not piece
        self._data += piece

    def _counted(self, piece: bytes) -> bytes:
        if self._left is not None:
            self._left -= len(piece)
            if self._left < 0:
                raise LimitExceeded("The site's answer is too large once unpacked.", limit="page_bytes")
        return piece
