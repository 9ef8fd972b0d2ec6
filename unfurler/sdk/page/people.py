"""Who wrote a page, as a name that a person would read; silence rather than a guess."""

from __future__ import annotations

import re

from unfurler.sdk.page.structured import Structured, kinds
from unfurler.sdk.page.text import clean, words

MAX_CHARS = 120
MAX_NAMES = 4

_PREFIX = re.compile(
    r"^(?:(?:written|posted|published|words|recipe|story|article|text|verfasst|geschrieben|ein artikel|"
    r"artikel|artículo|escrito|publicado|écrit|publié|rédigé|scritto|skrevet|geschreven)\s{1,2})?"
    r"(?:by|von|vom|par|por|di|da|door|af|av|autor|autorin|author|auteur|autore|redakteur|texte?|foto)\b"
    r"\s{0,2}[:|]?\s{1,2}",
    re.IGNORECASE,
)
_AROUND = re.compile(
    r"^(?:view all posts by|posts by|all posts by|more (?:from|by)|alle (?:beiträge|artikel) von|"
    r"zeige alle beiträge von|beiträge von|artikel von|articles par|par|profil von|entradas de)\s{1,2}",
    re.IGNORECASE,
)
_TAIL = re.compile(r"\s{0,2}[,|•·–(-]?\s{0,2}(?:\d|\b(?:on|am|le|el|vom)\s\d|[|•·])")
_COMPANY = re.compile(
    r"\b(?:gmbh|ag|e\.\s?v|ev|eg|kg|ltd|inc|llc|corp|co|s\.?a|s\.?l|bv|ab|oy|aps|sp\. z o\.o)\b\.?$",
    re.IGNORECASE,
)
_NOT_A_NAME = re.compile(
    r"https?:|www\.|\S@|@\S|[{}\[\]<>=#$%^*_|\\]|\.(?:com|de|org|net|html?)\b|\d{3,}", re.IGNORECASE
)
_NOBODY = frozenset(
    (
        "admin", "administrator", "webmaster", "editor", "author", "autor", "anonymous", "unknown",
        "guest", "user", "root", "none", "null", "undefined", "system", "anonym", "gast", "wordpress",
        "staff", "test", "by", "von", "about", "share", "facebook", "twitter",
    )
)  # fmt: skip


def name(value: str | None, labelled: bool = True) -> str | None:
    """The text as a name, or None where it is none: an address, a sentence, an account like `admin`.

    Words such as `by` and `von` before it are taken off where it may be `labelled`; else they are its own.
    """
    text = clean(value, 400)
    if text is None:
        return None
    if labelled:
        text = _AROUND.sub("", _PREFIX.sub("", text))
    if len(text) > 12 and (tail := _TAIL.search(text, 2)):
        text = text[: tail.start()]
    text = text.strip(" ,;:|·•-–—/*\"'")
    if not 2 <= len(text) <= MAX_CHARS or _NOT_A_NAME.search(text) or text.casefold() in _NOBODY:
        return None
    if len(text.split()) > 10 or not any(character.isalpha() for character in text):
        return None
    return text


def is_site(name: str, site_name: str | None, host: str) -> bool:
    """Is the name that of the site itself or of a company, so that it says nothing about who wrote?"""
    if _COMPANY.search(name):
        return True
    squeezed = "".join(words(name))
    for other in (site_name, host.rpartition(".")[0]):
        given = "".join(words(other or ""))
        if len(squeezed) > 2 and len(given) > 2 and (squeezed in given or given in squeezed):
            return True
    return False


def of_item(structured: Structured) -> tuple[str | None, bool]:
    """The authors of the item that a page is about, from its JSON-LD, and whether they are a firm."""
    main = structured.main
    if main is None:
        return None, False
    value = main.get("author") or main.get("creator")
    names: list[str] = []
    organized = False
    for entry in value[:MAX_NAMES] if isinstance(value, list) else (value,):
        found = name(structured.text(entry, "name", "alternateName"), labelled=False)
        if found and found not in names:
            names.append(found)
            node = structured.node(entry)
            organized = organized or (node is not None and kinds(node)[0].endswith("organization"))
    return ", ".join(names) or None, organized
