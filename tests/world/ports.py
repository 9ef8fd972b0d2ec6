"""Ports for servers that have to be told theirs before they listen."""

from __future__ import annotations

import os
import random
import socket
from itertools import cycle

# Below those that the system gives to whoever asks for any (from 32768 on Linux): between the moment that a port is
# chosen here and the moment that its server listens, nobody's connection gets it. Each process of a run has its own.
_EACH = 1_000
_FIRST = 20_000 + _EACH * (int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % 12)
_CANDIDATES = cycle(random.sample(range(_FIRST, _FIRST + _EACH), _EACH))


def free_port() -> int:
    """A port that nobody listens on, and that is given to nobody else soon."""
    return next(port for port in _CANDIDATES if _is_free(port))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
