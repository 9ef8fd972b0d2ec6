"""Foreign text in our name: nothing of it takes effect, and it reads as it was written."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.space.judge import live_things, read
from unfurler.sdk.text import clean, one_line, shorten
from unfurler.space import markup

HOSTILE = [
    "[click](https://evil.example/)",
    "![pixel](https://evil.example/p.png)",
    "[text][ref]\n\n[ref]: https://evil.example/",
    "[ref]: https://evil.example/ 'title'",
    "<https://evil.example/>",
    "https://evil.example/path?query=1#part",
    "HTTPS://EVIL.EXAMPLE",
    "see http://evil.example.",
    "_https://evil.example_",
    "**https://evil.example**",
    "ftp://evil.example/file",
    "slack://channel?team=1",
    "//evil.example/x",
    "www.evil.example/login",
    "_www.evil.example_",
    "WWW.EVIL.EXAMPLE",
    "Www.evil.example/login",
    "MailTo:boss@evil.example",
    "JAVASCRIPT:alert(1)",
    "пример.рф/login",
    "münchen.example/login",
    "evil．example/login",
    "看@ann",
    "evil.example/login",
    "mailto:boss@evil.example",
    "javascript:alert(1)",
    "[x](javascript:alert(1))",
    "<a href='https://evil.example'>x</a>",
    "@ann please look",
    "(@ann)",
    "**@all**",
    "@channel, @here: @everyone!",
    "@{2BgVYn24Jx6u|Ann}",
    "<@U012AB3CD> <!channel> <#C024BE7LR|general>",
    "＠ann",
    "a.@ann",
    "*emphasis* **strong** _emphasis_ __strong__ ~~gone~~ ~gone~",
    "***",
    "# heading",
    "#heading",
    "heading\n=======",
    "heading\n---",
    "> quote",
    ">quote",
    "- item\n- item",
    "+ item",
    "* item",
    "1. item\n2. item",
    "1) item",
    "123456789. item",
    "```\nfence",
    "~~~\nfence",
    "`code` ``more`` `half",
    "    indented",
    "\tindented",
    "| a | b |\n|---|---|\n| c | d |",
    "a | b\n--- | ---\nc | d",
    "a | b\n:-- | --:\nc | d",
    "<script>alert(1)</script>",
    "<div",
    "<!-- comment -->",
    "<?php ?>",
    "<![CDATA[x]]>",
    "&lt;b&gt; &#64;ann &#104;ttps://evil.example &copy;",
    "back\\slash \\*not\\* \\",
    "line\\\nbreak",
    "line  \nbreak",
    "half [open",
    "half ](https://evil.example)",
    "half **open",
    "](",
    "`https://evil.example`",
    "``@ann``",
    "`@a``@b`",
    "@a@b @a/@b @@c",
    "https://evil.example/(@ann)[x]",
    "https://https://evil.example",
    "https://evil.example/`@ann`",
    "x`https://evil.example",
    "http[://evil.example",
    "\u202ehttps://evil.example\u202c",
    "ht\u200btps://evil.example",
    "@\u200bann",
    "---\ntitle: x\n---",
    "1. a\n   - b\n      > c",
    "1. > a",
    "1. 2) # a",
    "@\u0301# a",
    "＠\u0301//＠x",
    "JavaScript:}",
]
# "1. place" keeps its number in a plain string.
NUMBERED = {"ordered_list_open", "ordered_list_close", "list_item_open", "list_item_close"}
HONEST = [
    "C++ and C#: a < b, b > c, x <= y",
    "snake_case and __init__.py",
    "ann.lee@example.com wrote",
    "Fix #12 (again) [WIP]!",
    "50 % of 3 * 4 = 6 | 2 ~ 3",
    "AT&T, R&D; Q&A",
    "שלום עולם — مرحبا بالعالم",
    "می‌خواهم",
    "🎉 👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 1️⃣",
    "Zoë naïve café — “quotes” …",
    "日本語のタイトル",
    "README.md, client.py and node.js",
    "12:30 at 5.5 km, v1.2.3-rc.1",
    "std::vector<int> → List<String>",
    "a & b && c || d",
    "C:\\Users\\ann",
    "costs $5 or 5 €",
    "docs/readme and/or 1/2",
    "The first line.\nThe second line.\n\nAnother paragraph.",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_takes_effect(text: str) -> None:
    seen = read(markup.escape(text))
    assert (seen.markup, seen.links) == (set(), {})
    assert live_things(markup.escape(text)) == []
    assert seen.text == clean(text)


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_takes_effect_on_one_line(text: str) -> None:
    line = markup.escape_line(text, 200)
    seen = read(line)
    assert "\n" not in line
    assert (seen.markup, seen.links, live_things(line)) == (set(), {}, [])
    assert seen.text == one_line(text)


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_takes_effect_within_a_linked_title(text: str) -> None:
    linked = markup.link(text, "https://host.example/page", 200)
    seen = read(linked)
    assert seen.markup == set()
    assert seen.links == {"https://host.example/page": one_line(text)}
    assert seen.text == one_line(text)


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_would_take_effect_in_plain_strings_if_they_were_markdown_after_all(text: str) -> None:
    line = markup.plain(text, 200)
    seen = read(line)
    assert "\n" not in line
    assert (seen.markup - NUMBERED, seen.links, live_things(line)) == (set(), {}, [])


@pytest.mark.parametrize("text", HOSTILE)
def test_code_shows_everything_as_written(text: str) -> None:
    seen = read(markup.code(text))
    assert seen.links == {}
    assert seen.plain.strip("\x00") == ""
    assert seen.text == one_line(text)


@pytest.mark.parametrize("text", HONEST)
def test_honest_text_reads_as_written(text: str) -> None:
    assert read(markup.escape(text)).text == text
    assert read(markup.escape(text)).plain.replace("\x00", "\n").rstrip("\n") == text.replace("\n\n", "\n")


@pytest.mark.parametrize(
    "text",
    [
        "C++",
        "C#",
        "snake_case",
        "a < b",
        "x > y",
        "3 * 4",
        "~5 min",
        "ann.lee@example.com",
        "main ← feature/x_y",
        "שלום עולם",
        "👩‍👩‍👧‍👦 👍🏽",
        "+12 −3",
        "#7",
        "12 comments (3 new)",
        "AT&T",
        "v1.2.3",
        "not planned!",
    ],
)
def test_honest_plain_strings_survive(text: str) -> None:
    assert markup.plain(text, 100) == text


def test_a_generic_type_stays_readable_in_plain_strings() -> None:
    assert markup.plain("List<String>", 100) == "List‹String›"


def test_little_is_escaped() -> None:
    """Should backslashes not work somewhere, ordinary text must still be readable."""
    assert markup.escape("Don't panic: it's 3-4 % of a/b, isn't it? \"Yes\"; AT&T + 1 = {2}") == (
        "Don't panic: it's 3-4 % of a/b, isn't it? \"Yes\"; AT&T + 1 = {2}"
    )


def test_text_that_shows_nothing_is_no_text() -> None:
    for nothing in ["", "  \n ", "\u200b\u2060", "\u3164", "\u202e", "\U000e0041", "\x00"]:
        assert markup.escape(nothing) == ""
        assert markup.plain(nothing, 10) == ""
        assert markup.code(nothing) == ""
        assert markup.quoted(nothing, 10, 3) == ""
        assert markup.link(nothing, "https://host.example/", 10) == ""


@pytest.mark.parametrize("text", ["a" * 5_000, "*" * 5_000, "@a " * 2_000, "`" * 5_000, "http://a " * 900, "é" * 5_000])
@pytest.mark.parametrize("limit", [1, 2, 10, 64, 200, 300, 500, 4_000])
def test_a_limit_holds_before_and_after_escaping(text: str, limit: int) -> None:
    if limit >= 3:
        assert 0 < len(markup.escape(text, limit)) <= limit
        assert len(markup.escape_line(text, limit)) <= limit
        assert len(markup.escape_lines(text, limit, 3)) <= limit
    assert len(markup.plain(text, limit)) <= limit
    assert len(read(markup.escape(text, limit)).text) <= max(limit, 1)


def test_text_at_the_limit_stays_whole() -> None:
    assert markup.escape("a" * 200, 200) == "a" * 200
    assert markup.escape("a" * 201, 200) == "a" * 199 + "…"
    assert markup.plain("a" * 64, 64) == "a" * 64


def test_lines_beyond_what_is_wanted_are_left_out_and_their_lack_is_shown() -> None:
    assert markup.escape_lines("a\nb\nc", 100, 3) == "a\nb\nc"
    assert markup.escape_lines("a\nb\nc\nd", 100, 3) == "a\nb\nc …"


def test_a_quotation_has_its_mark_on_every_line() -> None:
    seen = read(markup.quoted("a\n\n# b\n> c", 100, 9))
    assert markup.quoted("a\n\n# b", 100, 9) == "> a\n>\n> \\# b"
    assert seen.markup == {"blockquote_open", "blockquote_close"}


def test_code_keeps_its_blanks_and_tabs_and_cannot_leave_its_block() -> None:
    lines = markup.code_lines("if x:\n\treturn  1\r\n```\n\u202e# @ann https://evil.example\n\n")
    assert lines == ["if x:", "\treturn  1", "```", "# @ann https://evil.example"]
    seen = read(markup.code_block(lines))
    assert seen.markup == {"fence"}
    assert seen.text == "\n".join(lines) + "\n"


def test_a_long_line_of_code_is_cut() -> None:
    assert [len(line) for line in markup.code_lines("x" * 1_000 + "\ny")] == [160, 1]


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://host.example/a_(b) c", "https://host.example/a_%28b%29%20c"),
        ("https://HOST.example:443/[x]?y=[1]#<z>", "https://host.example/%5Bx%5D?y=%5B1%5D#%3Cz%3E"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://host.example/?a=1&lt;=2", "https://host.example/?a=1&lt%3B=2"),
        ("http://[2001:db8::1]/(", "http://[2001:db8::1]/%28"),
        ("https://user:secret@host.example/", None),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("//host.example/", None),
        ("https://host.example/\x00", None),
        ("https://host.example/\u202e", None),
        ("https:\\\\host.example", None),
        ("https://host.example/" + "a" * 2_100, None),
        ("", None),
        (None, None),
    ],
)
def test_addresses_are_judged_and_quoted(url: str | None, shown: str | None) -> None:
    assert markup.safe_url(url) == shown
    if shown is not None:
        assert read(markup.link("title", shown, 200)).links == {shown: "title"}
    else:
        assert markup.link("title", shown, 200) == "title"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("see WWW.evil.example now", "see `WWW.evil.example` now"),
        ("пример.рф/login", "`пример.рф/login`"),
        ("münchen.example/login", "`münchen.example/login`"),
        ("evil．example/login", "`evil．example/login`"),
        ("请看@ann", "请看`@ann`"),
        ("3 ×@ann", "3 ×`@ann`"),
        ("ann@example.com, rené@example.fr", "ann@example.com, rené@example.fr"),
        ("今天。你好/再见", "今天。你好/再见"),
    ],
)
def test_what_other_scripts_and_capitals_call_an_address_or_mention_is_code(text: str, shown: str) -> None:
    assert markup.escape(text) == shown


# Built from what attacks are made of, so that whole ones come up.
ATTACK = st.lists(
    st.sampled_from(
        ["@", "＠", "ann", "all", "{", "|", "}", "www.", "WWW.", "Http", "https", "://", ":", "//", "/",
         "evil.example", "mailto:", "JavaScript:", "[", "]", "(", ")", "![", "](", "<", ">", "</", "<a href=",
         "<!--", "-->", "&lt;", "&#64;", "`", "``", "```", "~~~", "*", "**", "_", "__", "~~", "\\", "\n", "\n\n",
         "\r", "\u2028", " ", "  ", "\t", "# ", "> ", "- ", "1. ", "===", "---", "|", "\u200b", "\u200d",
         "\u2066", "\u202e", "\u2069", "\ufeff", "\u034f", "\u3164", "\u0301", "\ufe0f", "\U000e0041", "\ud800",
         "\x00", "é", "看", "👍", "1", "x"]
    ),
    max_size=14,
).map("".join)  # fmt: skip


@settings(max_examples=400)
@given(ATTACK)
def test_no_attack_takes_effect_anywhere(text: str) -> None:
    for rendered in (
        markup.escape(text),
        markup.escape_line(text, 200),
        markup.escape(text, 24),
        markup.quoted(text, 200, 3),
    ):
        seen = read(rendered)
        assert (seen.markup - {"blockquote_open", "blockquote_close"}, seen.links, live_things(rendered)) == (
            set(),
            {},
            [],
        )
        assert not any(
            unicodedata.category(character) in ("Cf", "Cs", "Co") for character in seen.text.replace("\u200d", "")
        )
    linked = markup.link(text, "https://host.example/page", 200)
    assert read(linked).links in ({}, {"https://host.example/page": one_line(text)})
    line = markup.plain(text, 200)
    assert (read(line).markup - NUMBERED, read(line).links, live_things(line)) == (set(), {}, [])


FOREIGN = st.text(st.characters() | st.sampled_from("\\`*_~[]()<>#!&;@|-+=.:/ \n1w"), max_size=60)


@given(FOREIGN)
def test_any_text_is_inert_and_reads_as_written(text: str) -> None:
    escaped = markup.escape(text)
    seen = read(escaped)
    assert (seen.markup, seen.links, live_things(escaped)) == (set(), {}, [])
    assert seen.text == clean(text)


@given(FOREIGN)
def test_any_text_is_inert_within_a_linked_title(text: str) -> None:
    linked = markup.link(text, "https://host.example/page", 200)
    if not linked:
        return
    seen = read(linked)
    assert seen.markup == set()
    assert seen.links == {"https://host.example/page": one_line(text)}


@given(FOREIGN)
def test_any_plain_string_is_inert(text: str) -> None:
    line = markup.plain(text, 200)
    seen = read(line)
    assert (seen.markup - NUMBERED, seen.links, live_things(line)) == (set(), {}, [])
    assert "\n" not in line


@given(FOREIGN, st.integers(10, 80))
def test_any_cut_text_is_inert_too(text: str, limit: int) -> None:
    escaped = markup.escape(text, limit)
    seen = read(escaped)
    assert len(escaped) <= limit
    assert (seen.markup, seen.links, live_things(escaped)) == (set(), {}, [])
    if len(markup.escape(text)) <= limit:
        assert seen.text == shorten(clean(text), limit)


@given(FOREIGN)
def test_any_code_reads_as_written(text: str) -> None:
    seen = read(markup.code(text))
    assert seen.text == one_line(text)


@pytest.mark.parametrize(
    "piece",
    [
        "*",
        "`",
        "@",
        "@a",
        "[",
        "](",
        "http://",
        "www.",
        "a.",
        "a.b/",
        "\n",
        "- ",
        "//",
        "<a",
        "&a",
        "~",
        "_",
        " ",
        "\u0301",
        "\\",
        "‮",
        "１",
        "a-",
        "1",
    ],
)
def test_a_hundred_kilobytes_of_anything_take_little_time(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    before = time.process_time()
    for function in (markup.escape, markup.code, markup.code_lines):
        function(text)
    markup.plain(text, 300)
    markup.link(text, "https://host.example/", 200)
    assert time.process_time() - before < 0.5
