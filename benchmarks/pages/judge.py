"""Is a value the one that a person wrote down? One rule for every reader that is compared.

- title: one begins with all the words of the other, as where the name of the site follows; case, punctuation,
  blanks and entities aside.
- description: the same words, or one is the beginning of the other (80 characters at least), as where one was
  cut off.
- image: the same file: the same path, or the same last part of it without the size that some sites add.
- author: the same words in any order, or every word of one within the other.
- date: the same day or the one beside it, since a page's zone and its reader's differ.
- publisher: the same letters, or the one name within the other.
- url: the same host and path; scheme, `www.`, query, fragment and final slash aside.
"""

from __future__ import annotations

import html
import re
import unicodedata
from datetime import date, timedelta
from urllib.parse import unquote, urlsplit

FIELDS = ("title", "description", "image", "author", "date", "publisher", "url")
_SIZE = re.compile(r"[-_]?\d{2,4}x\d{2,4}(?=\.\w{3,4}$)|-scaled(?=\.\w{3,4}$)")


def right(field: str, found: str, expected: str) -> bool:
    """Would a person take `found` for `expected`?"""
    return _RULES[field](found, expected)


def words(text: str) -> list[str]:
    text = html.unescape(html.unescape(text)).replace("\xad", "")
    return re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold())


def _title(found: str, expected: str) -> bool:
    one, other = sorted((words(found), words(expected)), key=len)
    return bool(one) and other[: len(one)] == one


def _description(found: str, expected: str) -> bool:
    one, other = sorted((" ".join(words(found)), " ".join(words(expected))), key=len)
    return one == other or (len(one) >= 80 and other.startswith(one[:-12]))


def _image(found: str, expected: str) -> bool:
    one, other = _file(found), _file(expected)
    return one == other or one.rpartition("/")[2] == other.rpartition("/")[2]


def _file(url: str) -> str:
    return _SIZE.sub("", unquote(urlsplit(url).path).casefold())


def _author(found: str, expected: str) -> bool:
    one, other = set(words(found)), set(words(expected))
    return bool(one and other) and (one <= other or other <= one)


def _date(found: str, expected: str) -> bool:
    one, other = _day(found), _day(expected)
    return one is not None and other is not None and abs(one - other) <= timedelta(days=1)


def _day(text: str) -> date | None:
    numbers = [int(number) for number in re.findall(r"\d+", text)[:3]]
    try:
        return date(*numbers)
    except (TypeError, ValueError):
        return None


def _publisher(found: str, expected: str) -> bool:
    one, other = sorted(("".join(words(found)), "".join(words(expected))), key=len)
    return bool(one) and one in other


def _url(found: str, expected: str) -> bool:
    return _place(found) == _place(expected)


def _place(url: str) -> str:
    parts = urlsplit(url.strip())
    return ((parts.hostname or "").removeprefix("www.") + unquote(parts.path)).rstrip("/").casefold()


_RULES = {
    "title": _title,
    "description": _description,
    "image": _image,
    "author": _author,
    "date": _date,
    "publisher": _publisher,
    "url": _url,
}
