"""Which text is the title of a page: its headline, without the name of the site."""

from __future__ import annotations

import re
from collections.abc import Sequence

from unfurler.sdk.page.text import words

_SEPARATOR = re.compile(r"\s{1,3}[|\-–—·•»«:/~>]{1,2}\s{1,3}|\s?[|»•]\s?|\s{1,3}::\s{1,3}")
_MARK = re.compile(r"[|»•·>/)\]]|[\s][-–—~:«:]")
_EDGES = " \t|-–—·•»:/~>"
_IN_BRACKETS = re.compile(r"\s[(\[]([^()\[\]]{2,60})[)\]]$")
MAX_CUTS = 4
MAX_SITE_CHARS = 60


def site_in(title: str | None, heading: str | None, host: str) -> str | None:
    """The part of a document title that names the site: one that the host repeats, else a short last part."""
    parts = [part for piece in _SEPARATOR.split(title or "") if (part := piece.strip(_EDGES))]
    if len(parts) < 2:
        return None
    squeezed_host = "".join(words(host))
    for part in (parts[-1], parts[0]):
        squeezed = "".join(words(part))
        if len(squeezed) > 3 and squeezed in squeezed_host:
            return part
    last = parts[-1]
    return last if last != heading and len(last) <= MAX_SITE_CHARS else None


def without_site(title: str, site_name: str | None, host: str) -> str:
    """The title less the name of the site at its end or beginning; all of it if nothing would be left."""
    if _MARK.search(title) is None:
        return title
    names = {"".join(words(name)) for name in (site_name, host, host.rpartition(".")[0]) if name}
    rest = title
    for _ in range(MAX_CUTS):
        bracketed = _IN_BRACKETS.search(rest)
        if bracketed and _is_site(bracketed[1], names):
            rest = rest[: bracketed.start()]
            continue
        found = list(_SEPARATOR.finditer(rest))
        if found and (_is_site(rest[found[-1].end() :], names) or not rest[found[-1].end() :].strip(_EDGES)):
            rest = rest[: found[-1].start()]
        elif found and _is_site(rest[: found[0].start()], names):
            rest = rest[found[0].end() :]
        else:
            break
    return rest.strip(_EDGES) or title


def _is_site(part: str, names: set[str]) -> bool:
    squeezed = "".join(words(part))
    return bool(squeezed) and any(
        squeezed == name or (len(squeezed) > 3 and squeezed in name) or (len(name) > 3 and squeezed.startswith(name))
        for name in names
    )


def choose(
    declared: Sequence[str], heading: str | None, document_title: str | None, site_name: str | None, host: str
) -> str | None:
    """The headline among what the page declares, its heading and its `<title>`.

    The heading wins: it is what a reader sees, and the declared titles are often written for search engines.
    Where it holds a declared title and more, such as a kicker or a date, the declared one is the headline.
    """
    if heading and declared and heading == declared[0] and heading != site_name:
        return heading
    candidates = [without_site(title, site_name, host) for title in declared]
    names = {"".join(words(name)) for name in (site_name, host) if name}
    candidates = [title for title in candidates if "".join(words(title)) not in names] or candidates
    related = (*candidates, document_title or "")
    if (
        heading
        and "".join(words(heading)) not in names
        and (not candidates or any(agrees(heading, t) for t in related))
    ):
        for title in candidates:
            if holds(heading, title):
                return title
        return heading
    if candidates:
        return candidates[0]
    return without_site(document_title, site_name, host) if document_title else heading


def holds(longer: str, shorter: str) -> bool:
    """Does one text begin or end with the words of the other, and have more?"""
    a, b = words(longer), words(shorter)
    return 1 < len(b) < len(a) and (a[: len(b)] == b or a[-len(b) :] == b)


def agrees(heading: str, title: str) -> bool:
    """Do two texts share most of the words of the shorter one?"""
    a, b = set(words(heading)), set(words(title))
    return bool(a and b) and len(a & b) >= 0.6 * min(len(a), len(b))
