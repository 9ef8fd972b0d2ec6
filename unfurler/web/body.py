"""The body of a request, as large as it may be, and as long as it may take to come."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from werkzeug.wsgi import get_content_length, get_input_stream

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

# How long after its time a sender is hung up on, at the most.
_LOOK_EVERY_S = 0.5


class TooLarge(Exception):
    """The body is larger than it may be."""


class _Connection(Protocol):
    def close(self) -> object: ...


class Bodies:
    """Reads bodies of so many bytes, each within so many seconds; one thread hangs up on whoever is slower."""

    def __init__(self, max_bytes: int, within_s: float) -> None:
        self._max_bytes = max_bytes
        self._within_s = within_s
        self._senders: dict[int, tuple[float, _Connection]] = {}
        self._looks = False
        self._lock = threading.Lock()

    def read(self, environ: WSGIEnvironment) -> bytes:
        """The raw body. Raises TooLarge; OSError or ClientDisconnected where it does not come whole, or too slowly."""
        if (get_content_length(environ) or 0) > self._max_bytes:
            raise TooLarge
        with self._in_time(environ.get("gunicorn.socket")):
            stream, body = get_input_stream(environ), b""
            # One read may give less than there is, with some servers; a chunked body says no length beforehand.
            while len(body) <= self._max_bytes and (part := stream.read(self._max_bytes + 1 - len(body))):
                body += part
        if len(body) > self._max_bytes:
            raise TooLarge
        return body

    @contextmanager
    def _in_time(self, sender: _Connection | None) -> Iterator[None]:
        if sender is None:
            yield
            return
        key = id(sender)
        self._senders[key] = time.monotonic() + self._within_s, sender
        if not self._looks:
            self._begin_to_look()
        try:
            yield
        finally:
            self._senders.pop(key, None)

    def _begin_to_look(self) -> None:
        with self._lock:
            if not self._looks:
                threading.Thread(target=self._hang_up_on_slow_ones, name="slow-senders", daemon=True).start()
                self._looks = True

    def _hang_up_on_slow_ones(self) -> None:
        while True:
            time.sleep(_LOOK_EVERY_S)
            now = time.monotonic()
            for until, sender in list(self._senders.values()):
                if now > until:
                    sender.close()
