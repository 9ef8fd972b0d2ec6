"""GitLab's files and folders: which lines are shown, and of which version."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from providers.gitlab import gitlab
from tests.providers.gitlab_replies import COMMIT, FILE, IN_REPOSITORY, PROJECT, SHA, card, labels, words
from tests.providers.kit import RecordedApi, card_of
from unfurler.sdk.errors import LimitExceeded


@pytest.mark.parametrize(
    ("anchor", "first", "shown", "more"),
    [("L20", 17, 7, 0), ("L10-14", 10, 5, 0), ("L10-L20", 10, 10, 1), ("L20-10", 10, 10, 1), ("L38-99", 38, 3, 0)],
)
def test_the_linked_lines_are_shown(anchor: str, first: int, shown: int, more: int):
    code = card(f"/-/blob/main/src/app.py#{anchor}").code
    assert code is not None
    assert (code.first_line, code.more_lines) == (first, more)
    assert code.text.split("\n") == [f"line {number}" for number in range(first, first + shown)]


@pytest.mark.parametrize(
    ("file", "about"),
    [
        ({**FILE, "content": base64.b64encode(b"\x89PNG\r\n\x1a\n\0\0\0").decode()}, "Binary, 11 B"),
        ({**FILE, "content": "abcde"}, "0 lines"),
        (LimitExceeded("The answer is longer than 5 MiB.", limit="api_bytes"), "Too large to show"),
    ],
)
def test_a_file_without_lines_says_why(file: Any, about: str):
    made = card("/-/blob/main/src/app.py#L3", file=file)
    assert (made.code, words(made)[0]) == (None, about)


@pytest.mark.parametrize("anchor", ["", "#L3"])
def test_a_ref_with_a_slash_is_found_at_the_second_try(anchor: str):
    api = RecordedApi({
        f"{IN_REPOSITORY}/files/src%2Fapp.py?ref=feature%2Fsearch": FILE,
        f"{IN_REPOSITORY}/commits/{SHA}": COMMIT,
    })  # fmt: skip
    made = card_of(gitlab, f"{PROJECT}/-/blob/feature/search/src/app.py{anchor}", api=api)
    assert made.kicker == "group/sub/project@feature/search"
    assert len(api.calls) == 3


def test_a_pinned_file_has_no_permalink():
    made = card(f"/-/blob/{SHA}/src/app.py#L3")
    assert (made.kicker, labels(made)) == ("group/sub/project@61049424", ["Blame"])


def test_a_full_page_of_entries_may_not_be_all():
    made = card("/-/tree/main", tree=[{"name": f"f{n:03}", "type": "blob"} for n in range(100)])
    assert words(made)[0] == "100+ entries"
    assert made.text.endswith(" · +92+ more")
