"""The bytes of one answer as they come from the socket, counted against the clock."""

from __future__ import annotations

import io
import socket
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from unfurler.fetch.deadline import Deadline, Times

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class Wire(io.RawIOBase):
    """A raw stream under a `BufferedReader`: each wait is at most a gap, and never beyond the deadline.

    `received` counts everything, head and framing included. Raises UpstreamSlow.
    """

    def __init__(self, sock: socket.socket, deadline: Deadline, times: Times) -> None:
        super().__init__()
        self._sock = sock
        # Keeps the socket open while the answer is read, as http.client expects of `makefile`.
        self._file = sock.makefile("rb", buffering=0)
        self._deadline = deadline
        self._times = times
        self.received = 0
        _acknowledge_at_once(sock)

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """One receive."""
        left = self._deadline.at - time.monotonic()
        if left <= 0:
            raise self._deadline.slow()
        self._sock.settimeout(min(self._times.gap_s, left))
        try:
            count = self._sock.recv_into(buffer)
        except TimeoutError:
            raise (self._deadline.slow() if left <= self._times.gap_s else self._times.silent()) from None
        self.received += count
        return count

    def close(self) -> None:
        """Let go of the socket."""
        if not self.closed:
            self._file.close()
        super().close()


def _acknowledge_at_once(sock: socket.socket) -> None:
    """Keep a server that writes head and body apart from waiting 40 ms for us in between; Linux forgets it soon."""
    option = getattr(socket, "TCP_QUICKACK", None)
    if option is not None and sock.family in (socket.AF_INET, socket.AF_INET6):
        with suppress(OSError):
            sock.setsockopt(socket.IPPROTO_TCP, option, 1)
