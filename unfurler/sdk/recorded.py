"""An API that answers what was recorded: for tests of providers, and to see their cards without a network."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from unfurler.sdk.api import Document, Reply
from unfurler.sdk.errors import (
    AccessDenied,
    ActionRefused,
    NotFound,
    RateLimited,
    UpstreamDown,
    UpstreamSlow,
)
from unfurler.sdk.link import quote_segments

RETRY_AT = datetime(2030, 1, 1, tzinfo=UTC)
_OPERATION = re.compile(r"\s*(query|mutation) (\w+)")

Recorded = Any
"""A reply: JSON (dict or list), text or bytes as they are, an HTTP status, or an error to raise."""


@dataclass
class RecordedApi:
    """Answers from `replies` by `path`, or `path?query` where the query matters; everything else is a 404.

    What changes something is answered by `METHOD path`, GraphQL by the name of its operation; both are refused where
    nothing is recorded, or a status from 400 on. `calls` are the requests in order, as `GET /path?query`; `sent` the
    bodies and variables of those that change something; `pages` what `fetch` finds at an address.
    """

    replies: Mapping[str, Recorded] = field(default_factory=dict)
    pages: Mapping[str, Document | str | Exception] = field(default_factory=dict)
    site_url: str = "https://site.example"
    calls: list[str] = field(default_factory=list)
    sent: list[object] = field(default_factory=list)
    end: bytes | None = None

    @property
    def writes(self) -> list[str]:
        """The calls that change something."""
        return [call for call in self.calls if not call.startswith(("GET ", "QUERY ", "FETCH ", "END "))]

    def get(
        self,
        *segments: str | int,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        path = quote_segments(segments)
        asked = f"{path}?{urlencode(params)}" if params else path
        self.calls.append(f"GET {asked}")
        return _reply(self.replies[asked] if asked in self.replies else self.replies.get(path, 404))

    def post(self, *segments: str | int, json: object = None) -> Reply:
        return self._write("POST", segments, json)

    def put(self, *segments: str | int, json: object = None) -> Reply:
        return self._write("PUT", segments, json)

    def patch(self, *segments: str | int, json: object = None) -> Reply:
        return self._write("PATCH", segments, json)

    def delete(self, *segments: str | int) -> Reply:
        return self._write("DELETE", segments, None)

    def graphql(self, query: str, variables: Mapping[str, object] | None = None) -> Any:
        operation = _OPERATION.match(query)
        assert operation is not None, "a GraphQL document begins with `query Name` or `mutation Name`"
        call = f"{operation[1].upper()} {operation[2]}"
        self.calls.append(call)
        if operation[1] == "mutation":
            self.sent.append(dict(variables or {}))
            return _accepted(self.replies.get(operation[2], 404)).json()
        return _reply(self.replies.get(operation[2], 404)).json()

    def fetch(
        self,
        address: str,
        *,
        enough: Callable[[bytes], bool] | None = None,
        data: bool = False,
        came_from: Document | None = None,
    ) -> Document:
        self.calls.append(f"FETCH {address}")
        found = self.pages.get(address)
        if found is None:
            raise NotFound("Nothing is recorded for this address.")
        if isinstance(found, Exception):
            raise found
        if isinstance(found, str):
            found = Document(address, "application/json" if data else "text/html", "utf-8", found.encode())
        if enough is not None:
            enough(found.body)
        return found

    def fetch_end(self, document: Document, max_bytes: int) -> bytes | None:
        self.calls.append(f"END {document.url}")
        return self.end[-max_bytes:] if self.end else None

    def _write(self, method: str, segments: tuple[str | int, ...], sent: object) -> Reply:
        path = quote_segments(segments)
        self.calls.append(f"{method} {path}")
        self.sent.append(sent)
        return _accepted(self.replies.get(f"{method} {path}", 404))


def _accepted(recorded: Recorded) -> Reply:
    """What writing gives: refusals in place of what reading says to a status."""
    if isinstance(recorded, int) and recorded >= 400:
        raise ActionRefused("The other system says no.")
    return _reply(recorded)


def _reply(recorded: Recorded) -> Reply:
    if isinstance(recorded, Exception):
        raise recorded
    if isinstance(recorded, bool) or not isinstance(recorded, int):
        return Reply(200, {"content-type": "application/json"}, _body(recorded))
    match recorded:
        case 401 | 403:
            raise AccessDenied("The source wants an account.")
        case 404 | 410:
            raise NotFound("The source does not have it.")
        case 429:
            raise RateLimited("The source asks for patience.", retry_at=RETRY_AT)
        case 504:
            raise UpstreamSlow("The source did not answer in time.")
        case _ if recorded >= 400:
            raise UpstreamDown("The source failed.")
    return Reply(recorded, {}, b"")


def _body(recorded: Recorded) -> bytes:
    if isinstance(recorded, bytes):
        return recorded
    if isinstance(recorded, str):
        return recorded.encode()
    return json.dumps(recorded).encode()
