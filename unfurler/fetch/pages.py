"""Pages or files anywhere: one fetch with its hops, without credentials."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from time import monotonic

from unfurler.fetch.answer import CUT_SHORT
from unfurler.fetch.circuits import Circuits
from unfurler.fetch.deadline import Deadline, Times
from unfurler.fetch.decoding import Read
from unfurler.fetch.guard import Guard
from unfurler.fetch.meaning import content_type, fresh_s, retry_at, robots
from unfurler.fetch.pacing import Pacing, patience
from unfurler.fetch.redirects import follow
from unfurler.fetch.session import Call, Exchange, Session
from unfurler.fetch.target import Target
from unfurler.fetch.turns import Turns
from unfurler.limits import Limits
from unfurler.sdk.api import Document
from unfurler.sdk.errors import (
    AccessDenied,
    LimitExceeded,
    NotFound,
    NothingToShow,
    UnfurlError,
    UpstreamDown,
)
from unfurler.sdk.link import Link

HTML_TYPES = frozenset({"text/html", "application/xhtml+xml", ""})
DATA_TYPES = frozenset({"application/json", "text/json", "application/xml", "text/xml"})
_FILE = re.compile(r"(?:image|video|audio)/.+|application/(?:pdf|x-pdf)")
_NOT_HTML = (b"%PDF-", b"\x89PNG\r\n\x1a\n", b"PK\x03\x04", b"\x1f\x8b")
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ACCEPT = "text/html,application/xhtml+xml,*/*;q=0.5"
_ACCEPT_DATA = "application/json,application/xml;q=0.8,text/xml;q=0.8"
_RANGE = re.compile(r"bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18})", re.ASCII)

Enough = Callable[[bytes], bool]


@dataclass(frozen=True, slots=True)
class Fetched(Document):
    """A document with how it was reached: what a further fetch on its behalf may do depends on it.

    `opened` says that an allowance opened every hop to it, `hops` how many redirects there were, `spent_s` how long
    it took.
    """

    opened: bool = False
    hops: int = 0
    spent_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Wish:
    """What the caller wants of a fetch."""

    language: str = "en"
    enough: Enough | None = None
    data: bool = False
    file_bytes: int | None = None


class Pages:
    """Fetches from anywhere that the guard lets through."""

    def __init__(
        self,
        session: Session,
        turns: Turns,
        pacing: Pacing,
        circuits: Circuits,
        limits: Limits,
        user_agent: str,
        turn_s: float,
    ) -> None:
        self._session = session
        self._turns = turns
        self._pacing = pacing
        self._circuits = circuits
        self._limits = limits
        self._user_agent = user_agent
        self._turn_s = turn_s
        self._times = Times.of_page(limits)

    def fetch(self, link: Link, guard: Guard, wish: Wish = Wish(), *, came_from: Document | None = None) -> Fetched:
        """What stands behind a link, redirects followed.

        `came_from` is the page that leads there by itself (a meta refresh, an oEmbed address): this is one more hop
        of the fetch of that page then. Raises NothingToShow and its kinds, AddressRefused, LimitExceeded, RateLimited
        and the other Upstream errors; BadLink never, for a redirect to what is no link is the site's fault.
        """
        before = came_from if isinstance(came_from, Fetched) else None
        if came_from is not None and (before is None or not before.opened):
            guard = guard.strict()
        hops = before.hops + 1 if before is not None else 0
        whole_s = self._limits.page_fetch_s - (before.spent_s if before is not None else 0.0)
        deadline: Deadline | None = None
        began = monotonic()
        while True:
            if hops > self._limits.redirects:
                raise LimitExceeded(f"The site redirects more than {self._limits.redirects} times.", limit="redirects")
            target = Target.of(link)
            with self._turns.take(target.place, self._turn_s if deadline is None else deadline.left_s()):
                self._pacing.check(target.authority)
                if deadline is None:
                    # Waiting for a turn is not the site's fault: its time begins here.
                    began = monotonic()
                    deadline = Deadline.after(whole_s, "page_fetch_s")
                with self._circuits.watching("page", target.authority):
                    found = self._hop(link, target, guard, wish, deadline)
            if isinstance(found, Fetched):
                return replace(found, hops=hops, spent_s=monotonic() - began + self._limits.page_fetch_s - whole_s)
            link, opened = found
            if not opened:
                guard = guard.strict()
            hops += 1

    def fetch_end(self, document: Document, max_bytes: int, guard: Guard) -> bytes | None:
        """The last bytes of a file by one ranged request; None where the site cannot, or does not answer."""
        rules = guard if isinstance(document, Fetched) and document.opened else guard.strict()
        try:
            target = Target.of(Link.parse(document.url, max_chars=self._limits.redirect_target_chars))
            deadline = Deadline.after(self._limits.page_fetch_s, "page_fetch_s")
            headers = {**self._headers(Wish()), "Accept-Encoding": "identity", "Range": f"bytes=-{max_bytes}"}
            with (
                self._turns.take(target.place, self._turn_s),
                self._session.send(Call("GET", target, headers, rules, self._times, "file-end"), deadline) as exchange,
            ):
                return exchange.body(max_bytes, "file_head_bytes") if _is_end(exchange, max_bytes) else None
        except UnfurlError:
            return None

    def _hop(
        self, link: Link, target: Target, guard: Guard, wish: Wish, deadline: Deadline
    ) -> Fetched | tuple[Link, bool]:
        """The document, or where to go from here together with whether an allowance opened this hop."""
        call = Call("GET", target, self._headers(wish), guard, self._times, "page")
        with self._session.send(call, deadline) as exchange:
            if exchange.status in _REDIRECTS:
                # The body is never read: leaving here closes the connection.
                location = exchange.headers.get("location", "")
                return follow(link.address, location, self._limits.redirect_target_chars), exchange.opened
            self._judge_status(target, exchange)
            return self._document(link, exchange, wish)

    def _judge_status(self, target: Target, exchange: Exchange) -> None:
        status = exchange.status
        if status == 200:
            return
        if status in (404, 410):
            raise NotFound("The site does not have this page.")
        if status in (401, 403):
            raise AccessDenied("The site wants an account for this page.")
        if status == 429 or 500 <= status < 600:
            until = retry_at(exchange.headers, self._pacing.now, self._limits.retry_after_s)
            if until is not None and status in (429, 503):
                self._pacing.hold(until, target.authority)
            if status == 429 or (status == 503 and until is not None):
                raise patience(until)
            raise UpstreamDown("The site is out of order.", reason="upstream-status")
        raise NothingToShow("The site does not answer with a page.", reason="upstream-status")

    def _document(self, link: Link, exchange: Exchange, wish: Wish) -> Fetched:
        kind, charset = content_type(exchange.fields)
        is_page = kind in HTML_TYPES
        is_data = wish.data and (kind in DATA_TYPES or kind.endswith(("+json", "+xml")))
        if not (is_page or is_data or _FILE.fullmatch(kind)):
            raise NothingToShow("This is neither a page nor a file with a preview.", reason="not-a-page")
        limit = self._limits.page_bytes
        if not (is_page or is_data):
            limit = wish.file_bytes or self._limits.file_head_bytes
        encoded = bool(exchange.headers.get("content-encoding"))
        announced = exchange.announced
        body, whole = _read(exchange.reader(limit), limit, wish.enough if is_page else None)
        if is_page and body.startswith(_NOT_HTML):
            raise NothingToShow("This is neither a page nor a file with a preview.", reason="not-a-page")
        nosnippet, noarchive = robots(exchange.fields)
        return Fetched(
            url=link.url,
            content_type=kind,
            charset=charset,
            body=body,
            size=None if encoded else announced if announced is not None else len(body) if whole else None,
            whole=whole,
            is_page=is_page,
            nosnippet=nosnippet,
            noarchive=noarchive,
            fresh_s=fresh_s(exchange.headers),
            opened=exchange.opened,
        )

    def _headers(self, wish: Wish) -> dict[str, str]:
        return {
            "User-Agent": self._user_agent,
            "Accept": _ACCEPT_DATA if wish.data else _ACCEPT,
            "Accept-Language": wish.language,
            "Accept-Encoding": "gzip, deflate",
            "Connection": "close",
        }


def _read(read: Read, limit: int, enough: Enough | None) -> tuple[bytes, bool]:
    """As much of a body as is wanted, with whether that is all of it.

    Too much of anything ends the reading; what came until then may make a card. A body that ends before its
    announced length is taken as it is too: the length may well be what is wrong.
    """
    body = bytearray()
    asked_at = 0
    try:
        while piece := read(limit + 1 - len(body)):
            body += piece
            if len(body) > limit:
                return bytes(body[:limit]), False
            # Asked in growing steps: each time costs a copy.
            if enough is not None and len(body) - asked_at > asked_at >> 4:
                asked_at = len(body)
                if enough(bytes(body)):
                    return bytes(body), False
    except LimitExceeded:
        return bytes(body), False
    except UpstreamDown as error:
        if error.reason != CUT_SHORT or not body:
            raise
        return bytes(body), False
    return bytes(body), True


def _is_end(exchange: Exchange, max_bytes: int) -> bool:
    """Whether this is a part of the file as it is, reaches to its end, and is no longer than asked."""
    shape = _RANGE.fullmatch(exchange.headers.get("content-range", ""))
    if exchange.status != 206 or shape is None or "content-encoding" in exchange.headers:
        return False
    first, last, total = (int(one) for one in shape.groups())
    return first <= last == total - 1 and last - first < max_bytes
