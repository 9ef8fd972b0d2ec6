"""Where the body of a page says when it was published, for pages whose head does not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import islice

from unfurler.sdk.page import dates, lookups

BEFORE_BYTES = 2_500
AFTER_BYTES = 2_500
WINDOW_BYTES = 16_000
BEFORE_PIECES = 8
AFTER_PIECES = 20
MAX_PIECE_BYTES = 400
MAX_CHARS = 90
MAX_LONE_CHARS = 30
MAX_YEARS = 100
BESIDE_BYTES = 20

# Without their first letter, which may be large or small.
_LABELS = tuple(
    re.compile(labels.encode())
    for labels in ("eröffentlicht", "rschienen", "ubli(?:shed|é le|cado)", "osted on", "ise en ligne", "atum:")
)
_BEHIND_LABEL = re.compile(r"[^\d]{3,70}\d")
_DIGIT = re.compile(rb"\d")
_DAY = re.compile(rb"(?<!\d)\d{1,2}(?!\d)")
_CHANGED = re.compile(
    r"updat|modifi|änder|aktualisiert|mise? à jour|stand\b|actuali|aggiorn|copyright|©", re.IGNORECASE
)
_DATE_TAG = re.compile(
    rb"""["'\s_-](?:publi[a-z]{1,9}|posted|submitted|datum|dateline|"""
    rb"""(?:post|entry|article|news|meta|item|content)?[-_]{0,2}date)(?![a-z])""",
    re.IGNORECASE,
)
_SAYS_PUBLISHED = re.compile(rb"itemprop=.{0,2}datePublished")
_PUBLISHED_NEEDLE = re.compile(rb"Published(?<=datePublished)")
_NOT_DATE_ROLE = re.compile(r"comment|updat|modif|related|teaser|event|footer|copyright|sidebar|widget")
_DATE_NEEDLES = tuple(map(re.compile, (rb"date", rb"Date", rb"ubli", rb"posted", rb"submitted", rb"atum")))


def find(rest: bytes, headline_at: int | None, month_first: bool) -> datetime | date | None:
    """The date of publication that a reader would see."""
    for text in _candidates(rest, headline_at):
        if found := dates.parse(text, month_first):
            return found
    return None


def shows(rest: bytes, when: date) -> bool:
    """Does the page have that day anywhere: its year, and beside it its number or that of a neighbour's zone?"""
    days = {(when + timedelta(days=shift)).day for shift in (-1, 0, 1)}
    for year in islice(re.finditer(b"%d" % when.year, rest), MAX_YEARS):
        at = year.start()
        beside = rest[max(0, at - BESIDE_BYTES) : at], rest[at + 4 : at + 4 + BESIDE_BYTES]
        if any(int(number) in days for text in beside for number in _DAY.findall(text)):
            return True
    return False


def _candidates(rest: bytes, headline_at: int | None) -> Iterator[str | None]:
    """Texts that may be the date, the likeliest first."""
    end = WINDOW_BYTES if headline_at is None else headline_at + WINDOW_BYTES
    times = [element for element in lookups.times(rest, end) if not _NOT_DATE_ROLE.search(element.role())]
    for element in times:
        if "publish" in element.role() or "pubdate" in element.attributes or "entry-date" in element.role():
            yield element.value()
    for element in lookups.naming(rest, _SAYS_PUBLISHED, _PUBLISHED_NEEDLE):
        yield element.value()
    start = 0
    if headline_at is not None:
        start = max(0, headline_at - BEFORE_BYTES)
        yield from _around(rest, headline_at, times)
    else:
        first = _dated(lookups.pieces(rest, 0, end))
        yield from (text for _, text in first if len(text) <= MAX_LONE_CHARS)
    for element in lookups.naming(rest[start:end], _DATE_TAG, *_DATE_NEEDLES):
        if not _NOT_DATE_ROLE.search(element.role()):
            yield from (text for _, text in _dated(((element.at, element.inner()),)))
    yield from _labelled(rest[start:end])


def _around(rest: bytes, headline_at: int, times: list[lookups.Element]) -> Iterator[str]:
    """What stands close to the headline: behind it from near to far, then before it likewise."""
    start, end = max(0, headline_at - BEFORE_BYTES), headline_at + AFTER_BYTES
    near = [(time.at, time.value() or "") for time in times if start < time.at < end]
    behind = [*_dated(lookups.pieces(rest, headline_at, end)[:AFTER_PIECES])]
    before = [*_dated(lookups.pieces(rest, start, headline_at)[-BEFORE_PIECES:])]
    behind += [entry for entry in near if entry[0] > headline_at]
    before += [entry for entry in near if entry[0] < headline_at]
    yield from (text for _, text in sorted(behind, key=_place))
    yield from (text for _, text in sorted(before, key=_place, reverse=True))


def _place(entry: tuple[int, str]) -> int:
    return entry[0]


def _dated(pieces: Iterable[tuple[int, bytes]]) -> Iterator[tuple[int, str]]:
    """Those pieces of text that are short, hold a number and do not speak of a change."""
    for at, piece in pieces:
        if 6 <= len(piece) <= MAX_PIECE_BYTES and _DIGIT.search(piece):
            text = lookups.plain(piece)
            if text and len(text) <= MAX_CHARS and not _CHANGED.search(text):
                yield at, text


def _labelled(rest: bytes) -> Iterator[str]:
    """Dates right behind a word that says what they are."""
    firsts: dict[bytes, int] = {}
    for labels in _LABELS:
        for found in labels.finditer(rest):
            firsts.setdefault(found[0], found.start())
    for at in sorted(firsts.values()):
        behind = lookups.plain(rest[at : at + 160])
        if behind and (dated := _BEHIND_LABEL.match(behind)):
            yield behind[dated.end() - 1 :]
