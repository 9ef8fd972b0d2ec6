"""Lines that a link names, and how a link with slashes in its ref can be read."""

from __future__ import annotations

import pytest

from unfurler.sdk.source import Lines, Spot, excerpt_of, lines_of, read_lines, spots

SHA = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("fragment", "lines"),
    [
        ("L10", Lines(10, 10)),
        ("L10-L20", Lines(10, 20)),
        ("L10-20", Lines(10, 20)),
        ("L20-L10", Lines(10, 20)),
        ("L10C3-L20C8", Lines(10, 20)),
        ("L0", None),
        ("L12345678", None),
        ("L١", None),
        ("readme", None),
        ("", None),
    ],
)
def test_a_fragment_names_lines_or_it_does_not(fragment: str, lines: Lines | None) -> None:
    assert lines_of(fragment) == lines


def test_lines_are_written_as_the_site_writes_them() -> None:
    assert (Lines(3, 3).anchor(), Lines(3, 5).anchor(), Lines(3, 5).anchor("-")) == ("L3", "L3-L5", "L3-5")
    assert str(Lines(3, 5)) == "L3–L5"


def test_a_file_is_read_into_lines_or_said_to_have_none() -> None:
    assert read_lines(b"\xef\xbb\xbfone\r\ntwo\n") == (["one", "two"], "2 lines")
    assert read_lines(b"PNG\0") == ([], "Binary, 4 B")
    assert read_lines(None) == ([], "Too large to show")


def test_a_single_line_is_shown_with_what_stands_around_it() -> None:
    lines = [f"line {number}" for number in range(1, 31)]
    around = excerpt_of(lines, Lines(5, 5))
    assert around is not None and (around.first_line, around.text.count("\n")) == (2, 6)
    many = excerpt_of(lines, Lines(1, 30))
    assert many is not None and many.more_lines == 20
    assert excerpt_of(lines, Lines(31, 31)) is None


def test_a_ref_may_have_a_slash_unless_it_is_a_commit() -> None:
    assert spots("o/r", "feature", "search/a.py") == [
        Spot("o/r", "feature", "search/a.py"),
        Spot("o/r", "feature/search", "a.py"),
    ]
    assert spots("o/r", SHA, "src/a.py") == [Spot("o/r", SHA, "src/a.py")]


def test_a_place_is_written_shortly_and_its_address_is_quoted() -> None:
    assert Spot("o/r", SHA, "a b").kicker() == f"o/r@{SHA[:7]}"
    assert Spot("o/r", "main", "docs/a b.md").address("blob", "v1") == "blob/v1/docs/a%20b.md"
