"""Requests to one Space server: a few at a time, tried again with patience where that may help (PROTOCOL 4)."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

from unfurler.fetch import RawReply
from unfurler.limits import Limits
from unfurler.sdk.errors import UnfurlError, Upstream
from unfurler.space.errors import RateLimited, SpaceError, Unavailable, error_of

Answer = TypeVar("Answer")

_TRIES = 5
_FIRST_WAIT_S = 0.5
_WAIT_GROWTH = 1.5
_MAX_WAIT_S = 15.0
_PARALLEL = 2


class Outbound(Protocol):
    """The guarded way out. Follows no redirect and judges no status; raises errors of `unfurler.sdk.errors`."""

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None,
        json: object | None = None,
        data: Mapping[str, str] | None = None,
        timeout_s: float,
        max_bytes: int,
    ) -> RawReply: ...


class Server:
    """One Space server, asked for one installation; threads may share it.

    `url` must have been judged before (PROTOCOL 3.5). `clock` is monotonic, in seconds. What is asked for takes, with
    its waiting and its further tries, at most `patience_s`.
    """

    def __init__(
        self,
        url: str,
        outbound: Outbound,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
        limits: Limits | None = None,
        patience_s: float = 60.0,
    ) -> None:
        self.url = url.rstrip("/")
        self.clock = clock
        self._outbound = outbound
        self._sleep = sleep
        self._jitter = jitter
        self._limits = limits or Limits()
        self._patience_s = patience_s
        self._epoch = 0
        self._epoch_lock = threading.Lock()
        self._places = threading.BoundedSemaphore(_PARALLEL)

    def patience_ends(self) -> float:
        """When what begins now has to have ended, by the clock."""
        return self.clock() + self._patience_s

    def persist(self, attempt: Callable[[], Answer], *, repeat: bool, until: float) -> Answer:
        """The answer of the first attempt that gives one; `repeat` allows an effect to happen twice."""
        wait_s = _FIRST_WAIT_S
        for tried in range(1, _TRIES + 1):
            try:
                return attempt()
            except (RateLimited, Unavailable) as error:
                # A refused request had no effect; a lost answer may have had one.
                may_repeat = repeat or isinstance(error, RateLimited)
                pause_s = max(min(wait_s * (1 + self._jitter() / 2), _MAX_WAIT_S), error.retry_after_s or 0.0)
                if not may_repeat or tried == _TRIES or pause_s > _MAX_WAIT_S or self.clock() + pause_s >= until:
                    raise
            self._sleep(pause_s)
            wait_s = min(wait_s * _WAIT_GROWTH, _MAX_WAIT_S)
        raise AssertionError("the last try returns or raises")

    def exchange(
        self,
        method: str,
        path: str,
        authorization: str,
        *,
        until: float,
        body: object | None = None,
        form: Mapping[str, str] | None = None,
    ) -> RawReply:
        """One request, and its answer where that is a success. Raises SpaceError.

        `path` may hold a query; `body` is sent as JSON, `form` as a form.
        """
        try:
            with self._places:
                reply = self._outbound.request(
                    method,
                    self.url + path,
                    headers=self._headers(authorization, has_json=body is not None),
                    json=body,
                    data=form,
                    timeout_s=max(0.1, min(self._limits.space_call_s, until - self.clock())),
                    max_bytes=self._limits.api_bytes,
                )
        except Upstream as error:
            raise Unavailable(error.reason) from error
        except UnfurlError as error:
            raise SpaceError(error.reason) from error
        self._note_epoch(reply.headers.get("epoch", ""))
        if not 200 <= reply.status < 300:
            raise error_of(reply.status, reply.headers, reply.body)
        return reply

    def _headers(self, authorization: str, *, has_json: bool) -> dict[str, str]:
        headers = {"Accept": "application/json", "Authorization": authorization}
        if self._epoch:
            headers["epoch"] = str(self._epoch)
        if has_json:
            headers["Content-Type"] = "application/json; charset=utf-8"
        return headers

    def _note_epoch(self, text: str) -> None:
        if text.isascii() and text.isdigit() and len(text) < 20:
            with self._epoch_lock:
                self._epoch = max(self._epoch, int(text))
