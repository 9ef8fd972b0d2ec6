"""One request and its answer, under the guard and all limits."""

from __future__ import annotations

import http.client
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import structlog
from urllib3.exceptions import HTTPError

from unfurler.fetch.answer import Answer
from unfurler.fetch.connect import Connection, Connector
from unfurler.fetch.deadline import Deadline, Times
from unfurler.fetch.decoding import Read, decoded
from unfurler.fetch.guard import Guard
from unfurler.fetch.idle import Idle
from unfurler.fetch.target import Target
from unfurler.limits import Limits
from unfurler.sdk.errors import LimitExceeded, UnfurlError, UpstreamDown, UpstreamOdd

log = structlog.stdlib.get_logger(__name__)

# How much more than the body may come off the wire: chunk sizes, empty blocks of a packed stream.
_FRAMING_BYTES = 1_048_576


@dataclass(frozen=True, slots=True)
class Finished:
    """One outbound request that is over, for the log or for metrics. Nothing in it tells which page it was.

    `outcome` is "answered" or "failed", with a stable `reason` then; `limit` names the field of `Limits` exceeded.
    """

    method: str
    host: str
    kind: str
    outcome: str
    reason: str | None
    limit: str | None
    status: int | None
    ms: float
    bytes: int


# The target is for who tells people about their own links; it belongs in no log.
Observe = Callable[[Finished, Target], None]


@dataclass(frozen=True, slots=True)
class Call:
    """A request ready to be sent. `kind` names it in the log; `keep` reuses connections."""

    method: str
    target: Target
    headers: Mapping[str, str] = field(repr=False)
    guard: Guard
    times: Times
    kind: str
    body: bytes | None = field(default=None, repr=False)
    keep: bool = False


class Exchange:
    """The answer to a call, its head read. Only inside the `with` that gave it."""

    def __init__(self, connection: Connection, answer: Answer, limits: Limits) -> None:
        self._answer = answer
        self._limits = limits
        self.status = answer.status
        self.headers: Mapping[str, str] = answer.headers  # type: ignore[assignment]
        self.fields = answer.fields
        self.opened = connection.opened

    def close(self) -> None:
        """Read no more of it: whatever is left stays on the wire."""
        self._answer.close()

    @property
    def received(self) -> int:
        """Bytes from the wire so far."""
        return self._answer.wire.received

    @property
    def announced(self) -> int | None:
        """The length of the undecoded body where the site says it."""
        return self._answer.left

    def reader(self, max_bytes: int) -> Read:
        """Pieces of the decoded body, none at its end. The caller counts what comes out of it.

        Raises LimitExceeded where more than that comes off the wire, and what `decoded` raises.
        """
        wire_limit = self.received + max_bytes + _FRAMING_BYTES

        def raw(size: int) -> bytes:
            if self.received > wire_limit:
                raise LimitExceeded("The site sends more than is read.", limit="page_bytes")
            return self._answer.read_some(size)

        encoding = self.headers.get("content-encoding", "")
        return decoded(raw, encoding, max_layers=self._limits.encodings, max_bytes=2 * max_bytes)

    def body(self, max_bytes: int, limit: str) -> bytes:
        """The whole decoded body. Raises LimitExceeded naming `limit`, and Upstream errors."""
        read = self.reader(max_bytes)
        body = bytearray()
        try:
            while piece := read(max_bytes + 1 - len(body)):
                body += piece
                if len(body) > max_bytes:
                    break
            else:
                return bytes(body)
        except LimitExceeded:
            pass
        raise LimitExceeded(f"The answer is longer than {max_bytes:,} bytes.", limit=limit)


class Session:
    """Sends calls: the only way out."""

    def __init__(self, limits: Limits, connector: Connector, idle: Idle, observe: Observe | None = None) -> None:
        self._limits = limits
        self._connector = connector
        self._idle = idle
        self._observe = observe

    @contextmanager
    def send(self, call: Call, deadline: Deadline) -> Iterator[Exchange]:
        """Send, give the answer, and afterwards keep or close the connection.

        Every failure, of the body of the `with` too, comes out as an error of `unfurler.sdk.errors`; those of the
        libraries below carry addresses in their messages, so they are not chained.
        """
        began = time.monotonic()
        connection: Connection | None = None
        exchange: Exchange | None = None
        failure: UnfurlError | None = None
        try:
            connection, answer = self._exchange(call, deadline)
            exchange = Exchange(connection, answer, self._limits)
            yield exchange
            if not connection.rest():
                raise deadline.slow()
            if call.keep and answer.complete and not answer.will_close:
                self._idle.put(self._key(call), connection)
                connection = None
        except (UnfurlError, OSError, http.client.HTTPException, HTTPError) as error:
            cut = connection is not None and not connection.rest()
            failure = _translated(error, call.times, deadline, cut=cut)
            raise failure from None
        finally:
            if exchange is not None:
                exchange.close()
            if connection is not None:
                connection.close()
            self._finish(call, began, exchange, failure)

    def _exchange(self, call: Call, deadline: Deadline) -> tuple[Connection, Answer]:
        kept = self._idle.take(self._key(call)) if call.keep else None
        if kept is not None:
            try:
                kept.renew(call.times, deadline)
                return kept, self._ask(kept, call)
            except (OSError, http.client.HTTPException) as error:
                kept.close()
                if call.method != "GET" or deadline.passed or isinstance(error, TimeoutError):
                    raise
            except BaseException:
                kept.close()
                raise
        connection = self._connector.connection(call.target, call.guard, call.times, deadline)
        try:
            return connection, self._ask(connection, call)
        except BaseException:
            cut = not connection.rest()
            connection.close()
            if cut:
                raise deadline.slow() from None
            raise

    def _ask(self, connection: Connection, call: Call) -> Answer:
        proxy = self._connector.proxy
        path, headers = call.target.path, {"Host": call.target.authority, **call.headers}
        if proxy is not None and call.target.scheme == "http":
            path, headers = call.target.url, {**headers, **proxy.headers}
        if connection.sock is None:
            connection.connect()
        try:
            connection.request(call.method, path, body=call.body, headers=headers)
        except ValueError:
            # http.client quotes the header that it refuses.
            raise UnfurlError("The request cannot be put together.", reason="request-malformed") from None
        except (BrokenPipeError, ConnectionResetError):
            # Who answers early may stop listening; what he had to say is there to be read.
            if call.body is None or connection.sock is None:
                raise
        return connection.answer()

    def _key(self, call: Call) -> tuple[Guard, str, str, int]:
        return call.guard, call.target.scheme, call.target.host, call.target.port

    def _finish(self, call: Call, began: float, exchange: Exchange | None, failure: UnfurlError | None) -> None:
        facts: dict[str, Any] = {
            "method": call.method,
            "host": call.target.authority,
            "kind": call.kind,
            "outcome": "answered" if failure is None else "failed",
            "reason": failure.reason if failure is not None else None,
            "limit": getattr(failure, "limit", None),
            "status": exchange.status if exchange is not None else None,
            "ms": round((time.monotonic() - began) * 1_000, 1),
            "bytes": exchange.received if exchange is not None else 0,
        }
        log.info("fetch.done", **facts)
        if self._observe is not None:
            self._observe(Finished(**facts), call.target)


def _translated(error: Exception, times: Times, deadline: Deadline, *, cut: bool) -> UnfurlError:
    """The same failure in our words."""
    if cut or (deadline.passed and (isinstance(error, UpstreamDown) or not isinstance(error, UnfurlError))):
        return deadline.slow()
    match error:
        case UnfurlError():
            return error
        case ssl.SSLCertVerificationError():
            return UpstreamDown("The site's certificate is not valid.", reason="certificate-invalid", retry=False)
        case ssl.SSLError():
            return UpstreamDown("No secure connection to the site could be made.", reason="tls-failed")
        case TimeoutError():
            return times.silent()
        case OSError() | http.client.RemoteDisconnected():
            return UpstreamDown("The site closed the connection.", reason="upstream-cut-off")
        case _:
            return UpstreamOdd("What the site answers is not HTTP.", reason="upstream-not-http")
