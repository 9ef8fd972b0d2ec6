"""The API of one site on behalf of one viewer."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from unfurler.fetch.circuits import Circuits
from unfurler.fetch.deadline import Deadline, Times
from unfurler.fetch.graphql import Limited, graphql_path, is_mutation, read_data
from unfurler.fetch.guard import Guard
from unfurler.fetch.meaning import budget_left, budget_spent_until, retry_at
from unfurler.fetch.memory import Memory, Remembered, key
from unfurler.fetch.pacing import Pacing, patience
from unfurler.fetch.pages import Fetched, Pages, Wish
from unfurler.fetch.redirects import follow
from unfurler.fetch.session import Call, Exchange, Session
from unfurler.fetch.target import Target
from unfurler.fetch.turns import Turns
from unfurler.limits import Limits
from unfurler.sdk.api import Document, Reply
from unfurler.sdk.errors import (
    AccessDenied,
    ActionRefused,
    LimitExceeded,
    NotFound,
    NothingToShow,
    RateLimited,
    UnfurlError,
    UpstreamDown,
    UpstreamOdd,
)
from unfurler.sdk.link import Link, quote_segments

_REDIRECTS = frozenset({301, 302, 307, 308})
_ERROR_BYTES = 65_536
# GitHub: "wait for at least one minute" where a secondary limit says no time.
_SECONDARY_S = 60.0
_LIMIT_WORDS = re.compile(rb"rate limit|abuse detection", re.I)
# The reason of an AccessDenied that says: not "you may not", but "this account's token is not accepted".
ACCOUNT_REFUSED = "account-refused"


@dataclass(frozen=True, slots=True)
class Site:
    """One site for one viewer.

    `authorization` is a whole header value, None for nobody's; `viewer` names whose it is in the keys of what is
    remembered, and must differ wherever `authorization` may see other things. `link` is the posted link, if any.
    `budget` is told which share of its budget an answer says is left.
    """

    site_url: str
    api_url: str
    guard: Guard
    viewer: str
    authorization: str | None = field(default=None, repr=False)
    language: str = "en"
    link: Link | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    budget: Callable[[float], None] | None = None


class SiteApi:
    """Implements `unfurler.sdk.Api`."""

    def __init__(
        self,
        site: Site,
        session: Session,
        pages: Pages,
        turns: Turns,
        pacing: Pacing,
        circuits: Circuits,
        memory: Memory,
        limits: Limits,
        user_agent: str,
        turn_s: float,
    ) -> None:
        self.site_url = site.site_url
        self.changed = False
        self._site = site
        self._base = Target.of(Link.parse(site.api_url))
        self._session = session
        self._pages = pages
        self._turns = turns
        self._pacing = pacing
        self._circuits = circuits
        self._memory = memory
        self._limits = limits
        self._user_agent = user_agent
        self._turn_s = turn_s
        self._times = Times.of_api(limits)
        self._posted: Fetched | None = None

    def get(
        self,
        *segments: str | int,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Read; answered from memory where the system says 304."""
        query = f"?{urlencode(params)}" if params else ""
        target = self._target(segments, query)
        wanted = self._headers(headers)
        name = "reply:" + key(
            self._site.viewer, self._site.authorization or "", target.url, json.dumps(sorted(wanted.items()))
        )
        known = Remembered.load(self._memory.get(name))
        reply = self._call("GET", target, {**wanted, **(known.conditions if known else {})}, None)
        if reply.status == 304:
            if known is None:
                raise UpstreamOdd(
                    "The site says that nothing changed, but nothing is known.", reason="upstream-odd-reply"
                )
            return Reply(200, {**known.headers, **reply.headers}, known.body)
        if not 200 <= reply.status < 300:
            if known is not None:
                self._memory.put(name, b"", 1.0)
            raise self._failure(reply.status)
        fresh = Remembered(dict(reply.headers), reply.body)
        if fresh.worth_keeping:
            lifetime_s = self._limits.public_card_s if self._site.authorization is None else self._limits.private_card_s
            self._memory.put(name, fresh.dump(), lifetime_s)
        return reply

    def post(self, *segments: str | int, json: object = None) -> Reply:
        """Write; never repeated by itself."""
        return self._write("POST", segments, json)

    def put(self, *segments: str | int, json: object = None) -> Reply:
        """Write; never repeated by itself."""
        return self._write("PUT", segments, json)

    def patch(self, *segments: str | int, json: object = None) -> Reply:
        """Write; never repeated by itself."""
        return self._write("PATCH", segments, json)

    def delete(self, *segments: str | int) -> Reply:
        """Write; never repeated by itself."""
        return self._write("DELETE", segments, None)

    def graphql(self, query: str, variables: Mapping[str, object] | None = None) -> Any:
        """The `data` of a GraphQL answer. A mutation counts as writing, and is never repeated by itself."""
        base, writes = self._base, is_mutation(query)
        target = Target(base.scheme, base.host, base.port, graphql_path(base.path))
        headers = {**self._headers(None), "Content-Type": "application/json"}
        asked = {"query": query, **({"variables": dict(variables)} if variables else {})}
        body = json.dumps(asked, separators=(",", ":")).encode()
        with self._noting_change() if writes else nullcontext():
            return self._read_graphql(target, headers, body, writes=writes)

    def _read_graphql(self, target: Target, headers: dict[str, str], body: bytes, *, writes: bool) -> Any:
        reply = self._call("POST", target, headers, body)
        if not 200 <= reply.status < 300:
            raise self._refusal(reply.status) if writes else self._failure(reply.status)
        try:
            return read_data(reply.json(), writes=writes)
        except Limited:
            now = self._pacing.now
            until = retry_at(reply.headers, now, self._limits.retry_after_s) or budget_spent_until(reply.headers, now)
            until = until or now + timedelta(seconds=_SECONDARY_S)
            self._pacing.hold(until, self._base.origin, self._site.authorization or "")
            raise patience(until) from None

    def fetch(
        self,
        address: str,
        *,
        enough: Callable[[bytes], bool] | None = None,
        data: bool = False,
        came_from: Document | None = None,
    ) -> Document:
        """A page or file anywhere, fetched without credentials, redirects followed under the guard.

        Any address but the posted link's counts as led to by it: it reaches what only an allowance opens only
        if the allowance opens the link too. `data` takes JSON and XML as well; `came_from` makes it one more hop of
        that fetch.
        """
        link = Link.parse(address, max_chars=self._limits.redirect_target_chars)
        posted = self._site.link
        is_posted = posted is None or link.address == posted.address
        guard = self._site.guard if is_posted or self._is_opened(posted) else self._site.guard.strict()
        found = self._pages.fetch(link, guard, Wish(self._site.language, enough, data), came_from=came_from)
        if is_posted:
            self._posted = found
        return found

    def fetch_end(self, document: Document, max_bytes: int) -> bytes | None:
        """The last bytes of a file that was read in part, by one ranged request; None where the site cannot."""
        return self._pages.fetch_end(document, max_bytes, self._site.guard)

    def _is_opened(self, posted: Link | None) -> bool:
        if self._posted is not None:
            return self._posted.opened
        return posted is not None and self._site.guard.names(Target.of(posted))

    def _write(self, method: str, segments: tuple[str | int, ...], content: object) -> Reply:
        headers = self._headers(None)
        body = None
        if content is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(content, separators=(",", ":")).encode()
        elif method != "DELETE":
            body = b""
        with self._noting_change():
            reply = self._call(method, self._target(segments, ""), headers, body)
            if 200 <= reply.status < 300:
                return reply
            raise self._refusal(reply.status)

    @contextmanager
    def _noting_change(self) -> Iterator[None]:
        """What is sent may change something, unless the system says no to it."""
        before, self.changed = self.changed, True
        try:
            yield
        except (AccessDenied, NotFound, ActionRefused, RateLimited):
            self.changed = before
            raise

    def _target(self, segments: tuple[str | int, ...], query: str) -> Target:
        path = quote_segments(segments) if segments else ""
        base = self._base
        return Target(base.scheme, base.host, base.port, (base.path.rstrip("/") + path or "/") + query)

    def _headers(self, more: Mapping[str, str] | None) -> dict[str, str]:
        headers = {
            "User-Agent": self._user_agent,
            "Accept": "application/json",
            "Accept-Language": self._site.language,
            "Accept-Encoding": "gzip, deflate",
        }
        for name, value in {**self._site.headers, **(more or {})}.items():
            headers[name.title() if name.title() in headers else name] = value
        return headers

    def _call(self, method: str, target: Target, headers: dict[str, str], body: bytes | None) -> Reply:
        """Send with the viewer's credentials, redirects within the origin followed for reading."""
        whom = (self._base.origin, self._site.authorization or "")
        if self._site.authorization is not None:
            headers = {**headers, "Authorization": self._site.authorization}
        target_now = target
        with self._turns.take(target.place, self._turn_s):
            self._pacing.check(*whom)
            deadline = Deadline.after(self._limits.api_call_s, "api_call_s")
            for _ in range(self._limits.redirects + 1):
                call = Call(method, target_now, headers, self._site.guard, self._times, "api", body, keep=True)
                with self._circuits.watching("api", *whom) as fail:
                    with self._session.send(call, deadline) as exchange:
                        if exchange.status in _REDIRECTS and method == "GET":
                            target_now = self._redirect(target_now, exchange)
                            continue
                        reply = self._reply(exchange)
                    self._note_budget(reply, whom)
                    if reply.status >= 500:
                        fail()
                return reply
        raise LimitExceeded(f"The site redirects more than {self._limits.redirects} times.", limit="redirects")

    def _redirect(self, target: Target, exchange: Exchange) -> Target:
        location = exchange.headers.get("location", "")
        there = Target.of(follow(target.url, location, self._limits.redirect_target_chars))
        if (there.scheme, there.host, there.port) != (target.scheme, target.host, target.port):
            raise UpstreamOdd("The site redirects its own interface elsewhere.", reason="redirect-elsewhere")
        return there

    def _reply(self, exchange: Exchange) -> Reply:
        if 200 <= exchange.status < 300:
            return Reply(exchange.status, exchange.headers, exchange.body(self._limits.api_bytes, "api_bytes"))
        try:
            # Read so that the connection can be used again; what it says matters only where a limit hides behind 403.
            body = exchange.body(_ERROR_BYTES, "api_bytes")
        except (LimitExceeded, UpstreamDown, UpstreamOdd):
            body = b""
        return Reply(exchange.status, exchange.headers, body)

    def _failure(self, status: int) -> UnfurlError:
        """What a refused reading means; 401 to somebody's own account, that the account is not accepted."""
        if status == 401 and self._site.viewer and self._site.authorization is not None:
            return AccessDenied("The other system does not accept this account any more.", reason=ACCOUNT_REFUSED)
        return _failure(status)

    def _refusal(self, status: int) -> UnfurlError:
        failure = self._failure(status)
        if isinstance(failure, (AccessDenied, NotFound, UpstreamDown)):
            return failure
        return ActionRefused(_REFUSALS.get(status, "The other system refuses this."), reason="action-refused")

    def _note_budget(self, reply: Reply, whom: tuple[str, str]) -> None:
        """Remember what is said about patience. Raises RateLimited where the answer is that."""
        now = self._pacing.now
        left = budget_left(reply.headers)
        if left is not None and self._site.budget is not None:
            self._site.budget(left)
        spent = budget_spent_until(reply.headers, now)
        until = retry_at(reply.headers, now, self._limits.retry_after_s) or spent
        refused = reply.status == 429 or (
            reply.status == 403 and (until is not None or _LIMIT_WORDS.search(reply.body) is not None)
        )
        if refused and until is None:
            until = now + timedelta(seconds=_SECONDARY_S)
        held = until if refused or reply.status == 503 else spent
        if held is not None:
            self._pacing.hold(held, *whom)
        if refused or (reply.status == 503 and until is not None):
            raise patience(until)


_REFUSALS = {
    400: "The other system does not understand this.",
    405: "The other system does not allow this in the present state.",
    409: "It has changed in the meantime; look at it again.",
    412: "It has changed in the meantime; look at it again.",
    422: "The other system does not accept this in the present state.",
    423: "It is locked in the other system.",
}


def _failure(status: int) -> UnfurlError:
    if status in (404, 410):
        return NotFound("The other system does not have this.")
    if status in (401, 403):
        return AccessDenied("The other system wants an account that may see this.")
    if status >= 500:
        return UpstreamDown("The other system is out of order.", reason="upstream-status")
    return NothingToShow("The other system does not answer this.", reason="upstream-status")
