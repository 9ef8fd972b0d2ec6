"""The pages, as they are served."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import requests

STATIC = Path(__file__).parents[2] / "unfurler" / "sandbox" / "static"
DRAWING = STATIC.parents[1] / "drawing"
QUERY = "name=%3Cb%3E&endpoint=http%3A%2F%2F127.0.0.1%3A1%2Fapi&has-public-key-signature=true"
INSTALL = f"/extensions/installedApplications/new?{QUERY}"


@pytest.mark.parametrize("path", ["/", INSTALL])
def test_a_page_runs_nothing_inline_and_all_of_it_is_here(server: str, path: str) -> None:
    answer = requests.get(server + path, timeout=60)
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert re.findall(r"<script(?![^>]*\bsrc=)|<style| on\w+=| style=", answer.text) == []
    for address in re.findall(r'(?:src|href)="(/[^"]+)"', answer.text):
        assert requests.get(server + address, timeout=60).status_code == 200
    assert re.findall(r'(?:src|href)="(?:https?:)?//', answer.text) == []


def test_the_page_says_where_github_links_go(server: str) -> None:
    assert "recorded replies" in requests.get(server, timeout=60).text


def test_an_install_link_shows_what_it_would_install(server: str) -> None:
    page = requests.get(server + INSTALL, timeout=60).text
    assert "&lt;b&gt;" in page
    assert "http://127.0.0.1:1/api" in page
    assert "Space&#39;s public key" in page or "Space's public key" in page


def test_no_script_parses_text_as_html_or_comes_from_elsewhere() -> None:
    scripts = {
        path.resolve(): path.read_text(encoding="utf-8") for path in [*STATIC.glob("*.js"), *DRAWING.glob("*.js")]
    }
    assert {"main.js", "cards.js"} <= {path.name for path in scripts}
    for name, script in scripts.items():
        parses = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|setHTML|DOMParser"
        assert not re.search(parses, script), name
        for source in re.findall(r'^import .* from "([^"]+)"', script, re.M):
            # Both folders stand beside each other in addresses.
            there = DRAWING / source.removeprefix("../drawing/") if "drawing" in source else name.parent / source
            assert there.resolve() in scripts, (name, source)
