"""Looking up names within a time of our own.

`getaddrinfo` takes no timeout, so each look-up runs on a thread that can be left behind. How many may be on their way
is bounded, and how many of them below one domain: whoever owns a silent name server holds up only himself.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Sequence

from unfurler.fetch.deadline import TooSlow
from unfurler.fetch.turns import Turns
from unfurler.sdk.errors import UpstreamDown

Resolver = Callable[[str, int], Sequence[str]]
"""Host (without brackets) and port to addresses as text. Raises `socket.gaierror` where there are none."""

_AT_ONCE = 32
_AT_ONCE_PER_DOMAIN = 8
_FINAL = frozenset({socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME), socket.EAI_FAIL})


def system_resolver(host: str, port: int) -> Sequence[str]:
    """The operating system's answer, in its order."""
    # Bytes: for text, the idna codec would have its own ideas about the name.
    found = socket.getaddrinfo(host.encode("ascii"), port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class Lookups:
    """A resolver with bounds."""

    def __init__(self, resolver: Resolver = system_resolver) -> None:
        self._resolver = resolver
        self._turns = Turns(_AT_ONCE, _AT_ONCE_PER_DOMAIN)

    def find(self, host: str, port: int, limit_s: float) -> Sequence[str]:
        """The addresses of a name. Raises UpstreamSlow or UpstreamDown."""
        until = time.monotonic() + limit_s
        domain = ".".join(host.split(".")[-2:])
        self._turns.enter(domain, limit_s)
        lookup = _Lookup(lambda: self._resolver(host, port), lambda: self._turns.leave(domain))
        try:
            threading.Thread(target=lookup.run, name="fetch-dns", daemon=True).start()
        except RuntimeError:
            self._turns.leave(domain)
            raise UpstreamDown("No more names can be looked up now.", reason="fetch-busy") from None
        if not lookup.done.wait(max(0.0, until - time.monotonic())):
            raise TooSlow("The site's name was not found within {} seconds.", limit_s, "dns_s")
        if isinstance(lookup.error, socket.gaierror):
            final = lookup.error.errno in _FINAL
            raise UpstreamDown("The site's name is not known.", reason="host-unknown", retry=not final)
        if lookup.error is not None or not lookup.found:
            raise UpstreamDown("The site's name could not be looked up.", reason="host-unknown")
        return lookup.found


class _Lookup:
    """One question, answered on a thread that nobody has to wait for."""

    def __init__(self, ask: Callable[[], Sequence[str]], leave: Callable[[], None]) -> None:
        self._ask = ask
        self._leave = leave
        self.found: Sequence[str] = ()
        self.error: Exception | None = None
        self.done = threading.Event()

    def run(self) -> None:
        try:
            self.found = self._ask()
        except Exception as error:  # whatever a resolver raises, the one who waits must hear of it
            self.error = error
        finally:
            self._leave()
            self.done.set()
