"""Foreign text becomes plain text on one line."""

from __future__ import annotations

import re

from unfurler.sdk.page.tags import decoded

MAX_CHARS = 4_000

_TAG = re.compile(r"</?[a-zA-Z!][^<>]*>")
_WORD = re.compile(r"\w+")
_UNSEEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u200b\u2060\ufeff\ud800-\udfff]")


def clean(text: str | None, max_chars: int = MAX_CHARS) -> str | None:
    """Plain text without markup, controls and doubled blanks, or None where nothing is left.

    The parser has decoded entities once; what still looks like an entity was encoded twice and is decoded
    here.
    """
    if not text:
        return None
    text = text[: 4 * max_chars]
    if "<" in text:
        text = _TAG.sub(" ", text)
    if "&" in text:
        text = decoded(text)
        if "<" in text:
            text = _TAG.sub(" ", text)
    if not text.isprintable():
        text = _UNSEEN.sub("", text)
    return " ".join(text.split())[:max_chars].rstrip() or None


def words(text: str) -> list[str]:
    """The words of a text in lower case, for comparing two texts as a reader would."""
    return _WORD.findall(text.casefold())
