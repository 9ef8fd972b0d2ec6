"""The moment at which something must have ended."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Self

from unfurler.limits import Limits
from unfurler.sdk.errors import UpstreamSlow


@dataclass(frozen=True, slots=True)
class Deadline:
    """`at` is on the monotonic clock; `whole_s` what was allowed; `limit` the field of `Limits` that says so."""

    at: float
    whole_s: float
    limit: str

    @classmethod
    def after(cls, seconds: float, limit: str) -> Self:
        """That many seconds from now."""
        return cls(time.monotonic() + seconds, seconds, limit)

    @property
    def passed(self) -> bool:
        """Whether the time is over."""
        return time.monotonic() >= self.at

    def left_s(self) -> float:
        """What remains. Raises UpstreamSlow where nothing does."""
        left = self.at - time.monotonic()
        if left <= 0:
            raise self.slow()
        return left

    def slow(self) -> TooSlow:
        """The error that says so."""
        return TooSlow("The site did not finish its answer within {} seconds.", self.whole_s, self.limit)


@dataclass(frozen=True, slots=True)
class Times:
    """How long each step of one request may take, within its deadline, and which fields of `Limits` say so."""

    dns_s: float
    connect_s: float
    gap_s: float
    connect_limit: str = "connect_s"
    gap_limit: str = "read_gap_s"

    @classmethod
    def of_page(cls, limits: Limits) -> Self:
        """For pages."""
        return cls(limits.dns_s, limits.connect_s, limits.read_gap_s)

    @classmethod
    def of_api(cls, limits: Limits) -> Self:
        """For APIs, Space among them."""
        return cls(limits.dns_s, limits.api_connect_s, limits.api_read_s, "api_connect_s", "api_read_s")

    def silent(self) -> TooSlow:
        """The error for a gap that was too long."""
        return TooSlow("The site said nothing for {} seconds.", self.gap_s, self.gap_limit)

    def unconnected(self) -> TooSlow:
        """The error for a connection that was not taken."""
        return TooSlow("The site did not take a connection within {} seconds.", self.connect_s, self.connect_limit)


class TooSlow(UpstreamSlow):
    """UpstreamSlow with the field of `Limits` that was exceeded."""

    def __init__(self, sentence: str, seconds: float, limit: str, *, reason: str | None = None) -> None:
        super().__init__(sentence.format(f"{seconds:g}"), reason=reason)
        self.limit = limit
