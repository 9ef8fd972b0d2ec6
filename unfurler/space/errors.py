"""Everything that can go wrong when we call Space, as one tree (PROTOCOL 4.2).

    SpaceError               a stable code, whether trying again helps, whether somebody over there must act first
    ├── NotAuthorized        our token is not accepted
    │   ├── InvalidClient    our credentials are not accepted: the secret was changed, or we were removed
    │   └── TokenRevoked     a new token does not help either: the user must authorize again
    ├── PermissionDenied     a right is missing or not yet approved
    ├── NotFound             it is gone, or never was
    ├── Rejected             our request is wrong, or in conflict
    ├── TooLarge             send less at once
    ├── RateLimited          send more slowly, with the seconds to wait where Space says so
    └── Unavailable          no answer, a server error
        └── OddAnswer        an answer that we cannot read

`code` is Space's own, fit for a log; `reason` is one that we know, and does not come from whoever answered. Messages
quote nothing of what was sent or received.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

_CODE = re.compile(r"[a-z0-9_.-]{1,64}", re.ASCII | re.I)


class SpaceError(Exception):
    """A call of Space failed.

    `retry` says that the same call may work later, `blocked` that somebody over there must act first.
    """

    retry = False
    blocked = False

    def __init__(
        self,
        code: str,
        *,
        status: int | None = None,
        retry_after_s: float | None = None,
        reason: str | None = None,
    ) -> None:
        super().__init__(f"Space answered {code} with status {status}" if status else f"Space was not reached: {code}")
        self.code = code
        self.reason = reason or code
        self.status = status
        self.retry_after_s = retry_after_s


class NotAuthorized(SpaceError):
    """Space does not accept our token."""

    blocked = True


class InvalidClient(NotAuthorized):
    """Space does not accept our credentials."""


class TokenRevoked(NotAuthorized):
    """The user must authorize again."""


class PermissionDenied(SpaceError):
    """A right is missing or waits for an administrator."""

    blocked = True


class NotFound(SpaceError):
    """What the call is about is not there."""


class Rejected(SpaceError):
    """The request is wrong or in conflict with something."""


class TooLarge(SpaceError):
    """The request is too large."""


class RateLimited(SpaceError):
    """Too many requests."""

    retry = True


class Unavailable(SpaceError):
    """No answer, or one that says the server is in trouble."""

    retry = True


class OddAnswer(Unavailable):
    """An answer that we cannot read."""


_BY_CODE: Mapping[str, type[SpaceError]] = {
    "authentication-required": NotAuthorized,
    "permission-denied": PermissionDenied,
    "not-found": NotFound,
    "validation-error": Rejected,
    "request-error": Rejected,
    "duplicated-entity": Rejected,
    "payload-too-large": TooLarge,
    "rate-limited": RateLimited,
    "internal-server-error": Unavailable,
    # Of the token endpoint (RFC 6749 5.2)
    "invalid_client": InvalidClient,
    "unauthorized_client": InvalidClient,
    "invalid_grant": NotAuthorized,
    "invalid_scope": Rejected,
    "invalid_request": Rejected,
    "unsupported_grant_type": Rejected,
}
_BY_STATUS: Mapping[int, type[SpaceError]] = {
    401: NotAuthorized,
    403: PermissionDenied,
    404: NotFound,
    408: Unavailable,
    413: TooLarge,
    429: RateLimited,
    431: TooLarge,
}


def error_of(status: int, headers: Mapping[str, str], body: bytes) -> SpaceError:
    """The error in an answer: by its code, else by its status."""
    answer = _object(body)
    code = answer.get("error")
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        code = f"http-{status}"
    kind = _BY_CODE.get(code) or _BY_STATUS.get(status)
    if kind is None:
        kind = Unavailable if status >= 500 else Rejected if 400 <= status < 500 else OddAnswer
    if kind is NotAuthorized and "revoked" in str(answer.get("error_description")):
        kind = TokenRevoked
    reason = code if code in _BY_CODE else f"http-{status}"
    return kind(code, status=status, retry_after_s=_retry_after(headers), reason=reason)


def _object(body: bytes) -> Mapping[str, object]:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds; the form with a date is not worth a clock of its own."""
    text = headers.get("retry-after", "").strip()
    return float(text) if re.fullmatch(r"[0-9]{1,6}", text) else None
