"""Dates as pages write them become a `datetime` that knows its zone, or a plain `date`."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache

FIRST_YEAR, LAST_YEAR = 1990, 2100

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar jänner janvier janv enero ene gennaio gen janeiro januari styczeń stycznia "
            "leden ledna tammikuu tammikuuta január siječnja января ocak",
            "february feb februar fév février févr fevrier febrero febbraio fevereiro fev februari luty "
            "lutego únor února helmikuu helmikuuta február veljače февраля şubat",
            "march mar märz mär mrz mars marzo março marco maart mrt marzec marca březen března maaliskuu "
            "maaliskuuta március marec ožujka марта mart",
            "april apr avril avr abril abr aprile kwiecień kwietnia duben dubna huhtikuu huhtikuuta április "
            "apríl travnja апреля nisan",
            "may mai mayo maggio mag maio maj mei květen května toukokuu toukokuuta május máj svibnja мая mayıs",
            "june jun juni juin junio giugno giu junho czerwiec czerwca červen června kesäkuu kesäkuuta "
            "június jún lipnja июня haziran",
            "july jul juli juillet juil julio luglio lug julho lipiec lipca červenec července heinäkuu "
            "heinäkuuta július júl srpnja июля temmuz",
            "august aug août aout agosto ago augustus augusti sierpień sierpnia srpen srpna elokuu elokuuta "
            "augusztus kolovoza августа ağustos",
            "september sep sept septembre septiembre settembre set setembro wrzesień września září syyskuu "
            "syyskuuta szeptember rujna сентября eylül",
            "october oct oktober okt octobre octubre ottobre ott outubro out październik października říjen "
            "října lokakuu lokakuuta október listopada октября ekim",
            "november nov novembre noviembre novembro listopad listopadu marraskuu marraskuuta studenoga "
            "studenog ноября kasım",
            "december dec dezember dez décembre déc decembre diciembre dic dicembre dezembro desember "
            "grudzień grudnia prosinec prosince joulukuu joulukuuta prosinca декабря aralık",
        ),
        start=1,
    )
    for name in names.split()
}
_ISO = re.compile(
    r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)"
    r"(?:(?:T|\s{1,3})(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?\s?(Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?",
    re.IGNORECASE,
)
_DAY_MONTH_YEAR = re.compile(r"(?<![\d.])(\d{1,2})(?:\.\s?|/|-)(\d{1,2})(?:\.\s?|/|-)(\d{4}|\d{2})(?!\d)")
_DAY_NAME_YEAR = re.compile(
    r"(?<!\d)(\d{1,2})(?:\.|st|nd|rd|th|er|º|°)?[\s\-/.]{1,3}(?:de\s|of\s)?"
    r"([^\W\d_]{3,12})\.?,?[\s\-/.]{1,3}(?:del?\s)?(\d{4})(?!\d)"
    r"(?:,?\s{1,2}(\d{1,2}):(\d{2})(?::(\d{2}))?\s?(Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?",
    re.IGNORECASE,
)
_NAME_DAY_YEAR = re.compile(
    r"(?<!\w)([^\W\d_]{3,12})\.?\s{1,2}(\d{1,2})(?:st|nd|rd|th)?,?\s{1,2}(\d{4})(?!\d)", re.IGNORECASE
)
_EAST_ASIAN = re.compile(r"(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일]")
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})?(Z|[+-]\d{2}:?\d{2})?)?$")
_EPOCH = re.compile(r"^1\d{9}(?:\d{3})?$")
_IN_PATH = re.compile(r"/((?:19|20)\d{2})[/\-_.]?(\d{1,2})[/\-_.]?(\d{1,2})(?=[/\-_.]|$)")
MAX_CHARS = 400


def parse(text: str | None, month_first: bool = False) -> datetime | date | None:
    """The first date in a text; `month_first` settles 03/04/2020 where nothing else does."""
    if not text:
        return None
    text = text.strip()[:MAX_CHARS]
    if found := _ISO.search(text):
        year, month, day, hour, minute, second, zone = found.groups()
        return _moment(int(year), int(month), int(day), hour, minute, second, zone)
    if found := _COMPACT.match(text):
        year, month, day, hour, minute, second, zone = found.groups()
        return _moment(int(year), int(month), int(day), hour, minute, second, zone)
    if len(text) in (10, 13) and _EPOCH.match(text):
        return datetime.fromtimestamp(int(text[:10]), UTC)
    if found := _EAST_ASIAN.search(text):
        return _moment(int(found[1]), int(found[2]), int(found[3]))
    for found in _DAY_NAME_YEAR.finditer(text):
        if named := _MONTHS.get(found[2].lower()):
            return _moment(int(found[3]), named, int(found[1]), *found.groups()[3:])
    for found in _NAME_DAY_YEAR.finditer(text):
        if named := _MONTHS.get(found[1].lower()):
            return _moment(int(found[3]), named, int(found[2]))
    if found := _DAY_MONTH_YEAR.search(text):
        first, second_number, year_number = int(found[1]), int(found[2]), int(found[3])
        if year_number < 100:
            year_number += 2000
        if second_number > 12 or (month_first and first <= 12 and "/" in found[0]):
            first, second_number = second_number, first
        return _moment(year_number, second_number, first)
    return None


def in_path(url: str) -> date | None:
    """The day that an address names, as in `/2022/03/14/`."""
    found = _IN_PATH.search(url)
    return _moment(int(found[1]), int(found[2]), int(found[3])) if found else None


def _moment(
    year: int,
    month: int,
    day: int,
    hour: str | None = None,
    minute: str | None = None,
    second: str | None = None,
    zone: str | None = None,
) -> datetime | date | None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    try:
        if hour is None or minute is None or zone is None:
            return date(year, month, day)
        return datetime(year, month, day, int(hour), int(minute), min(int(second or 0), 59), tzinfo=_zone(zone))
    except ValueError:
        return None


@lru_cache(maxsize=64)
def _zone(zone: str) -> timezone:
    if zone[0] not in "+-":
        return UTC
    digits = zone[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:4]))
    return timezone(-offset if zone[0] == "-" else offset)
