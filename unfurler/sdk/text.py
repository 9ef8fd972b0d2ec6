"""Foreign text made fit to be shown: cleaned, folded, cut at whole characters."""

from __future__ import annotations

import re
import unicodedata

_LINE_BREAKS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_BLANKS = re.compile(r"[^\S\n]+")
_MANY_LINES = re.compile(r"\n{3,}")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.S)
_MAX_MARKS = 3
# Letters that show nothing: fillers, soft hyphen, grapheme joiner, Mongolian separator, Braille blank.
_FILLERS = frozenset("\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180e\u180f\u2800\u3164\uffa0")
_ZWJ, _ZWNJ, _VS15, _VS16, _KEYCAP = "\u200d", "\u200c", "\ufe0e", "\ufe0f", "\u20e3"
# Scripts in which a non-joiner or joiner between letters is spelling, not decoration.
_JOINING = re.compile(r"[\u0600-\u08ff\u0900-\u0dff\u1000-\u109f\u1780-\u17ff\u1800-\u18af\ufb50-\ufdff\ufe70-\ufefc]")


def clean(text: str) -> str:
    """Text without what is invisible, reorders or breaks: "" if nothing visible is left. Line breaks are `\\n`.

    Keeps joiners inside emoji and where a script needs them; at most three combining marks on a letter.
    """
    text = _LINE_BREAKS.sub("\n", text)
    if text.isascii() and text.isprintable():
        return _BLANKS.sub(" ", text).strip()
    kept: list[str] = []
    marks = 0
    for index, character in enumerate(text):
        category = unicodedata.category(character)
        if category in ("Mn", "Me") and character not in (_VS15, _VS16, _KEYCAP) and character not in _FILLERS:
            marks += 1
            if marks <= _MAX_MARKS and kept:
                kept.append(character)
            continue
        if _is_shown(text, index, character, category):
            kept.append(" " if category == "Zs" or character == "\t" else character)
        if category not in ("Cf", "Cc", "Cs", "Co", "Cn"):
            marks = 0
    folded = "\n".join(_BLANKS.sub(" ", line).strip() for line in "".join(kept).split("\n"))
    folded = _MANY_LINES.sub("\n\n", folded).strip()
    return folded if any(_is_visible(character) for character in folded) else ""


def one_line(text: str) -> str:
    """Cleaned text on one line."""
    return " ".join(clean(text).split())


def shorten(text: str, max_chars: int) -> str:
    """Cut text at a word end so that it has at most `max_chars` characters, ellipsis included.

    Counts code points and never leaves half of a combined character. Raises ValueError if max_chars < 1.
    """
    if max_chars < 1:
        raise ValueError("max_chars must be at least 1")
    if len(text) <= max_chars:
        return text
    end = max_chars - 1
    while end > 0 and (
        unicodedata.combining(text[end]) or text[end] in (_ZWJ, _VS15, _VS16, _KEYCAP) or text[end - 1] == _ZWJ
    ):
        end -= 1
    head = text[:end]
    blank = max(head.rfind(" "), head.rfind("\n"))
    # A word end in the last third; beyond that a long word is cut rather than much of the text lost.
    if blank > end * 2 // 3:
        head = head[:blank]
    return head.rstrip(" \n.,;:-–—") + "…"


def excerpt(markdown: str, max_chars: int) -> str:
    """The first words of somebody's Markdown: template comments, code fences' marks and headings' marks taken out."""
    text = _COMMENT.sub("", markdown[: max_chars * 20])
    lines = [line.strip() for line in text.splitlines()]
    lines = [
        line.lstrip("#").strip() if line.startswith("#") else line
        for line in lines
        if not line.startswith(("```", "~~~"))
    ]
    return shorten(clean("\n".join(line for line in lines if line)), max_chars)


def plural(count: int, one: str, many: str | None = None) -> str:
    """`1 comment`, `2 comments`, `1,204 stars`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def _is_shown(text: str, index: int, character: str, category: str) -> bool:
    if character == "\n" or character == "\t":
        return True
    if character in (_ZWJ, _ZWNJ):
        return _joins(text, index, character)
    if character in (_VS15, _VS16, _KEYCAP):
        return (index > 0 and _is_visible(text[index - 1])) or (index > 1 and text[index - 1] == _VS16)
    if character in _FILLERS or 0xE0000 <= ord(character) <= 0xE0FFF or 0xFE00 <= ord(character) <= 0xFE0D:
        return False
    return category not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def _joins(text: str, index: int, joiner: str) -> bool:
    if not 0 < index < len(text) - 1:
        return False
    before, after = text[index - 1], text[index + 1]
    if joiner == _ZWJ and before in (_VS16, _VS15) and index > 1:
        before = text[index - 2]
    if joiner == _ZWJ and _is_emoji(before) and _is_emoji(after):
        return True
    return bool(_JOINING.match(before) and _JOINING.match(after))


def _is_emoji(character: str) -> bool:
    return 0x1F000 <= ord(character) <= 0x1FAFF or 0x2190 <= ord(character) <= 0x2BFF or character == "\u2764"


def _is_visible(character: str) -> bool:
    return unicodedata.category(character)[0] in "LNPS" and character not in _FILLERS
