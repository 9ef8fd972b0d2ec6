"""Which lines of a file a link shows.

Source: https://docs.github.com/get-started/writing-on-github/working-with-advanced-formatting/creating-a-permanent-link-to-a-code-snippet
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from unfurler.sdk import Code, file_size, plural

SHOWN_LINES = 10
AROUND = 3
_ANCHOR = re.compile(r"L(\d{1,7})(?:C\d{1,7})?(?:-L?(\d{1,7})(?:C\d{1,7})?)?", re.ASCII)
_BINARY_WITHIN = 8_000  # git itself looks for a NUL so far


@dataclass(frozen=True, slots=True)
class Lines:
    """A range of lines, both ends belong to it, counted from 1."""

    first: int
    last: int

    def __str__(self) -> str:
        return f"L{self.first}" if self.first == self.last else f"L{self.first}–L{self.last}"

    @property
    def anchor(self) -> str:
        """The range as the fragment of an address."""
        return f"L{self.first}" if self.first == self.last else f"L{self.first}-L{self.last}"


def lines_of(fragment: str) -> Lines | None:
    """The range that `L10`, `L10-L20`, `L10-20` or `L10C3-L20C8` means; None for any other fragment."""
    found = _ANCHOR.fullmatch(fragment)
    if found is None:
        return None
    ends = sorted((int(found[1]), int(found[2] or found[1])))
    return Lines(*ends) if ends[0] > 0 else None


def read_lines(content: bytes | None) -> tuple[list[str], str]:
    """The lines of a file, and what it is in words: how long, or why it has no lines to show.

    Lines are ended by LF or CRLF and by nothing else, as GitHub counts them. None is a file too large to read.
    """
    if content is None:
        return [], "Too large to show"
    if b"\0" in content[:_BINARY_WITHIN]:
        return [], f"Binary, {file_size(len(content))}"
    lines = content.decode("utf-8-sig", "replace").split("\n")
    if lines[-1] == "":
        lines.pop()
    return [line.removesuffix("\r") for line in lines], plural(len(lines), "line")


def excerpt_of(lines: list[str], wanted: Lines) -> Code | None:
    """The wanted lines, a single one with what stands around it; None where the file ends before them."""
    if wanted.first > len(lines):
        return None
    first, last = wanted.first, min(wanted.last, len(lines))
    if wanted.first == wanted.last:
        first, last = max(1, first - AROUND), min(len(lines), last + AROUND)
    shown_last = min(last, first + SHOWN_LINES - 1)
    return Code("\n".join(lines[first - 1 : shown_last]), first_line=first, more_lines=last - shown_last)
