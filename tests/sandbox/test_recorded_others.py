"""Recorded replies of GitLab, and a page."""

from __future__ import annotations

import requests


def test_a_project_s_replies_are_found_by_its_quoted_name(server: str) -> None:
    at = f"{server}/recorded/gitlab/projects/example-greetings%2Fhello"
    assert requests.get(f"{at}/issues/7", timeout=60).json()["iid"] == 7
    missing = requests.get(f"{at}/issues/8", timeout=60)
    assert (missing.status_code, missing.json()) == (404, {"message": "404 Not Found"})


def test_a_page_is_there_and_nothing_beside_it(server: str) -> None:
    assert "<title>Why programs" in requests.get(f"{server}/recorded/pages/polite-programs", timeout=60).text
    for name in ("other", "..%2f..%2fREADME", "%2e%2e"):
        assert requests.get(f"{server}/recorded/pages/{name}", timeout=60).status_code == 404
