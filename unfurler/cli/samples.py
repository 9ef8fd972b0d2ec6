"""The sample links of a provider with recorded replies: the tables of its test, and what `dev --record` recorded.

Both are one format. Replies are by path, `path?query` where the query matters, or the name of a GraphQL operation;
pages by address. A test has them as its tables CLAIMS, REPLIES and PAGES, and may read the last two from the file.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any


@dataclass(frozen=True, slots=True)
class Place:
    """Where the files of a provider are: `provider` a file or a package in a folder `providers`."""

    provider: Path

    @classmethod
    def of(cls, given: Path) -> Place:
        """The place of a file, of a package, or of a package's `__init__.py`."""
        path = given.resolve()
        return cls(path.parent if path.name == "__init__.py" else path)

    @property
    def name(self) -> str:
        """The name of its module."""
        return self.provider.stem

    @property
    def test(self) -> Path:
        """Its test."""
        return self._tests / f"test_{self.name}.py"

    @property
    def recorded(self) -> Path:
        """What was recorded for it."""
        return self._tests / self.name / "recorded.json"

    @property
    def files(self) -> list[Path]:
        """Its own code."""
        return sorted(self.provider.rglob("*.py")) if self.provider.is_dir() else [self.provider]

    @property
    def version(self) -> str:
        """Another text whenever one of the files was saved."""
        there = [path for path in (*self.files, self.test, self.recorded) if path.exists()]
        return " ".join(f"{path.stat().st_mtime_ns}" for path in there)

    def short(self, path: str) -> str:
        """A path as its author would write it."""
        root = self.provider.parent.parent
        return str(Path(path).relative_to(root)) if Path(path).is_relative_to(root) else path

    @property
    def _tests(self) -> Path:
        return self.provider.parent.parent / "tests" / "providers"


@dataclass(frozen=True, slots=True)
class Samples:
    """Links, and what is answered for them."""

    links: tuple[str, ...] = ()
    replies: Mapping[str, Any] = field(default_factory=dict)
    pages: Mapping[str, Any] = field(default_factory=dict)


def read_samples(place: Place) -> Samples:
    """All that is there. Raises what the test's code raises, ValueError for a file that is no JSON."""
    recorded = json.loads(place.recorded.read_text(encoding="utf-8")) if place.recorded.exists() else {}
    tables = _run(place.test) if place.test.exists() else None
    claimed = [row[0] for row in getattr(tables, "CLAIMS", ())]
    return Samples(
        tuple(dict.fromkeys([*claimed, *recorded.get("links", ())])),
        {**getattr(tables, "REPLIES", {}), **recorded.get("replies", {})},
        {**getattr(tables, "PAGES", {}), **recorded.get("pages", {})},
    )


def write_recorded(place: Place, samples: Samples) -> None:
    """Keep what was recorded, beside what was recorded before."""
    before = json.loads(place.recorded.read_text(encoding="utf-8")) if place.recorded.exists() else {}
    kept = {
        "links": list(dict.fromkeys([*before.get("links", ()), *samples.links])),
        "replies": {**before.get("replies", {}), **samples.replies},
        "pages": {**before.get("pages", {}), **samples.pages},
    }
    place.recorded.parent.mkdir(parents=True, exist_ok=True)
    place.recorded.write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _run(test: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"samples_{test.stem}", test)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
