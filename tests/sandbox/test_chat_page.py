"""The chat page."""

from __future__ import annotations

import re
from pathlib import Path

import requests


def test_the_page_runs_nothing_inline_and_says_where_github_links_go(server: str) -> None:
    answer = requests.get(server, timeout=5)
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert re.findall(r"<script(?![^>]*\bsrc=)|<style| on\w+=| style=", answer.text) == []
    assert "recorded replies" in answer.text
    for address in re.findall(r'(?:src|href)="(/[^"]+)"', answer.text):
        assert requests.get(server + address, timeout=5).status_code == 200


def test_the_script_never_parses_text_as_html() -> None:
    script = Path(__file__).parents[2] / "unfurler" / "sandbox" / "static" / "chat.js"
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", script.read_text("utf-8"))
