"""What the headers of an answer say, as values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_NUMBER = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,6})?", re.ASCII)
_VALUED_RULES = frozenset({"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"})
_OUR_AGENT = "unfurler"
_EPOCH_FROM = 1_000_000_000
# The longest window of a documented budget is GitHub's hour; nothing is believed beyond it.
_WINDOW_S = 3_600.0


def content_type(fields: Iterable[tuple[str, str]]) -> tuple[str, str | None]:
    """Type in lower case without parameters, with the charset; "" for none, the last header where there are several."""
    said = [value for name, value in fields if name == "content-type"]
    essence, _, parameters = (said[-1] if said else "").partition(";")
    kind = essence.strip().lower()
    if "/" not in kind or kind in ("*/*", "unknown/unknown", "application/unknown"):
        kind = ""
    found = re.search(r"(?:^|;)\s*charset\s*=\s*[\"']?([^\"';\s]{1,40})", parameters[:1_000], re.I)
    return kind, found[1].lower() if found else None


def retry_at(headers: Mapping[str, str], now: datetime, cap_s: float) -> datetime | None:
    """When Retry-After (seconds or a date) says to come again, at most `cap_s` seconds from now; None without one."""
    said = headers.get("retry-after", "").strip()
    if _NUMBER.fullmatch(said):
        return now + timedelta(seconds=min(float(said), cap_s))
    try:
        when = parsedate_to_datetime(said)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    when = when if when.tzinfo is not None else when.replace(tzinfo=UTC)
    return max(now, min(when.astimezone(UTC), now + timedelta(seconds=cap_s)))


def budget_spent_until(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """When a budget that is used up begins anew; None where something is left of it, or nothing is said.

    `X-RateLimit-Remaining`/`-Reset` (GitHub, https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api)
    or `RateLimit-…` (GitLab). A reset is a moment of the epoch or, if small, a number of seconds.
    """
    for prefix in ("x-ratelimit-", "ratelimit-"):
        if headers.get(prefix + "remaining", "").strip() != "0":
            continue
        said = headers.get(prefix + "reset", "").strip()
        if _NUMBER.fullmatch(said):
            number = float(said)
            wait_s = number - now.timestamp() if number >= _EPOCH_FROM else number
            return now + timedelta(seconds=max(1.0, min(wait_s, _WINDOW_S)))
    return None


def budget_left(headers: Mapping[str, str]) -> float | None:
    """Which share of its budget an answer says is left, from 0 to 1; None where it does not say. Headers as above."""
    for prefix in ("x-ratelimit-", "ratelimit-"):
        limit, remaining = (headers.get(prefix + name, "").strip() for name in ("limit", "remaining"))
        if _NUMBER.fullmatch(limit) and _NUMBER.fullmatch(remaining) and float(limit) > 0:
            return min(1.0, float(remaining) / float(limit))
    return None


def fresh_s(headers: Mapping[str, str]) -> float | None:
    """How long a shared copy may be used without asking again (Cache-Control, Age); None where nothing is said."""
    said = headers.get("cache-control")
    if said is None:
        return None
    rules = {
        name.strip().lower(): value.strip(' "') for name, _, value in (one.partition("=") for one in said.split(","))
    }
    if rules.keys() & {"no-store", "no-cache", "private"}:
        return 0.0
    age = rules.get("s-maxage", rules.get("max-age"))
    if age is None or not _NUMBER.fullmatch(age):
        return None
    spent = headers.get("age", "").strip()
    return max(0.0, float(age) - (float(spent) if _NUMBER.fullmatch(spent) else 0.0))


def robots(fields: Iterable[tuple[str, str]]) -> tuple[bool, bool]:
    """Whether X-Robots-Tag says `nosnippet`, or `noarchive`, to everyone or to us."""
    nosnippet = noarchive = False
    for name, value in fields:
        if name != "x-robots-tag":
            continue
        agent, colon, rest = value.lower().partition(":")
        if colon and "," not in agent and agent.strip() not in _VALUED_RULES:
            if agent.strip() != _OUR_AGENT:
                continue
            value = rest
        rules = {"".join(rule.split()) for rule in value.lower().split(",")}
        nosnippet = nosnippet or bool(rules & {"nosnippet", "max-snippet:0"})
        noarchive = noarchive or "noarchive" in rules
    return nosnippet, noarchive
