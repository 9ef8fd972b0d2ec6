"""Everything that can end a link, a fetch or a click early, as one tree.

    UnfurlError                 a stable reason, whether trying again helps, and a sentence for a person
    ├── BadLink                 not a link we take: malformed, too long, another scheme
    ├── NothingToShow           understood, but there is no preview to make of it
    │   ├── NotFound            the source says 404 or 410, or hides that it is there
    │   └── AccessDenied        the source wants an account (401, 403)
    ├── AddressRefused          the guard refuses to dial this address
    ├── LimitExceeded           an answer went beyond one of our limits, which it names
    ├── Upstream                the source did not answer as it should
    │   ├── UpstreamSlow        not in time; trying again may help
    │   ├── UpstreamDown        no connection, 5xx, cut off; trying again may help
    │   ├── UpstreamOdd         an answer we cannot read; trying again does not help
    │   ├── RateLimited         asked for patience, with the time when it may be tried again
    │   └── Paused              failed so often that nobody asks it until a time
    └── ActionRefused           the other system says no to what a button asked for

`reason` is a stable code for logs, metrics and records. The message is for people: it never quotes a link, a
header or a body.
"""

from __future__ import annotations

from datetime import datetime


class UnfurlError(Exception):
    """Why something ended early. `str(error)` is a sentence a person may read."""

    reason = "failed"
    retry = False

    def __init__(self, sentence: str, *, reason: str | None = None, retry: bool | None = None) -> None:
        super().__init__(sentence)
        if reason is not None:
            self.reason = reason
        if retry is not None:
            self.retry = retry


class BadLink(UnfurlError):
    """The text is not a link that we take."""

    reason = "bad-link"


class NothingToShow(UnfurlError):
    """The link was understood, and there is nothing to make a card of."""

    reason = "nothing-to-show"


class NotFound(NothingToShow):
    """The source does not have it, or does not say so to us."""

    reason = "not-found"


class AccessDenied(NothingToShow):
    """The source wants an account that may see it."""

    reason = "access-denied"


class AddressRefused(UnfurlError):
    """The address is one that we do not dial."""

    reason = "address-refused"


class LimitExceeded(UnfurlError):
    """An answer went beyond a limit; `limit` is the field of `Limits` that says how much is allowed."""

    reason = "limit-exceeded"

    def __init__(self, sentence: str, *, limit: str) -> None:
        super().__init__(sentence)
        self.limit = limit


class Upstream(UnfurlError):
    """The source did not answer as it should."""

    reason = "upstream"


class UpstreamSlow(Upstream):
    """The source did not answer in time."""

    reason = "upstream-slow"
    retry = True


class UpstreamDown(Upstream):
    """The source could not be reached, failed, or stopped in the middle."""

    reason = "upstream-down"
    retry = True


class UpstreamOdd(Upstream):
    """The source answered something that we cannot read."""

    reason = "upstream-odd"


class RateLimited(Upstream):
    """The source asks for patience until `retry_at` (UTC; None where it does not say)."""

    reason = "rate-limited"
    retry = True

    def __init__(self, sentence: str, *, retry_at: datetime | None = None) -> None:
        super().__init__(sentence)
        self.retry_at = retry_at


class Paused(Upstream):
    """It failed so often that nobody asks it until `retry_at` (UTC)."""

    reason = "paused"
    retry = True

    def __init__(self, sentence: str, *, reason: str, retry_at: datetime) -> None:
        super().__init__(sentence, reason=reason)
        self.retry_at = retry_at


class ActionRefused(UnfurlError):
    """The other system says no to what a button asked for; the sentence goes to the one who pressed it."""

    reason = "action-refused"
