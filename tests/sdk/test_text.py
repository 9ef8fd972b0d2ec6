"""Foreign text made fit to be shown: what hides, reorders or breaks goes, what is honest stays."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unfurler.sdk.text import clean, one_line, shorten

HONEST = [
    "plain text, C++, snake_case, a < b",
    "Zoë Żółć ñandú",
    "Zoe\u0308",
    "שלום עולם",
    "בְּרֵאשִׁית",
    "مرحبا بالعالم",
    "می\u200cخواهم",
    "हिन्दी में",
    "র\u200d্যাব",
    "မြွှာ ကြောင်း",
    "ที่นี้",
    "한국어",
    "日本語、中文",
    "👩‍👩‍👧‍👦 👍🏽 ❤️‍🔥 🏳️‍🌈 1️⃣ #️⃣ ☎️ ☎︎ 🇩🇪 ℹ️",
    "🫨 🛜",
    "\U000323ae",
    "first\nsecond\n\nthird",
]
HIDDEN = [
    "\x00",
    "\x1b",
    "\x7f",
    "\u00ad",
    "\u034f",
    "\u061c",
    "\u115f",
    "\u17b4",
    "\u180e",
    "\u200b",
    "\u200c",
    "\u200d",
    "\u200e",
    "\u200f",
    "\u202a",
    "\u202e",
    "\u2060",
    "\u2064",
    "\u2066",
    "\u2069",
    "\u206a",
    "\u2800",
    "\u3164",
    "\ufdd0",
    "\ufe00",
    "\ufe0e",
    "\ufe0f",
    "\ufeff",
    "\uffa0",
    "\ufff9",
    "\ufffe",
    "\uffff",
    "\ue000",
    "\ud800",
    "\udfff",
    "\U0001d173",
    "\U000e0001",
    "\U000e0041",
    "\U000e0100",
    "\U000e01ef",
    "\U000f0000",
    "\U0010ffff",
]


@pytest.mark.parametrize("text", HONEST)
def test_honest_text_stays(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize("hidden", HIDDEN)
def test_what_shows_nothing_goes(hidden: str) -> None:
    assert clean(f"a{hidden}b") == "ab"
    assert clean(f"a{hidden * 50}b") == "ab"
    assert clean(f"{hidden}ab{hidden}") == "ab"
    assert clean(hidden) == ""


@pytest.mark.parametrize("between", ["", *HIDDEN])
def test_three_marks_are_the_most_whatever_stands_between(between: str) -> None:
    assert clean("a" + ("\u0301\u0302\u0303" + between) * 20) == "a\u0301\u0302\u0303"


@pytest.mark.parametrize("text", ["1\ufe0f\u20e3", "❤\ufe0f"])
def test_what_changes_a_character_is_taken_once(text: str) -> None:
    assert clean(text[0] + text[1:] * 20) == text


def test_a_flood_of_vowel_signs_is_bounded() -> None:
    assert len(clean("क" + "\u093e" * 1_000)) < 20


def test_a_mark_without_a_letter_goes() -> None:
    assert clean("\u0301a\n\u0301b \u0301c") == "a\nb c"


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"])
def test_every_line_break_is_one(line_break: str) -> None:
    assert clean(f"a{line_break}b") == "a\nb"
    assert one_line(f"a{line_break}b") == "a b"


@given(st.text(st.characters() | st.sampled_from("\u0301\ufe0f\u20e3\u200d\u200c\u034f1a👍\u06cc\u0915\u094d \n\r")))
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert cleaned == cleaned.strip()
    for character in cleaned:
        assert character == "\n" or unicodedata.category(character) not in ("Cc", "Cs", "Co", "Zl", "Zp")


@pytest.mark.parametrize("unit", ["👍🏽", "🇩🇪", "कि", "👩‍👩‍👧", "1️⃣", "e\u0301"])
def test_a_character_is_cut_whole_or_not_at_all(unit: str) -> None:
    text = unit * 10
    for limit in range(1, len(text)):
        cut = shorten(text, limit).removesuffix("…")
        assert len(cut) < limit
        assert cut == unit * (len(cut) // len(unit))
