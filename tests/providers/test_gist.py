"""Gists: which links are claimed, what their cards say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from providers.gist import gist
from tests.providers.github_judge import judged
from tests.providers.kit import assert_golden, card_of
from unfurler.sdk import Card, Fact, Status

FOLDER = Path(__file__).parent / "gist"
ID, REVISION = "2decf6c462d9b4418f2aabbccddeeff0", "ac3e6daf176fafe73609fd000cd188e4472010fb"
SITE = "https://gist.github.com"
CONTENT = "".join(f"line {number}\n" for number in range(1, 13))
GIST: dict[str, Any] = {
    "id": ID,
    "public": True,
    "description": "How to start",
    "owner": {"login": "octocat"},
    "comments": 2,
    "created_at": "2026-01-02T03:04:05Z",
    "updated_at": "2026-01-03T03:04:05Z",
    "files": {
        "Start me.py": {"filename": "Start me.py", "language": "Python", "size": 90, "content": CONTENT},
        "notes.txt": {"filename": "notes.txt", "language": None, "size": 5, "content": "Note\n"},
    },
}
CLAIMS = [
    (f"{SITE}/octocat/{ID}", "of_owner", {"owner": "octocat", "number": ID}),
    (f"{SITE}/octocat/{ID}#file-notes-txt", "of_owner", {"owner": "octocat", "number": ID}),
    (f"{SITE}/{ID}", "by_number", {"number": ID}),
    (f"{SITE}/octocat/{ID}/{REVISION}", "at_revision", {"owner": "octocat", "number": ID, "revision": REVISION}),
]
REFUSES = [
    f"{SITE}/",
    f"{SITE}/octocat",
    f"{SITE}/discover",
    f"{SITE}/octocat/starred",
    f"{SITE}/octocat/{ID}/revisions",
    f"{SITE}/octocat/{ID}/raw/x.py",
    f"https://gist.github.com.evil.example/octocat/{ID}",
    f"https://github.com/octocat/{ID}",
]
REPLIES: dict[str, Any] = {f"/gists/{ID}": GIST, f"/gists/{ID}/{REVISION}": GIST}


def card(fragment: str = "", **changes: Any) -> Card:
    return card_of(gist, f"{SITE}/octocat/{ID}{fragment}", {f"/gists/{ID}": {**GIST, **changes}})


def test_the_card_is_the_agreed_one():
    assert_golden(card(), FOLDER / "gist.card.json")


@pytest.mark.parametrize("url", [row[0] for row in CLAIMS])
def test_a_gist_costs_one_request_that_github_has(url: str):
    api = judged(REPLIES)
    card_of(gist, url, api=api)
    assert len(api.operations) == 1


@pytest.mark.parametrize(
    ("fragment", "name"),
    [
        ("", "Start me.py"),
        ("#file-start-me-py", "Start me.py"),
        ("#file-notes-txt-L1", "notes.txt"),
        ("#x", "Start me.py"),
    ],
)
def test_the_file_that_the_link_means_is_shown(fragment: str, name: str):
    assert card(fragment).kicker == f"octocat / {name}"


def test_a_secret_gist_says_so():
    made = card(public=False)
    assert (made.status, made.public) == (Status("Secret", "warning"), False)


def test_an_empty_gist_is_shown_all_the_same():
    made = card(files={}, description=None, owner=None)
    assert (made.kicker, made.title, made.code) == ("anonymous / Empty gist", "Empty gist", None)


def test_the_first_lines_are_shown_and_the_rest_counted():
    made = card()
    assert made.code is not None
    assert (made.code.text.split("\n")[-1], made.code.more_lines) == ("line 8", 4)
    assert Fact("Python") in made.facts
