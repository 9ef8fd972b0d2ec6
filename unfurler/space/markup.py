"""Foreign text as Space text: the one door that every word of a card goes through.

Space has two kinds of strings (PROTOCOL 5.3). Markdown is evidenced for message texts, outlines and field values:
there everything is escaped, so that markup reads as it was written, while addresses and mentions become code, so
that neither is live. All other strings are taken for plain text: nothing can be escaped there, and what would be
markup, an address or a mention if they were Markdown after all is taken out.

Text is cleaned, then cut, then escaped, and cut further where escaping made it too long. All of it takes linear time.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote as percent_encode

from unfurler.sdk.errors import BadLink
from unfurler.sdk.link import Link
from unfurler.sdk.text import clean, one_line, shorten

MAX_TEXT_CHARS = 4_000
MAX_ADDRESS_CHARS = 3_500
MAX_CODE_LINE_CHARS = 160
# Foreign text is looked at this far, whatever its length: ten times what may be shown of any.
_READ_CHARS = 40_000

# What an address consists of: everything but blanks and what cannot stand in one; a final dot belongs to the sentence.
_ADDRESS = r"""[^\s<>`()\[\]{}"|\\^]*(?<![.,;:!?'*_~])"""
_NO_ALNUM_BEFORE = r"(?<![^\W_])"
# Behind a Latin letter it is an e-mail address; scripts without blanks have mentions right behind a letter.
_AT = r"(?<![A-Za-z0-9\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f])[@＠﹫]"
_OTHER_SCHEMES = r"(?i:www\.|(?:mailto|xmpp|javascript|tel|magnet):)(?=\S)"
_SPECIAL = re.compile(
    rf"""
    # Of two in a row one span is made: the backticks between two would be text of a single one.
    (?P<code>(?:
        [A-Za-z][A-Za-z0-9+.-]{{0,31}}://{_ADDRESS}
      | {_NO_ALNUM_BEFORE}{_OTHER_SCHEMES}(?:{_ADDRESS})?+
      | (?<![\w:/])//(?=[^\s/]){_ADDRESS}
      | (?<![\w@.\-/])(?:[^\W_][\w-]{{0,62}}[.．｡]){{1,8}}[^\W\d_]{{2,24}}(?::[0-9]{{1,5}})?/(?=\S){_ADDRESS}
      | {_AT}(?=\S)[^\s!-,/:-?\[-^`{{-~]*(?<![.\-])
    )++)
    | (?P<number>^[0-9]{{1,9}})\.(?=\s|$)
    | (?P<escape>
        [\\`*_~\[\]()>\#!]
      | ^[-+=|]
      | ^:(?=-)
      | <(?=[A-Za-z/!?@\#])
      | &(?=\#?[A-Za-z0-9]{{1,32}};)
    )
    """,
    re.X | re.M,
)
# Whatever is special has one of these in it: most titles, names and labels have none, and are not looked at closely.
_MAYBE_SPECIAL = re.compile(r"[\\`*_~\[\]()>#!\-+=|:<&@＠﹫./．｡]")
_BACKTICKS = re.compile(r"`+")
_LINE_BREAKS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_ODD_BLANKS = re.compile(r"[^\S\n\t ]")
_WORDS = re.compile(r"\S+")

# In plain strings: what would be Markdown if they were, at their beginning or behind the numbers that they begin with.
_PLAIN_BEGINNING = re.compile(r"^((?:[0-9]{1,9}[.)]\s)*)(?:[\s#>*_~=|+-]+(?=\s|$)|>+)")
_PLAIN_MARKS = re.compile(
    rf"""
      [`\[\]]
    | (?<!\s)\*+ | \*+(?!\s)
    | ~{{2,}} | ~(?=\S[^~]{{0,200}}~)
    | (?<![^\W_])_+(?=\S) | (?<=\S)_+(?![^\W_])
    | \\(?=[!-/:-@\[-`{{-~])
    | {_AT}+(?=\S)
    """,
    re.X,
)
# A tag or an entity can keep its look.
_PLAIN_TAG = re.compile(r"<(?=[A-Za-z/!?@#])([^<>]*)(>?)")
_PLAIN_ENTITY = re.compile(r"&(?=#?[A-Za-z0-9]{1,32};)")
_PLAIN_ADDRESS = re.compile(
    rf"[A-Za-z][A-Za-z0-9+.-]{{0,31}}://+|{_NO_ALNUM_BEFORE}{_OTHER_SCHEMES}"
    r"|(?<![\w:/])//+(?=\S)"
)


def escape(text: str, max_chars: int = MAX_TEXT_CHARS) -> str:
    """Markdown that reads as `text` does, of at most `max_chars` characters: "" where nothing would be visible."""
    return _fit(clean(text[:_READ_CHARS]), max_chars, _escaped)


def escape_line(text: str, max_chars: int) -> str:
    """The same on one line: titles, labels, values."""
    return _fit(one_line(text[:_READ_CHARS]), max_chars, _escaped)


def escape_lines(text: str, max_chars: int, max_lines: int) -> str:
    """The same, of at most so many lines."""
    cleaned = clean(text[:_READ_CHARS])
    lines = cleaned.split("\n")
    kept = "\n".join(lines[:max_lines]).rstrip()
    return _fit(kept if len(lines) <= max_lines else kept + " …", max_chars, _escaped)


def plain(text: str, max_chars: int) -> str:
    """One line for a string that Space shows as it is: without what would be markup, an address or a mention."""
    words = one_line(text[:_READ_CHARS])[: max_chars * 4]
    while True:
        # Taking one thing out may bring together another.
        less = _PLAIN_MARKS.sub("", _PLAIN_BEGINNING.sub(r"\1", words))
        less = _PLAIN_TAG.sub(lambda tag: f"‹{tag[1]}{'›' if tag[2] else ''}", less)
        less = one_line(_PLAIN_ADDRESS.sub("", _PLAIN_ENTITY.sub("＆", less)))
        if less == words:
            return shorten(words, max_chars)
        words = less


def quoted(text: str, max_chars: int, max_lines: int) -> str:
    """A quotation of `text`."""
    lines = escape_lines(text, max_chars, max_lines)
    return "\n".join(f"> {line}".rstrip() for line in lines.split("\n")) if lines else ""


def code(text: str, max_chars: int = 200) -> str:
    """`text` on one line as code, whatever backticks it has."""
    return _fit(one_line(text[:_READ_CHARS]), max_chars, _code_span)


def code_block(lines: list[str]) -> str:
    """Lines as a block of code. They are neither cleaned nor cut: see `code_lines`."""
    body = "\n".join(lines)
    longest = max((len(run) for run in _BACKTICKS.findall(body)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{body}\n{fence}"


def code_lines(text: str, max_line_chars: int = MAX_CODE_LINE_CHARS) -> list[str]:
    """The lines of a program: cleaned like all text, but with their indentation and blanks."""
    text = _ODD_BLANKS.sub(" ", _LINE_BREAKS.sub("\n", text[:_READ_CHARS])).rstrip()
    lines = (_WORDS.sub(lambda word: clean(word[0]), line).rstrip() for line in text.split("\n"))
    return [line if len(line) <= max_line_chars else line[: max_line_chars - 1] + "…" for line in lines]


def link(title: str, address: str | None, max_chars: int) -> str:
    """`title` on one line, leading to an address that `safe_url` or `written_url` gave; without one, not linked."""
    text = escape_line(title, max_chars)
    return f"[{text}]({address})" if text and address else text


def safe_url(url: str | None) -> str | None:
    """An address fit for links, buttons and images: http(s), no user name, host in punycode, brackets encoded.

    None where it is none, or grows too long by that.
    """
    if not url:
        return None
    try:
        judged = Link.parse(url.strip().replace(" ", "%20"))
    except BadLink:
        return None
    return _inert(judged.url)


def written_url(link: Link) -> str | None:
    """A posted link as the person wrote it, fit for a link; else in its canonical form; None if both are too long."""
    return _inert(link.display_url) or _inert(link.url)


def _inert(url: str) -> str | None:
    """The address without what would end a Markdown link or be decoded by it."""
    scheme, _, rest = url.partition("://")
    authority = re.match(r"[^/?#]*", rest)
    assert authority is not None
    rest = rest[authority.end() :]
    rest = re.sub(r"(&#?[A-Za-z0-9]{1,32});", r"\1%3B", rest)
    inert = f"{scheme}://{authority[0]}" + percent_encode(rest, safe="!$&'*+,;=:@/-._~%?#")
    return inert if len(inert) <= MAX_ADDRESS_CHARS else None


def _fit(text: str, max_chars: int, render: Callable[[str], str]) -> str:
    if not text:
        return ""
    shown = shorten(text, max_chars)
    rendered = render(shown)
    keep = len(shown)
    while len(rendered) > max_chars and keep > 1:
        keep = max(1, min(keep, len(shown)) - max(1, (len(rendered) - max_chars) // 2))
        shown = shorten(text, keep)
        rendered = render(shown)
    return rendered


def _escaped(text: str) -> str:
    return _SPECIAL.sub(_escaped_one, text) if _MAYBE_SPECIAL.search(text) else text


def _escaped_one(found: re.Match[str]) -> str:
    if found["code"]:
        return _code_span(found["code"])
    if found["number"]:
        return f"{found['number']}\\."
    return f"\\{found['escape']}"


def _code_span(text: str) -> str:
    longest = max((len(run) for run in _BACKTICKS.findall(text)), default=0)
    fence = "`" * (longest + 1)
    edge = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{edge}{text}{edge}{fence}"
