"""Saved pages with what people wrote down about them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

OWN_PAGES = Path(__file__).parents[2] / "tests" / "sdk" / "page" / "pages"


@dataclass(frozen=True, slots=True)
class Case:
    """One page: where it is, how it was answered, what is right, and what a person looked for in vain."""

    file: Path
    url: str
    charset: str | None
    expected: dict[str, str]
    absent: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.file.name


def load(folder: Path) -> list[Case]:
    """The cases that `expected.jsonl` in the folder lists, a JSON object a line."""
    cases = []
    for line in (folder / "expected.jsonl").read_text("utf-8").splitlines():
        entry = json.loads(line)
        file = folder / entry["file"]
        if file.exists():
            url = entry["url"].strip()
            cases.append(
                Case(file, url, entry.get("charset_header"), entry["expected"], tuple(entry.get("absent", ())))
            )
    return cases
