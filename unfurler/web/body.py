"""The body of a request, as large as it may be, and as long as it may take to come."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from werkzeug.wsgi import get_content_length, get_input_stream

from unfurler.fetch.watchdog import Watchdog

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


class TooLarge(Exception):
    """The body is larger than it may be."""


class Bodies:
    """Reads bodies of so many bytes, each within so many seconds; who is slower is hung up on."""

    def __init__(self, max_bytes: int, within_s: float) -> None:
        self._max_bytes = max_bytes
        self._within_s = within_s
        self._watchdog = Watchdog()

    def read(self, environ: WSGIEnvironment) -> bytes:
        """The raw body. Raises TooLarge; OSError or ClientDisconnected where it does not come whole, or too slowly."""
        if (get_content_length(environ) or 0) > self._max_bytes:
            raise TooLarge
        with self._in_time(environ):
            stream, body = get_input_stream(environ), b""
            # One read may give less than there is, with some servers; a chunked body says no length beforehand.
            while len(body) <= self._max_bytes and (part := stream.read(self._max_bytes + 1 - len(body))):
                body += part
        if len(body) > self._max_bytes:
            raise TooLarge
        return body

    @contextmanager
    def _in_time(self, environ: WSGIEnvironment) -> Iterator[None]:
        sender = environ.get("gunicorn.socket")
        if sender is None:
            yield
            return
        ticket = self._watchdog.watch(time.monotonic() + self._within_s, sender.close)
        try:
            yield
        finally:
            ticket.cancel()
