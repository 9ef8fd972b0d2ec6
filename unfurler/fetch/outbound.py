"""Everything that goes out, built once from its parts."""

from __future__ import annotations

import json as jsons
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from unfurler.fetch.api import Site, SiteApi
from unfurler.fetch.circuits import Circuits
from unfurler.fetch.connect import Connector, Dial, system_dial, system_trust
from unfurler.fetch.deadline import Deadline, Times
from unfurler.fetch.guard import Guard
from unfurler.fetch.idle import Idle
from unfurler.fetch.memory import Memory, NoMemory
from unfurler.fetch.pacing import Pacing
from unfurler.fetch.pages import Enough, Fetched, Pages, Wish
from unfurler.fetch.proxy import Proxy
from unfurler.fetch.resolve import Lookups, Resolver, system_resolver
from unfurler.fetch.session import Call, Observe, Session
from unfurler.fetch.target import Target
from unfurler.fetch.turns import Turns
from unfurler.fetch.watchdog import Watchdog
from unfurler.limits import Limits
from unfurler.sdk.api import Document
from unfurler.sdk.link import Link

_TURN_S = 30.0
_RAW_AT_ONCE = 64
_RAW_TO_ONE_PLACE = 32
_LONG_LINK = 8_192


@dataclass(frozen=True, slots=True)
class RawReply:
    """An answer of any status; `headers` by lower-case name."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    def json(self) -> Any:
        """The body as JSON. Raises ValueError or RecursionError."""
        return jsons.loads(self.body)


class Outbound:
    """The way out for every request: pages, provider APIs, raw requests for Space or sign-in.

    Handed in: the `guard` where a call brings none, `user_agent`, where replies are remembered, who is told of each
    finished request; for tests the resolver, the dialler, the trusted authorities.
    """

    def __init__(
        self,
        limits: Limits,
        guard: Guard,
        *,
        user_agent: str,
        memory: Memory | None = None,
        pacing: Pacing | None = None,
        proxy: Proxy | None = None,
        observe: Observe | None = None,
        resolver: Resolver = system_resolver,
        dial: Dial = system_dial,
        trust: Callable[[], ssl.SSLContext] = system_trust,
        turn_s: float = _TURN_S,
    ) -> None:
        self.guard = guard
        self._limits = limits
        self._user_agent = user_agent
        self._memory = memory or NoMemory()
        self._pacing = pacing or Pacing(memory)
        self.circuits = Circuits(memory, trial_s=limits.api_call_s)
        self._turn_s = turn_s
        self._turns = Turns(limits.fetches, limits.fetches_per_host)
        # Space and sign-in do not stand in line behind the pages of strangers, nor one Space behind another that hangs.
        self._raw_turns = Turns(_RAW_AT_ONCE, _RAW_TO_ONE_PLACE)
        self._idle = Idle(total=limits.fetches)
        connector = Connector(
            Lookups(resolver),
            Watchdog(),
            max_addresses=limits.addresses,
            max_headers=limits.headers,
            dial=dial,
            trust=trust,
            proxy=proxy,
        )
        self._session = Session(limits, connector, self._idle, observe)
        self._pages = Pages(self._session, self._turns, self._pacing, self.circuits, limits, user_agent, turn_s)

    def fetch(
        self,
        link: Link,
        *,
        guard: Guard | None = None,
        language: str = "en",
        enough: Enough | None = None,
        data: bool = False,
        file_bytes: int | None = None,
        came_from: Document | None = None,
    ) -> Fetched:
        """A page or file, as `Pages.fetch`.

        `enough` says of the bytes so far that no more are needed; `data` takes JSON and XML too; `file_bytes` reads
        more of a file than its head.
        """
        return self._pages.fetch(
            link, guard or self.guard, Wish(language, enough, data, file_bytes), came_from=came_from
        )

    def fetch_end(self, document: Document, max_bytes: int, *, guard: Guard | None = None) -> bytes | None:
        """The last bytes of a file, as `Pages.fetch_end`."""
        return self._pages.fetch_end(document, max_bytes, guard or self.guard)

    def api(self, site: Site) -> SiteApi:
        """The API of a site for a viewer: cheap, made for each use."""
        return SiteApi(
            site,
            self._session,
            self._pages,
            self._turns,
            self._pacing,
            self.circuits,
            self._memory,
            self._limits,
            self._user_agent,
            self._turn_s,
        )

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        json: object = None,
        data: bytes | Mapping[str, str] | None = None,
        guard: Guard | None = None,
        kind: str = "raw",
        timeout_s: float | None = None,
        max_bytes: int | None = None,
    ) -> RawReply:
        """One request with nothing made of its answer: no status is an error, no redirect is followed.

        `json` or `data` (bytes, or a form) is the body. Defaults: the time of a Space call, the size of an API answer.
        Raises AddressRefused, LimitExceeded and Upstream errors; BadLink for what is no URL.
        """
        target = Target.of(Link.parse(url, max_chars=_LONG_LINK))
        body, kind_of_body = _body(json, data)
        sent = {
            "User-Agent": self._user_agent,
            "Accept": "application/json",
            "Accept-Encoding": "gzip, deflate",
        }
        if kind_of_body is not None:
            sent["Content-Type"] = kind_of_body
        for name, value in (headers or {}).items():
            sent[name.title() if name.title() in sent else name] = value
        limits = self._limits
        times = Times.of_api(limits)
        with self._raw_turns.take(target.place, self._turn_s):
            deadline = Deadline.after(timeout_s or limits.space_call_s, "space_call_s")
            call = Call(method, target, sent, guard or self.guard, times, kind, body, keep=True)
            with self._session.send(call, deadline) as exchange:
                return RawReply(
                    exchange.status,
                    exchange.headers,
                    exchange.body(max_bytes or limits.api_bytes, "api_bytes"),
                )

    def close(self) -> None:
        """Let go of connections that are kept."""
        self._idle.close()


def _body(json: object, data: bytes | Mapping[str, str] | None) -> tuple[bytes | None, str | None]:
    if json is not None:
        return jsons.dumps(json, separators=(",", ":")).encode(), "application/json"
    if data is None or isinstance(data, bytes):
        return data, None
    return urlencode(data).encode(), "application/x-www-form-urlencoded"
