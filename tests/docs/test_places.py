"""What the documents point to is there, and nothing points to where it was made."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, documents, files, read

LINK = re.compile(r"!?\[[^\]]*\]\(([^()\s]+)\)")
PATH = re.compile(r"`((?:unfurler|providers|tests|docs|examples)/[\w./-]+)`")
# Files that a reader is told to write.
TO_WRITE = {
    "providers/tracker.py",
    "tests/providers/test_tracker.py",
    "providers/wiki/__init__.py",
}
BUILDERS = re.compile(rb"(?<![\w.*-])/" + rb"work\b(?![.])")

each_document = pytest.mark.parametrize("path", documents(), ids=lambda path: str(path.relative_to(ROOT)))


@each_document
def test_links_lead_somewhere(path: Path):
    for target in LINK.findall(path.read_text(encoding="utf-8")):
        place, _, anchor = target.partition("#")
        if "://" in target:
            continue
        there = path.parent / place if place else path
        assert there.exists(), target
        if anchor:
            assert anchor in anchors(there), target


@each_document
def test_files_that_are_named_are_there(path: Path):
    for name in PATH.findall(path.read_text(encoding="utf-8")):
        assert name in TO_WRITE or (ROOT / name).exists(), name


def test_every_page_is_reached_from_the_readme():
    seen: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        path = waiting.pop()
        if path in seen or path.suffix != ".md":
            continue
        seen.add(path)
        targets = [one.partition("#")[0] for one in LINK.findall(path.read_text(encoding="utf-8"))]
        waiting += [(path.parent / one).resolve() for one in targets if one and "://" not in one]
    assert {path for path in documents() if path.is_relative_to(ROOT / "docs")} <= seen


def test_every_decision_says_what_it_costs_and_what_was_turned_down():
    records = sorted((ROOT / "docs" / "decisions").glob("0*.md"))
    assert [int(path.name[:4]) for path in records] == list(range(1, len(records) + 1))
    for path in records:
        text = path.read_text(encoding="utf-8")
        assert re.findall(r"^\*\*(.+?)\.\*\*", text, re.M) == ["Context", "Decision", "Cost", "Turned down"], path.name


def test_no_file_names_the_place_where_it_was_made():
    found = [path for path in files() if BUILDERS.search(path.read_bytes())]
    assert [str(path.relative_to(ROOT)) for path in found] == []


def test_the_pictures_of_the_readme_are_there():
    pictures = re.findall(r'(?:src|srcset)="(.+?)"', read("README.md"))
    assert pictures and all((ROOT / picture).exists() for picture in pictures)


def test_imports_keep_to_the_layers():
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def anchors(path: Path) -> set[str]:
    """The anchors that headings get."""
    heads = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}
