"""What a provider is handed to reach its system with, for one site and one viewer."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel, ValidationError

from unfurler.sdk.errors import UpstreamOdd

_MAY_BE_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]|\xed[\xa0-\xbf]")

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Reply:
    """A successful answer of an API: `headers` has lower-case names, `body` the decompressed bytes."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    def json(self) -> Any:
        """The body as JSON without lone surrogates. Raises UpstreamOdd where it is none, or nested beyond reason."""
        try:
            found = json.loads(self.body)
            if _MAY_BE_SURROGATE.search(self.body):
                # Neither a cache nor a chat takes half of a character.
                found = json.loads(json.dumps(found, ensure_ascii=False).encode("utf-8", "ignore"))
        except (ValueError, RecursionError) as error:
            raise UpstreamOdd("The answer is not the JSON that was asked for.", reason="upstream-not-json") from error
        return found

    def parse(self, model: type[Model]) -> Model:
        """The body as `model`. Raises UpstreamOdd naming model and field, never quoting a value."""
        try:
            return model.model_validate(self.json())
        except ValidationError as error:
            where = ".".join(str(part) for part in error.errors(include_input=False, include_url=False)[0]["loc"])
            raise UpstreamOdd(
                f"The answer does not fit {model.__name__} at {where or 'its top'}.",
                reason="upstream-odd-reply",
            ) from None

    @property
    def text(self) -> str:
        """The body as UTF-8, undecodable bytes replaced."""
        return self.body.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Document:
    """What stands behind an address: a page or a file, as far as it was read.

    `url` is the final address after redirects; `content_type` lower case without parameters, "" if none was given;
    `charset` from the header or None; `size` the whole length in bytes where the server said it; `whole` says that
    the body is complete; `is_page` that it is HTML; `nosnippet` and `noarchive` are what `X-Robots-Tag` said; `fresh_s`
    what `Cache-Control` allows, None where it says nothing.
    """

    url: str
    content_type: str
    charset: str | None
    body: bytes = field(repr=False)
    size: int | None = None
    whole: bool = True
    is_page: bool = True
    nosnippet: bool = False
    noarchive: bool = False
    fresh_s: float | None = None


class Api(Protocol):
    """Requests to one site on behalf of one viewer, under the address guard, the limits and the site's budget.

    Paths are given as segments, each quoted. A failure is an error of `unfurler.sdk.errors`: NotFound for 404 and
    410, AccessDenied for 401 and 403, RateLimited with the time to try again, UpstreamSlow, UpstreamDown; for the
    writing methods ActionRefused with a sentence for the person who pressed the button.
    """

    site_url: str
    # Whether anything may have been changed through it: something was sent that was not refused.
    changed: bool

    def get(
        self,
        *segments: str | int,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Read; answered from memory where the system says 304."""
        ...

    def post(self, *segments: str | int, json: object = None) -> Reply:
        """Write; never repeated by itself."""
        ...

    def put(self, *segments: str | int, json: object = None) -> Reply:
        """Write; never repeated by itself."""
        ...

    def patch(self, *segments: str | int, json: object = None) -> Reply:
        """Write; never repeated by itself."""
        ...

    def delete(self, *segments: str | int) -> Reply:
        """Write; never repeated by itself."""
        ...

    def graphql(self, query: str, variables: Mapping[str, object] | None = None) -> Any:
        """The `data` of a GraphQL answer. A mutation counts as writing, and is never repeated by itself."""
        ...

    def fetch(
        self,
        address: str,
        *,
        enough: Callable[[bytes], bool] | None = None,
        data: bool = False,
        came_from: Document | None = None,
    ) -> Document:
        """A page or file anywhere, fetched without credentials, redirects followed under the guard.

        `enough` says of the bytes so far that no more are needed; `data` takes JSON and XML as well. `came_from` is the
        page that leads there: its time and its hops count too.
        """
        ...

    def fetch_end(self, document: Document, max_bytes: int) -> bytes | None:
        """The last bytes of a file that was read in part, by one ranged request; None where the site cannot."""
        ...


@dataclass(frozen=True, slots=True)
class Click:
    """A press of a button: who (an opaque id, the same for the same person and organization), and when (UTC)."""

    person: str
    at: datetime
