"""What becomes known of one link, or of one click, on its way: gathered for the one line that says how it ended.

Whoever does a part of the work adds to it, in the thread that does it, without knowing for whom. Nothing here names a
link, a person or a token.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from typing import Any, Literal

Cache = Literal["fresh", "failure", "joined", "miss", "stale"]


@dataclass(slots=True)
class Facts:
    """`provider` and `rule` own the link, `record` is ours of it.

    `viewer` is on whose behalf it was looked at last, `cache` what came of what was remembered then: a "fresh" card
    or "failure" was; a source was asked by us ("miss") or already by another ("joined"); a "stale" card stood in for
    a source that failed. `requests` went out to other systems, the chat side not counted, and took `requests_ms`.
    """

    record: str | None = None
    provider: str | None = None
    rule: str | None = None
    viewer: Literal["everyone", "account"] | None = None
    cache: Cache | None = None
    requests: int = 0
    requests_ms: float = 0.0

    def add_request(self, ms: float) -> None:
        """One more request is over."""
        self.requests += 1
        self.requests_ms += ms

    @property
    def line(self) -> dict[str, Any]:
        """For the log."""
        return asdict(self) | {"requests_ms": round(self.requests_ms)}


_gathered: ContextVar[Facts | None] = ContextVar("facts", default=None)


@contextmanager
def gathering(into: Facts) -> Iterator[Facts]:
    """What this thread does in the block is noted there."""
    token = _gathered.set(into)
    try:
        yield into
    finally:
        _gathered.reset(token)


def facts() -> Facts:
    """Where this thread notes what it does; something to throw away where nobody gathers."""
    return _gathered.get() or Facts()
