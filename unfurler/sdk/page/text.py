"""Foreign text becomes plain text on one line."""

from __future__ import annotations

import re

from unfurler.sdk.page.tags import decoded

MAX_CHARS = 4_000

_TAG = re.compile(r"</?[a-zA-Z!][^<>]*>")
_WORD = re.compile(r"\w+")
_UNSEEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u200b\u2060\ufeff\ud800-\udfff]")


def clean(text: str | None, max_chars: int = MAX_CHARS) -> str | None:
    """A value in plain text: without markup, controls and doubled blanks, or None where nothing is left.

    The value has been decoded once; what still looks like an entity was encoded twice and is decoded here.
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
    return _fit(text, max_chars)


def as_written(text: str | None, max_chars: int = MAX_CHARS) -> str | None:
    """The same for a title: what looks like markup in it is what the title is about, so it stays."""
    if not text:
        return None
    text = text[: 4 * max_chars]
    return _fit(decoded(text) if "&" in text else text, max_chars)


def of_markup(markup: str, max_chars: int) -> str | None:
    """What a reader sees of a piece of markup: its tags go, its entities are characters."""
    text = _TAG.sub(" ", markup) if "<" in markup else markup
    return _fit(decoded(text) if "&" in text else text, max_chars)


def _fit(text: str, max_chars: int) -> str | None:
    if not text.isprintable():
        text = " ".join(_UNSEEN.sub("", text).split())
    elif "  " in text:
        text = " ".join(text.split())
    # What is printable has no blank but the space.
    return text.strip()[:max_chars].rstrip() or None


def words(text: str) -> list[str]:
    """The words of a text in lower case, for comparing two texts as a reader would."""
    return _WORD.findall(text.casefold())
