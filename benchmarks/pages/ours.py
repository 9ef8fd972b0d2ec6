"""Reads every page of a corpus with our own reader and prints a JSON object for each."""

from __future__ import annotations

import json
import statistics
import sys
import time
from datetime import datetime
from pathlib import Path

from benchmarks.pages.corpus import load
from benchmarks.pages.memory import added_mib, baseline_mib
from unfurler.sdk.page import Page, read_page


def facts(page: Page) -> dict[str, str | None]:
    """The fields that are judged, as text."""
    published = page.published
    day = published.date() if isinstance(published, datetime) else published
    return {
        "title": page.title,
        "description": page.description,
        "image": page.image.url if page.image else None,
        "author": page.author,
        "date": day.isoformat() if day else None,
        "publisher": page.site_name,
        "url": page.canonical_url or page.url,
    }


def main(folder: Path, runs: int) -> None:
    cases = load(folder)
    read_page(b"<title>warm</title>", "https://example.org/")
    before = baseline_mib()
    for case in cases:
        body = case.file.read_bytes()
        times = []
        for _ in range(runs):
            started = time.process_time_ns()
            page = read_page(body, case.url, case.charset)
            times.append((time.process_time_ns() - started) / 1e6)
        print(json.dumps({"file": case.name, "cpu_ms": statistics.median(times), "facts": facts(page)}))
    print(json.dumps({"peak_mib": added_mib(before), "version": ""}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
