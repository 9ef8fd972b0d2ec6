"""What one start tag says: its attributes, read as the HTML standard has it."""

from __future__ import annotations

import re
from functools import lru_cache
from html import unescape

# Possessive throughout: a tag is read once from left to right, whatever is in it.
# What stands in a start tag up to its `>`, quotes as the standard has them. The most frequent form comes first.
INNER = r"""[^>=]*+(?:=(?:"[^"]*+"|'[^']*+'|\s*+(?:"[^"]*+"|'[^']*+')?+)[^>=]*+)*+"""
_ATTRIBUTE = re.compile(r"""([^\s"'<>/=]++)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'>][^\s>]*+)))?+""")
# Without its semicolon a name is no entity in an attribute: `?a=1&copy=2` is an address.
_ENTITY = re.compile(r"&(?:#[0-9]{1,8};?|#[xX][0-9a-fA-F]{1,7};?|[A-Za-z][A-Za-z0-9]{1,31};)")


def attributes(text: str) -> dict[str, str]:
    """The attributes in what follows the name of a start tag, names in lower case; of two with one name the first."""
    found: dict[str, str] = {}
    for name, double, single, bare in _ATTRIBUTE.findall(text):
        value = double or single or bare
        found.setdefault(name.lower(), decoded(value) if "&" in value else value)
    return found


def decoded(text: str) -> str:
    """The text with its entities as characters."""
    return _ENTITY.sub(lambda entity: _character(entity[0]), text)


@lru_cache(maxsize=256)
def _character(entity: str) -> str:
    """What an entity stands for; pages use the same few."""
    return unescape(entity)
