"""What one start tag says: its attributes, read as the HTML standard has it."""

from __future__ import annotations

import re
from html import unescape

# Possessive throughout: a tag is read once from left to right, whatever is in it.
_ATTRIBUTE = re.compile(r"""([^\s"'<>/=]++)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'>][^\s>]*+)))?+""")
_NAME_END = re.compile(r"[\s/>]")
# Without its semicolon a name is no entity in an attribute: `?a=1&copy=2` is an address.
_ENTITY = re.compile(r"&(?:#[0-9]{1,8};?|#[xX][0-9a-fA-F]{1,7};?|[A-Za-z][A-Za-z0-9]{1,31};)")


def attributes(tag: bytes, name_end: int | None = None) -> dict[str, str]:
    """The attributes of a start tag in UTF-8, names in lower case; of two with one name the first counts.

    `name_end` is where the name of the tag ends, for a caller who knows.
    """
    text = tag.decode("utf-8", "replace")
    if name_end is None:
        named = _NAME_END.search(text)
        name_end = named.start() if named else len(text)
    found: dict[str, str] = {}
    for name, double, single, bare in _ATTRIBUTE.findall(text, name_end):
        value = double or single or bare
        found.setdefault(name.lower(), decoded(value) if "&" in value else value)
    return found


def decoded(text: str) -> str:
    """The text with its entities as characters."""
    return _ENTITY.sub(lambda entity: unescape(entity[0]), text)
