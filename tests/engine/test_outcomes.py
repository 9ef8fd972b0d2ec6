"""How an item ends, from values alone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unfurler.engine.outcomes import NOTHING, POSTED, End, SayWhy, TryAgain, after_failure, after_posting
from unfurler.engine.ports import Verdict
from unfurler.limits import Limits
from unfurler.sdk.errors import BadLink, NotFound, RateLimited, UnfurlError, UpstreamDown, UpstreamOdd

LIMITS = Limits()
NOW = 10_000.0


def after(error: UnfurlError, *, tries: int = 0, age_s: float = 0.0, chance: float = 1.0):
    return after_failure(error, tries=tries, received_at=NOW - age_s, now=NOW, limits=LIMITS, chance=chance)


def limited(in_s: float) -> RateLimited:
    return RateLimited("Later.", retry_at=datetime.fromtimestamp(NOW + in_s, UTC))


@pytest.mark.parametrize(
    ("decided", "expected"),
    [
        (after(NotFound("x")), End(NOTHING, "not-found")),
        (after(BadLink("x", reason="link-scheme")), End(NOTHING, "link-scheme")),
        (after(UpstreamOdd("x")), End(NOTHING, "upstream-odd")),
        (after(UpstreamDown("x")), TryAgain(NOW + 2, 1)),
        (after(UpstreamDown("x"), chance=0.0), TryAgain(NOW + 1, 1)),
        (after(UpstreamDown("x"), tries=3), TryAgain(NOW + 16, 4)),
        (after(UpstreamDown("x"), tries=4), End(NOTHING, "upstream-down")),
        (after(UpstreamDown("x"), age_s=1_799), End(NOTHING, "upstream-down")),
        (after(limited(60)), TryAgain(NOW + 60, 1)),
        (after(limited(0.1)), TryAgain(NOW + 2, 1)),
        (after(limited(3_600)), SayWhy("Later.", "rate-limited")),
        (after(limited(60), age_s=1_750), SayWhy("Later.", "rate-limited")),
        (after(RateLimited("Later."), tries=4), SayWhy("Later.", "rate-limited")),
    ],
)
def test_what_follows_a_failure(decided, expected):
    assert decided == expected


@given(
    tries=st.integers(0, 50),
    age_s=st.floats(-300, 4_000),
    chance=st.floats(0, 1),
    in_s=st.none() | st.floats(-1e6, 1e6),
    retry=st.booleans(),
)
def test_an_item_is_tried_again_only_while_it_lives_and_only_so_often(tries, age_s, chance, in_s, retry):
    error = UnfurlError("x", retry=retry) if in_s is None else limited(in_s)
    decided = after(error, tries=tries, age_s=age_s, chance=chance)
    if isinstance(decided, TryAgain):
        assert decided.tries == tries + 1 < LIMITS.tries
        assert NOW < decided.due_at < NOW - age_s + LIMITS.item_life_s


@pytest.mark.parametrize(
    ("verdict", "tries", "expected"),
    [
        (Verdict.SHOWN, 0, End(POSTED)),
        (Verdict.EXPIRED, 0, End(NOTHING, "expired")),
        (Verdict.GONE, 0, End(NOTHING, "gone")),
        (Verdict.NOT_APPROVED, 0, End(NOTHING, "not-approved")),
        (Verdict.REFUSED, 0, End(NOTHING, "refused")),
        (Verdict.UNKNOWN, 0, End(NOTHING, "unknown")),
        (None, 0, TryAgain(NOW + 2, 1)),
        (None, 4, End(NOTHING, "no-verdict")),
    ],
)
def test_what_follows_a_verdict(verdict, tries, expected):
    assert after_posting(verdict, tries=tries, now=NOW, limits=LIMITS) == expected


@given(verdict=st.none() | st.sampled_from(Verdict), tries=st.integers(0, 100))
def test_every_verdict_ends_an_item_or_has_it_looked_at_again_soon(verdict, tries):
    decided = after_posting(verdict, tries=tries, now=NOW, limits=LIMITS)
    assert isinstance(decided, End) or NOW < decided.due_at < NOW + LIMITS.item_life_s
