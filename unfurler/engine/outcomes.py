"""How a queue item ends: decided from values alone."""

from __future__ import annotations

from dataclasses import dataclass

from unfurler.engine.ports import Verdict
from unfurler.limits import Limits
from unfurler.sdk.errors import Paused, RateLimited, UnfurlError

POSTED = "posted"
NOTHING = "nothing"
ASKED = "asked"


@dataclass(frozen=True, slots=True)
class End:
    """The item has ended: `end` is POSTED, ASKED (to sign in) or NOTHING, `reason` says why."""

    end: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class TryAgain:
    """The item waits until `due_at` (seconds since 1970) for another try."""

    due_at: float
    tries: int


@dataclass(frozen=True, slots=True)
class SayWhy:
    """The item gets a small card that says what a person can do about it, and a button to try again."""

    sentence: str
    reason: str


def expired(received_at: float, now: float, limits: Limits) -> bool:
    """Whether the chat side has dropped the item by now."""
    return now - received_at >= limits.item_life_s


def crashed(tries: int, crashes: int, limits: Limits) -> bool:
    """Whether the item is given up: a process that died while it was under way counts as a try of it."""
    return crashes > 0 and tries + crashes >= limits.tries


def wait_after_crash(crashes: int, limits: Limits, chance: float) -> float:
    """How many seconds an item waits that was under way in so many processes that died.

    The first was mostly somebody else's doing. From the second on as after any failure: a process that is killed again
    and again soon after its start is not to meet the same item each time.
    """
    return 0.0 if crashes < 2 else limits.first_retry_s * 2 ** (crashes - 1) * (0.5 + chance / 2)


def after_failure(
    error: UnfurlError, *, tries: int, received_at: float, now: float, limits: Limits, chance: float
) -> End | TryAgain | SayWhy:
    """What follows when a link could not be turned into a card.

    `tries` are those before this one; `chance` from 0 to 1 spreads the next try over the second half of its wait.
    """
    if not error.retry:
        return End(NOTHING, error.reason)
    if isinstance(error, Paused):
        # Nobody was asked, so it is no try; not all at the same moment, for one alone is let in.
        due_at = max(now, error.retry_at.timestamp()) + limits.first_retry_s * (0.5 + chance / 2)
        return TryAgain(due_at, tries) if due_at < received_at + limits.item_life_s else End(NOTHING, error.reason)
    wait_s = limits.first_retry_s * 2**tries * (0.5 + chance / 2)
    due_at = now + wait_s
    if isinstance(error, RateLimited) and error.retry_at is not None:
        due_at = max(due_at, error.retry_at.timestamp())
    if tries + 1 < limits.tries and due_at < received_at + limits.item_life_s:
        return TryAgain(due_at, tries + 1)
    if isinstance(error, RateLimited):
        return SayWhy(str(error), error.reason)
    return End(NOTHING, error.reason)


def after_posting(verdict: Verdict | None, *, tries: int, now: float, limits: Limits) -> End | TryAgain:
    """What follows from the chat side's word on one posted preview; None where it did not speak of it."""
    match verdict:
        case Verdict.SHOWN:
            return End(POSTED)
        case None if tries + 1 < limits.tries:
            return TryAgain(now + limits.first_retry_s * 2**tries, tries + 1)
        case None:
            return End(NOTHING, "no-verdict")
        case _:
            return End(NOTHING, verdict.value)
