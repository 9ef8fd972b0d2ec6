"""Recorded replies in the form of GitHub's API."""

from __future__ import annotations

import requests

REPOSITORY = "/recorded/github/repos/octokit-fixture-org/hello-world"


def test_a_known_etag_is_answered_with_304_until_the_reply_changes(server: str) -> None:
    url = f"{server}{REPOSITORY}/issues/1"
    first = requests.get(url, timeout=60)
    assert (first.json()["state"], first.headers["X-RateLimit-Limit"]) == ("open", "5000")
    known = {"If-None-Match": first.headers["ETag"]}
    assert requests.get(url, headers=known, timeout=60).status_code == 304
    patch = {"path": "repos/octokit-fixture-org/hello-world/issues/1", "patch": {"state": "closed"}}
    assert requests.post(f"{server}/sandbox/recorded/github", json=patch, timeout=60).json()["state"] == "closed"
    again = requests.get(url, headers=known, timeout=60)
    assert (again.status_code, again.json()["state"]) == (200, "closed")


def test_what_is_not_recorded_is_not_found(server: str) -> None:
    answer = requests.get(f"{server}{REPOSITORY}/issues/404", timeout=60)
    assert (answer.status_code, answer.json()["message"]) == (404, "Not Found")


def test_a_file_comes_raw_and_a_commit_by_branch_or_short_sha(server: str) -> None:
    raw = {"Accept": "application/vnd.github.raw+json"}
    assert requests.get(f"{server}{REPOSITORY}/contents/src/hello.py", headers=raw, timeout=60).text.startswith(
        '"""Says'
    )
    by_branch = requests.get(f"{server}{REPOSITORY}/commits/main", timeout=60).json()
    by_short_sha = requests.get(f"{server}{REPOSITORY}/commits/{by_branch['sha'][:7]}", timeout=60).json()
    assert by_branch == by_short_sha


def test_every_recorded_link_is_listed(server: str) -> None:
    listing = requests.get(f"{server}/sandbox/recorded/github", timeout=60).json()
    assert listing["mode"] == "recorded"
    assert "https://github.com/octokit-fixture-org/hello-world/pull/5" in listing["links"]
