"""Foreign text made fit to be shown: cleaned, folded, cut at whole characters."""

from __future__ import annotations

import re
import unicodedata

_LINE_BREAKS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_BLANKS = re.compile(r"[^\S\n]+")
_MANY_LINES = re.compile(r"\n{3,}")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.S)
_IMAGE_OR_LINK = re.compile(r"!?\[([^\[\]\n]{0,300})\]\([^()\n]{0,2000}\)")
_MARKS = re.compile(r"\*\*|`+")
_BULLET = re.compile(r"(?:[-*+]\s+)?\[[ xX]\]\s+|[-*+]\s+|#{1,6}\s+|>\s?")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,500}>")
_MAX_MARKS = 3
# Everything but characters that are plainly shown: most text has none of it and is not looked at one by one.
_ODD = re.compile(
    r"[^\n\t\x20-\x7e\u00a1-\u00ac\u00ae-\u02af\u0388-\u038a\u038e-\u03a1\u03a3-\u0482\u048a-\u052f"
    r"\u2010-\u2027\u2030-\u205e\u20a0-\u20bf\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff\uac00-\ud7a3]"
)
# Letters that show nothing: fillers, soft hyphen, grapheme joiner, Mongolian separator, Braille blank.
_FILLERS = frozenset("\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180e\u180f\u2800\u3164\uffa0")
_ZWJ, _ZWNJ, _VS15, _VS16, _KEYCAP = "\u200d", "\u200c", "\ufe0e", "\ufe0f", "\u20e3"
_SELECTORS = frozenset((_VS15, _VS16, _KEYCAP))
# Scripts in which a non-joiner or joiner between letters is spelling, not decoration.
_JOINING = re.compile(r"[\u0600-\u08ff\u0900-\u0dff\u1000-\u109f\u1780-\u17ff\u1800-\u18af\ufb50-\ufdff\ufe70-\ufefc]")


def clean(text: str) -> str:
    """Text without what is invisible, reorders or breaks: "" if nothing visible is left. Line breaks are `\\n`.

    Keeps joiners inside emoji and where a script needs them; at most three combining marks on a letter.
    """
    if not _ODD.search(text):
        return _folded(text)
    text = _LINE_BREAKS.sub("\n", text)
    kept: list[str] = []
    marks = 0
    for index, character in enumerate(text):
        category = unicodedata.category(character)
        if not _is_shown(text, index, character, category, kept):
            # Takes nothing up: a mark after it still belongs to the letter before it.
            continue
        if category in ("Mn", "Mc", "Me") and character not in _SELECTORS:
            marks += 1
            # Most of all seven, for Burmese; of those that stack on a letter three.
            if not kept or kept[-1] in " \n" or marks > _MAX_MARKS + (4 if category == "Mc" else 0):
                continue
        elif character not in _SELECTORS:
            marks = 0
        kept.append(" " if category == "Zs" or character == "\t" else character)
    folded = _folded("".join(kept))
    return folded if any(_is_visible(character) for character in folded) else ""


def one_line(text: str) -> str:
    """Cleaned text on one line."""
    return " ".join((clean(text) if _ODD.search(text) else text).split())


def shorten(text: str, max_chars: int) -> str:
    """Cut text at a word end so that it has at most `max_chars` characters, ellipsis included.

    Counts code points and never leaves half of a combined character. Raises ValueError if max_chars < 1.
    """
    if max_chars < 1:
        raise ValueError("max_chars must be at least 1")
    if len(text) <= max_chars:
        return text
    end = max_chars - 1
    while end > 0 and _is_within_character(text, end):
        end -= 1
    head = text[:end]
    blank = max(head.rfind(" "), head.rfind("\n"))
    # A word end in the last third; beyond that a long word is cut rather than much of the text lost.
    if blank > end * 2 // 3:
        head = head[:blank]
    return head.rstrip(" \n.,;:-–—") + "…"


def _folded(text: str) -> str:
    """Runs of blanks as one, none at the ends of lines, at most one empty line together."""
    if "\n" not in text:
        return _BLANKS.sub(" ", text).strip()
    lines = "\n".join(_BLANKS.sub(" ", line).strip() for line in text.split("\n"))
    return _MANY_LINES.sub("\n\n", lines).strip()


def _is_within_character(text: str, at: int) -> bool:
    """Would a cut at this place leave half of a character: a mark, a joined or coloured emoji, half of a flag?"""
    before, after = text[at - 1], text[at]
    if (
        unicodedata.category(after)[0] == "M"
        or after == _ZWJ
        or before == _ZWJ
        or "\U0001f3fb" <= after <= "\U0001f3ff"
    ):
        return True
    if not (_is_regional(before) and _is_regional(after)):
        return False
    start = at
    while start > 0 and at - start < 200 and _is_regional(text[start - 1]):
        start -= 1
    return (at - start) % 2 == 1


def _is_regional(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def excerpt(markdown: str, max_chars: int) -> str:
    """The first words of somebody's Markdown, without comments, tags, marks, fences and link targets."""
    text = _TAG.sub("", _COMMENT.sub("", markdown[: max_chars * 20]))
    lines = (line.strip() for line in _IMAGE_OR_LINK.sub(r"\1", text).splitlines())
    kept = [_without_marks(line) for line in lines if not line.startswith(("```", "~~~"))]
    return shorten(clean("\n".join(line for line in kept if line)), max_chars)


def _without_marks(line: str) -> str:
    """The words of a line; a dot stands for the mark of a list."""
    mark = _BULLET.match(line)
    if mark is None:
        return _MARKS.sub("", line)
    words = _MARKS.sub("", line[mark.end() :])
    return f"• {words}" if words and mark[0][0] not in "#>" else words


def plural(count: int, one: str, many: str | None = None) -> str:
    """`1 comment`, `2 comments`, `1,204 stars`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def file_size(size_bytes: int) -> str:
    """`640 B`, `1.2 MB`: in steps of 1,000."""
    size, units = float(max(0, size_bytes)), ["B", "kB", "MB", "GB", "TB"]
    while size >= 999.5 and len(units) > 1:
        size, units = size / 1_000, units[1:]
    return f"{size:.0f} {units[0]}" if size >= 10 or units[0] == "B" else f"{size:.1f} {units[0]}"


def _is_shown(text: str, index: int, character: str, category: str, kept: list[str]) -> bool:
    if character in "\n\t":
        return True
    if character in (_ZWJ, _ZWNJ):
        return _joins(text, index, character, kept)
    if character in _SELECTORS:
        return _selects(character, kept)
    point = ord(character)
    if character in _FILLERS or 0xE0000 <= point <= 0xE0FFF or 0xFE00 <= point <= 0xFE0F or 0xFFF0 <= point <= 0xFFF8:
        return False
    if category == "Cn":
        # Characters newer than this Python are shown; noncharacters are none.
        return not (0xFDD0 <= point <= 0xFDEF or point & 0xFFFE == 0xFFFE or point == 0x2065)
    return category not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")


def _selects(selector: str, kept: list[str]) -> bool:
    """Does a variation selector or keycap change the look of what stands before it?"""
    before = kept[-1] if kept else ""
    if selector == _KEYCAP:
        base = kept[-2] if before == _VS16 and len(kept) > 1 else before
        return base != "" and base in "0123456789#*"
    return before != "" and (unicodedata.category(before)[0] in "SNP" or before == "\u2139")


def _joins(text: str, index: int, joiner: str, kept: list[str]) -> bool:
    if not kept or index + 1 >= len(text):
        return False
    before, after = kept[-1], text[index + 1]
    if unicodedata.category(after) == "Cf":
        return False
    if joiner == _ZWJ and before in (_VS16, _VS15) and len(kept) > 1:
        before = kept[-2]
    if joiner == _ZWJ and _is_emoji(before) and _is_emoji(after):
        return True
    return bool(_JOINING.match(before) and _JOINING.match(after))


def _is_emoji(character: str) -> bool:
    return 0x1F000 <= ord(character) <= 0x1FAFF or 0x2190 <= ord(character) <= 0x2BFF or character == "\u2764"


def _is_visible(character: str) -> bool:
    category = unicodedata.category(character)
    return (category[0] in "LNPS" or category == "Cn") and character not in _FILLERS and character != "\ufffc"
