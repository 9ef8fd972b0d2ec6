"""Runs one PyPI peer over a corpus, inside the peers' own environment: `python read.py NAME CORPUS RUNS`.

Needs nothing of this project. Pages are handed over as text that was decoded beforehand, outside the time.
"""

from __future__ import annotations

import json
import re
import statistics
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

Facts = dict[str, Any]


def with_linkpreview() -> Callable[[str, str], Facts]:
    from linkpreview import Link, LinkPreview  # type: ignore[import-not-found]  # lives in the peers\' environment

    def read(html: str, url: str) -> Facts:
        found = LinkPreview(Link(url, html))
        return {
            "title": found.title,
            "description": found.description,
            "image": found.absolute_image,
            "publisher": found.site_name,
            "icon": found.absolute_favicon,
        }

    return read


def with_extruct() -> Callable[[str, str], Facts]:
    import extruct  # type: ignore[import-not-found]  # lives in the peers\' environment

    def read(html: str, url: str) -> Facts:
        found = extruct.extract(html, base_url=url, uniform=True, errors="ignore")
        graph = found["opengraph"][0] if found["opengraph"] else {}
        return {
            "title": graph.get("og:title"),
            "description": graph.get("og:description"),
            "image": graph.get("og:image"),
            "publisher": graph.get("og:site_name"),
            "url": graph.get("og:url"),
        }

    return read


def with_metadata_parser() -> Callable[[str, str], Facts]:
    import metadata_parser  # type: ignore[import-not-found]  # lives in the peers\' environment

    def read(html: str, url: str) -> Facts:
        parser = metadata_parser.MetadataParser(html=html, url=url)
        result = parser.parsed_result

        def first(name: str) -> Any:
            for strategy in ("og", "twitter", "meta", "page", "dc"):
                if values := result.get_metadatas(name, strategy=[strategy]):
                    return (values[strategy] if isinstance(values, dict) else values)[0]
            return None

        return {
            "title": first("title"),
            "description": first("description"),
            "image": parser.get_metadata_link("image"),
            "publisher": first("site_name"),
            "author": first("author"),
            "url": parser.get_discrete_url(),
        }

    return read


def with_trafilatura() -> Callable[[str, str], Facts]:
    from trafilatura import extract_metadata  # type: ignore[import-not-found]  # lives in the peers\' environment

    def read(html: str, url: str) -> Facts:
        found = extract_metadata(html, default_url=url)
        return {
            "title": found.title,
            "description": found.description,
            "image": found.image,
            "author": found.author,
            "date": found.date,
            "publisher": found.sitename,
            "url": found.url,
        }

    return read


READERS = {
    "linkpreview": with_linkpreview,
    "extruct": with_extruct,
    "metadata_parser": with_metadata_parser,
    "trafilatura": with_trafilatura,
}


def status_mib(field: str) -> float:
    found = re.search(rf"{field}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def main(name: str, corpus: Path, runs: int) -> None:
    read = READERS[name]()
    read("<html><head><title>warm</title></head><body></body></html>", "https://example.org/")
    pages = [json.loads(line) for line in sys.stdin]
    Path("/proc/self/clear_refs").write_text("5")
    before = status_mib("VmRSS")
    for page in pages:
        html = (corpus / page["file"]).read_bytes().decode(page["codec"], "replace")
        times, facts, error = [], {}, None
        for _ in range(runs):
            started = time.process_time_ns()
            try:
                facts = read(html, page["url"])
            except Exception as failure:
                error = type(failure).__name__
            times.append((time.process_time_ns() - started) / 1e6)
        entry = {"file": page["name"], "cpu_ms": statistics.median(times), "facts": facts, "error": error}
        print(json.dumps(entry, default=str))
    print(json.dumps({"peak_mib": round(status_mib("VmHWM") - before, 1), "version": version(name)}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
