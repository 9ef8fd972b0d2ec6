"""A TCP line between two processes, which can be cut after some bytes, slowed, and silenced."""

from __future__ import annotations

import socket
import struct
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from tests.world.ports import free_port

Way = Literal["there", "back"]
# Closing sends a reset, as a broken line does, and not an orderly end.
_RESET = struct.pack("ii", 1, 0)


@dataclass
class Cut:
    """The connections of the next so many that carry more than `after_bytes` that way from now on break there."""

    way: Way
    after_bytes: int
    times: int


class Line:
    """Leads from `url` to the first of `ports` that takes a connection, beginning with another one each time.

    `cuts` are the times, in seconds since 1970, at which it broke a connection.
    """

    def __init__(self, *ports: int) -> None:
        self.ports = list(ports)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.delay_s = 0.0
        self.cuts: list[float] = []
        self._cut: Cut | None = None
        self._speaks = threading.Event()
        self._speaks.set()
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=200)
        threading.Thread(target=self._take, daemon=True).start()

    def cut(self, way: Way, after_bytes: int, times: int = 1) -> None:
        with self._lock:
            self._cut = Cut(way, after_bytes, times)

    def fall_silent(self) -> None:
        """Nothing arrives any more, either way, until `heal`; what is on its way then arrives late."""
        self._speaks.clear()

    def heal(self) -> None:
        self._cut, self.delay_s = None, 0.0
        self._speaks.set()

    def close(self) -> None:
        self.heal()
        self._listener.close()
        with self._lock:
            left = list(self._open)
        for end in left:
            _break(end)

    def _take(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._connect, args=(near,), daemon=True).start()

    def _connect(self, near: socket.socket) -> None:
        with self._lock:
            self.ports.append(self.ports.pop(0))
            ports = list(self.ports)
        for port in ports:
            try:
                far = socket.create_connection(("127.0.0.1", port), timeout=5)
            except OSError:
                continue
            far.settimeout(None)
            with self._lock:
                self._open |= {near, far}
            for ends in ((near, far, "there"), (far, near, "back")):
                threading.Thread(target=self._carry, args=ends, daemon=True).start()
            return
        _break(near)

    def _carry(self, source: socket.socket, sink: socket.socket, way: Way) -> None:
        counted_for, carried = None, 0
        try:
            while data := source.recv(65_536):
                self._speaks.wait()
                time.sleep(self.delay_s)
                cut = self._cut
                if cut is not counted_for:
                    counted_for, carried = cut, 0
                if cut is not None and cut.way == way and self._breaks(cut, carried + len(data)):
                    sink.sendall(data[: max(0, cut.after_bytes - carried)])
                    break
                carried += len(data)
                sink.sendall(data)
            else:
                sink.shutdown(socket.SHUT_WR)
                return
        except OSError:
            pass
        _break(source)
        _break(sink)
        with self._lock:
            self._open -= {source, sink}

    def _breaks(self, cut: Cut, carried: int) -> bool:
        with self._lock:
            if carried <= cut.after_bytes or cut.times <= 0:
                return False
            cut.times -= 1
            self.cuts.append(time.time())
            return True


def _break(end: socket.socket) -> None:
    with suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    # Who waits in `recv` notices a shutdown, but not that the file is closed.
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
