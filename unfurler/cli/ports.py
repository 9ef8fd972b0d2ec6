"""Which port a server of ours may take on loopback."""

from __future__ import annotations

import socket

import click


def free_port(port: int) -> int:
    """This port, or any free one where it is taken."""
    for candidate in (port, 0):
        with socket.socket() as probe:
            # Connections of a server that has just been stopped may linger; they do not take the port.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", candidate))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise click.ClickException("no port is free on 127.0.0.1")
