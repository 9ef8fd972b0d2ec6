"""Source code in a repository: where a file stands at a ref, and which of its lines a link shows.

Sources: https://docs.github.com/get-started/writing-on-github/working-with-advanced-formatting/creating-a-permanent-link-to-a-code-snippet,
https://docs.gitlab.com/user/project/repository/files/ (link to specific lines)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

from unfurler.sdk.card import Code
from unfurler.sdk.text import file_size, plural

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
        return self._written("–L")

    def anchor(self, to: str = "-L") -> str:
        """The range as the fragment of an address; `to` is how the site writes what stands between the numbers."""
        return self._written(to)

    def _written(self, to: str) -> str:
        return f"L{self.first}" if self.first == self.last else f"L{self.first}{to}{self.last}"


@dataclass(frozen=True, slots=True)
class Spot:
    """Where something stands: the repository's name, the ref, the path in it ("" for the root)."""

    repository: str
    ref: str
    path: str

    @property
    def pinned(self) -> bool:
        """Whether the ref names one commit forever."""
        return is_sha(self.ref)

    def kicker(self, sha_chars: int = 7) -> str:
        """`owner/repo@main`, a commit shortened."""
        return f"{self.repository}@{self.ref[:sha_chars] if self.pinned else self.ref}"

    def address(self, kind: str, ref: str) -> str:
        """The part of an address from the kind of page on (`blob/main/docs/a.md`), with the same path at a ref."""
        return "/".join([kind, *(quote(part) for part in (ref, self.path) if part)])


def spots(repository: str, ref: str, path: str) -> list[Spot]:
    """How a link can be read: the ref is its first part, or the first two, as in `feature/search`."""
    found = [Spot(repository, ref, path)]
    second, _, rest = path.partition("/")
    if second and not is_sha(ref):
        found.append(Spot(repository, f"{ref}/{second}", rest))
    return found


def is_sha(ref: str) -> bool:
    """Whether a ref is a whole commit hash."""
    return len(ref) == 40 and set(ref) <= set("0123456789abcdef")


def lines_of(fragment: str) -> Lines | None:
    """The range that `L10`, `L10-L20`, `L10-20` or `L10C3-L20C8` means; None for any other fragment."""
    found = _ANCHOR.fullmatch(fragment)
    if found is None:
        return None
    ends = sorted((int(found[1]), int(found[2] or found[1])))
    return Lines(*ends) if ends[0] > 0 else None


def read_lines(content: bytes | None) -> tuple[list[str], str]:
    """The lines of a file, and what it is in words: how long, or why it has no lines to show.

    Lines are ended by LF or CRLF and by nothing else. None is a file too large to read.
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
