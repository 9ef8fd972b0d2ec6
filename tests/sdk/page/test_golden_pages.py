"""Each small page says what its line in expected.jsonl says, and nothing that the line calls absent."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from unfurler.sdk.page import Page, read_page

PAGES = Path(__file__).with_name("pages")
CASES = [json.loads(line) for line in (PAGES / "expected.jsonl").read_text("utf-8").splitlines()]


def facts(page: Page) -> dict[str, str | None]:
    published = page.published.date() if isinstance(page.published, datetime) else page.published
    return {
        "title": page.title,
        "description": page.description,
        "image": page.image.url if page.image else None,
        "author": page.author,
        "date": published.isoformat() if published else None,
        "publisher": page.site_name,
        "url": page.canonical_url,
    }


def read(case: dict[str, Any]) -> dict[str, str | None]:
    return facts(read_page((PAGES / case["file"]).read_bytes(), case["url"], case["charset_header"]))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["file"])
def test_a_page_says_what_is_expected_of_it(case: dict[str, Any]) -> None:
    found = read(case)
    expected = {field: value for field, value in case["expected"].items() if field != "url" or found["url"]}
    assert {field: found[field] for field in expected} == expected


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["file"])
def test_nothing_is_invented(case: dict[str, Any]) -> None:
    found = read(case)
    assert [field for field in case["absent"] if found[field]] == []


def test_every_page_is_expected_to_say_something() -> None:
    assert {case["file"] for case in CASES} == {path.name for path in PAGES.glob("*.html")}
