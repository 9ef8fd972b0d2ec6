"""Recording what a real system answers, with secrets removed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, NoReturn
from urllib.parse import urlencode

from unfurler.sdk.api import Api, Document, Reply
from unfurler.sdk.errors import AccessDenied, ActionRefused, NotFound, UpstreamDown, UpstreamSlow
from unfurler.sdk.link import quote_segments

REMOVED = "removed"
_SECRET_NAME = re.compile(
    r"(?:^|[_-])(?:tokens?|secrets?|passwords?|passwd|authorization|cookies?|signature|credentials?|private_?key"
    r"|api_?key|access_?key|session_?id)(?:$|[_-])",
    re.I,
)
_SECRET_TEXT = re.compile(
    r"gh[pousr]_\w{20,}|github_pat_\w{20,}|gl[a-z]{2,4}-[\w-]{20,}|xox[a-z]-[\w-]{10,}|AKIA[0-9A-Z]{16}"
    r"|eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*"
    r"|-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----[^-]*-----END [A-Z ]{0,20}PRIVATE KEY-----"
)
_SECRET_PARAMETER = re.compile(
    r"([?&;](?:[\w-]{0,20}token|sig|signature|secret|password|api_?key|key|x-amz-[\w-]{1,20})=)[^&#\s\"'<>]+", re.I
)
_USER_IN_URL = re.compile(r"(https?://)[^/\s:@\"']{1,200}:[^/\s@\"']{1,200}@", re.I)
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class RecordingApi:
    """An API that keeps what it reads, and writes nothing. `trouble` is the last time that nobody answered."""

    def __init__(self, api: Api, clean: Callable[[Any], Any]) -> None:
        self.site_url = api.site_url
        self.replies: dict[str, Any] = {}
        self.pages: dict[str, str] = {}
        self.trouble: Exception | None = None
        self._api = api
        self._clean = clean

    def get(
        self,
        *segments: str | int,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Read, and keep the reply or what the failure's status was."""
        path = quote_segments(segments)
        reply: Reply = self._kept(
            f"{path}?{urlencode(params)}" if params else path,
            lambda: self._api.get(*segments, params=params, headers=headers),
            lambda reply: _value(reply.body),
        )
        return reply

    def graphql(self, query: str, variables: Mapping[str, object] | None = None) -> Any:
        """Read, and keep the data by the name of the operation."""
        operation = re.match(r"\s*(query|mutation) (\w+)", query)
        if operation is None or operation[1] == "mutation":
            _refuse()
        return self._kept(operation[2], lambda: self._api.graphql(query, variables), lambda data: data)

    def fetch(
        self,
        address: str,
        *,
        enough: Callable[[bytes], bool] | None = None,
        data: bool = False,
        came_from: Document | None = None,
    ) -> Document:
        """Read, and keep a page; a file is read again by whoever wants it."""
        try:
            found = self._api.fetch(address, enough=enough, data=data, came_from=came_from)
        except (UpstreamDown, UpstreamSlow) as error:
            self.trouble = error
            raise
        if found.is_page or data:
            self.pages[address] = self._clean(found.body.decode(found.charset or "utf-8", "replace"))
        return found

    def fetch_end(self, document: Document, max_bytes: int) -> bytes | None:
        """Read; not kept."""
        return self._api.fetch_end(document, max_bytes)

    def post(self, *segments: str | int, json: object = None) -> Reply:
        """Refused."""
        _refuse()

    put = patch = post

    def delete(self, *segments: str | int) -> Reply:
        """Refused."""
        _refuse()

    def _kept(self, key: str, ask: Callable[[], Any], value: Callable[[Any], Any]) -> Any:
        try:
            found = ask()
        except NotFound:
            self.replies[key] = 404
            raise
        except AccessDenied:
            self.replies[key] = 403
            raise
        except (UpstreamDown, UpstreamSlow) as error:
            self.trouble = error
            raise
        self.replies[key] = self._clean(value(found))
        return found


def cleaner(secrets: list[str]) -> Callable[[Any], Any]:
    """What takes out of a reply: these secrets, members with a secret's name, texts in a secret's form, addresses."""
    own = [secret for secret in secrets if secret]

    def clean(value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            return {key: clean(item, key) for key, item in value.items()}
        if isinstance(value, list):
            return [clean(item, name) for item in value]
        if not isinstance(value, str):
            return value
        if value and _SECRET_NAME.search(_CAMEL.sub("_", name)):
            return REMOVED
        for secret in own:
            value = value.replace(secret, REMOVED)
        value = _SECRET_TEXT.sub(REMOVED, value)
        value = _SECRET_PARAMETER.sub(rf"\g<1>{REMOVED}", value)
        value = _USER_IN_URL.sub(r"\g<1>", value)
        return _MAIL.sub("somebody@example.com", value)

    return clean


def _value(body: bytes) -> Any:
    """JSON where it is that, else text."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return body.decode("utf-8", "replace")
    return found if isinstance(found, dict | list) else body.decode("utf-8", "replace")


def _refuse() -> NoReturn:
    raise ActionRefused("Nothing is changed while replies are recorded.")
