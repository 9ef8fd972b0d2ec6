"""What tests of providers stand on: links matched as the service matches them, an API that answers what was recorded.

A test file of a provider has two tables. CLAIMS: address, name of the function, its arguments. REFUSES: addresses
that match nothing, or whose function raises NothingToShow before it asks for anything.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlencode

from unfurler.engine.registry import Installed, Match, Registry
from unfurler.sdk import (
    AccessDenied,
    ActionRefused,
    Card,
    Click,
    Document,
    Link,
    NotFound,
    Provider,
    RateLimited,
    Reply,
)
from unfurler.sdk.errors import UpstreamDown, UpstreamSlow
from unfurler.sdk.link import quote_segments
from unfurler.sdk.provider import Action

DOMAINS = ("example.com", "example.org")
RETRY_AT = datetime(2030, 1, 1, tzinfo=UTC)
CLICK = Click("person", datetime(2026, 10, 1, 12, 0, tzinfo=UTC))
# `UNFURLER_GOLDEN=write python -m pytest tests/providers` writes the golden cards anew; read the diff.
_WRITES_GOLDEN = os.environ.get("UNFURLER_GOLDEN") == "write"

_OPERATION = re.compile(r"\s*(query|mutation) (\w+)")
_registries: dict[tuple[int, str | None], Registry] = {}

Recorded = Any
"""A reply: JSON (dict or list), bytes, the Path of a `.json` or other file, an HTTP status, or an error to raise."""


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


def match(provider: Provider, url: str, site_url: str | None = None) -> Match | None:
    """How the service reads the address when this provider alone is there."""
    return _registry(provider, site_url).match(Link.parse(url))


def card_of(
    provider: Provider,
    url: str,
    replies: Mapping[str, Recorded] | None = None,
    *,
    pages: Mapping[str, Document | str | Exception] | None = None,
    api: RecordedApi | None = None,
    site_url: str | None = None,
) -> Card:
    """The card of an address, from recorded replies. Raises what the provider raises."""
    found = match(provider, url, site_url)
    assert found is not None, f"{provider.name} does not claim {url}"
    api = api or RecordedApi(replies or {}, pages or {})
    api.site_url = found.site.url
    return found.rule.function(found.link, api, **found.arguments)


def press(provider: Provider, action: Action, url: str, api: RecordedApi, **more: str) -> str:
    """What the action says that the button of the address's card asks for. Raises what the action raises."""
    found = match(provider, url)
    assert found is not None, f"{provider.name} does not claim {url}"
    arguments = found.arguments_of(action)
    assert arguments is not None, f"{url} does not give all of {action.arguments}"
    return action.function(CLICK, api, **arguments, **more)


def as_json(card: Card) -> dict[str, Any]:
    """A card as JSON: what is empty left out, times in ISO 8601."""
    bare: dict[str, Any] = json.loads(json.dumps(_bare(asdict(card)), default=lambda when: when.isoformat()))
    return bare


def assert_golden(card: Card, path: Path) -> None:
    """The card is the one that was agreed on; UNFURLER_GOLDEN=write agrees on the new one."""
    written = json.dumps(as_json(card), indent=2, ensure_ascii=False) + "\n"
    if _WRITES_GOLDEN:
        path.write_text(written, encoding="utf-8")
    assert written == path.read_text(encoding="utf-8"), f"{path.name} is another card"


def claims_of(module: ModuleType) -> list[tuple[str, str, dict[str, Any]]]:
    """The table CLAIMS of a provider's test file."""
    return list(module.CLAIMS)


def _registry(provider: Provider, site_url: str | None) -> Registry:
    key = (id(provider), site_url)
    if key not in _registries:
        if provider.sites.any_domain:
            _registries[key] = Registry([Installed(provider, (), DOMAINS)])
        else:
            site = provider.sites.instance(site_url) if site_url else provider.sites.public
            assert site is not None, f"{provider.name} has no public site; give site_url"
            _registries[key] = Registry([Installed(provider, (site,))])
    return _registries[key]


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
    if isinstance(recorded, Path):
        return recorded.read_bytes()
    return json.dumps(recorded).encode()


def _bare(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _bare(item) for key, item in value.items() if item not in (None, "", (), [], False)}
    return [_bare(item) for item in value] if isinstance(value, list | tuple) else value
