"""The documents of the repository, taken apart."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
NOT_OURS = frozenset({".git", ".venv", "var", "build", "dist", "node_modules", "__pycache__", "bench-report"})


def files() -> Iterator[Path]:
    """Every file that belongs to the repository."""
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [one for one in folders if one not in NOT_OURS and not one.endswith(("_cache", ".egg-info"))]
        folders[:] = [one for one in folders if one != ".hypothesis"]
        yield from (Path(folder) / name for name in names)


def documents() -> list[Path]:
    """Every Markdown file."""
    return sorted(path for path in files() if path.suffix == ".md")


def read(name: str) -> str:
    """A document by its path in the repository."""
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks in that language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.M | re.S)


def table(text: str, first: str) -> list[list[str]]:
    """The rows of every table whose first column has that heading, each cell without its backquotes' outer pair."""
    rows: list[list[str]] = []
    inside = False
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        if not cells:
            inside = False
        elif inside and set(cells[0]) - set("- :"):
            rows.append([bare(cell) for cell in cells])
        elif cells[0] == first:
            inside = True
    return rows


def bare(cell: str) -> str:
    """`` `name` `` → name; anything else as it is."""
    return cell[1:-1] if re.fullmatch(r"`[^`]*`", cell) else cell
