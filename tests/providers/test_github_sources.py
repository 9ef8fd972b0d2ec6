"""GitHub's files, folders, commits and comparisons: which lines are shown, and of which version."""

from __future__ import annotations

from typing import Any

import pytest

from providers.github import github
from tests.providers.github_replies import COMMIT, NEWER, REPO, SHA, card, lines, reply, words
from tests.providers.kit import RecordedApi, card_of, match
from unfurler.sdk import Fact, Status
from unfurler.sdk.errors import LimitExceeded

# Comparisons


def test_a_comparison_says_when_there_is_nothing_to_compare():
    path = "/repos/o/r/compare/main...feature%2Fx"
    same = reply("comparison", status="identical", total_commits=0, behind_by=0, commits=[], files=[])
    made = card("/compare/main...feature/x", replies={path: same})
    assert made.status == Status("Identical")
    assert words(made) == ["0 commits"]


# Files


@pytest.mark.parametrize(
    ("anchor", "first", "shown", "more"),
    [
        ("L20", 17, 7, 0),
        ("L2", 1, 5, 0),
        ("L40", 37, 4, 0),
        ("L10-L14", 10, 5, 0),
        ("L10-L19", 10, 10, 0),
        ("L10-L20", 10, 10, 1),
        ("L20-L10", 10, 10, 1),
        ("L10-20", 10, 10, 1),
        ("L10C3-L12C5", 10, 3, 0),
        ("L1-L40", 1, 10, 30),
        ("L38-L99", 38, 3, 0),
    ],
)
def test_the_linked_lines_are_shown(anchor: str, first: int, shown: int, more: int):
    code = card(f"/blob/main/src/app.py#{anchor}").code
    assert code is not None
    assert (code.first_line, code.more_lines) == (first, more)
    assert code.text.split("\n") == [f"line {number}" for number in range(first, first + shown)]


@pytest.mark.parametrize(("content", "about"), [(lines(40), "40 lines"), (b"one", "1 line"), (b"", "0 lines")])
def test_lines_beyond_the_end_are_not_shown(content: bytes, about: str):
    made = card("/blob/main/src/app.py#L41-L50", replies={"/repos/o/r/contents/src/app.py": content})
    assert (made.code, words(made)[0]) == (None, about)


@pytest.mark.parametrize("anchor", ["L0", "L", "L99999999999", "readme", "L1-", "diff-1"])
def test_another_anchor_is_no_line(anchor: str):
    assert card(f"/blob/main/README.md#{anchor}").code is None


def test_line_ends_and_tabs_are_kept_as_they_count():
    content = b"\xef\xbb\xbfone\r\n\ttwo\r\n\x0cthree \xe2\x80\xa8still three\nfo\xffur"
    code = card("/blob/main/src/app.py#L1-L9", replies={"/repos/o/r/contents/src/app.py": content}).code
    assert code is not None
    assert code.text == "one\n\ttwo\n\x0cthree \u2028still three\nfo\ufffdur"


@pytest.mark.parametrize(
    ("content", "about"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0", "Binary, 11 B"),
        (LimitExceeded("The answer is longer than 5 MiB.", limit="api_bytes"), "Too large to show"),
    ],
)
def test_a_file_without_lines_says_why(content: Any, about: str):
    made = card("/blob/main/src/app.py#L3", replies={"/repos/o/r/contents/src/app.py": content})
    assert (made.code, words(made)[0]) == (None, about)


@pytest.mark.parametrize("anchor", ["", "#L3"])
def test_a_ref_with_a_slash_is_found_at_the_second_try(anchor: str):
    api = RecordedApi({
        "/repos/o/r/contents/src/app.py?ref=feature%2Fsearch": lines(9) if anchor else reply("file"),
        "/repos/o/r/commits": reply("commits"),
    })  # fmt: skip
    made = card_of(github, f"{REPO}/blob/feature/search/src/app.py{anchor}", api=api)
    assert made.kicker == "o/r@feature/search"
    assert made.title.startswith("src/app.py")
    assert len(api.calls) == 3


def test_a_branch_with_a_slash_is_shown_as_a_folder():
    replies = {"/repos/o/r/contents?ref=feature%2Fsearch": reply("folder")}
    made = card_of(github, f"{REPO}/tree/feature/search", replies)
    assert (made.kicker, made.title) == ("o/r@feature/search", "o/r")


def test_a_pinned_file_says_that_it_was_changed_since():
    then, now = reply("commits"), reply("commits")
    now[0]["sha"] = NEWER
    now[0]["commit"]["committer"]["date"] = "2020-01-01T00:00:00Z"
    replies = {f"/repos/o/r/commits?path=src%2Fapp.py&sha={SHA}&per_page=1": then, "/repos/o/r/commits": now}
    made = card(f"/blob/{SHA}/src/app.py#L3", replies=replies)
    assert "Changed since" in words(made)
    assert made.kicker == "o/r@6dcb09b"
    assert [button.text for button in made.buttons] == ["Blame"]


def test_buttons_of_lines_lead_to_the_same_lines():
    made = card("/blob/main/src/app.py#L3-L4", replies={"/repos/o/r/contents/src/app.py": lines(9)})
    assert [(button.text, button.url) for button in made.buttons] == [
        ("Permalink", f"{REPO}/blob/{SHA}/src/app.py#L3-L4"),
        ("Blame", f"{REPO}/blame/main/src/app.py#L3-L4"),
    ]


def test_a_name_with_odd_letters_is_quoted_in_what_a_button_opens():
    replies = {"/repos/o/r/contents/a%20%23b%3F.py": lines(9)}
    made = card("/blob/main/a%20%23b%3F.py#L3", replies=replies)
    assert made.buttons[-1].url == f"{REPO}/blame/main/a%20%23b%3F.py#L3"


def test_a_path_never_chooses_another_endpoint():
    api = RecordedApi()
    found = match(github, f"{REPO}/blob/main/x%2F..%2F..%2Fsecret#L1")
    if found is not None:
        with pytest.raises(Exception, match="cannot stand in a path"):
            found.rule.function(found.link, api, **found.arguments)
    assert api.calls == []


def test_a_folder_names_its_folders_first_and_counts_the_rest():
    entries = [{"name": f"f{n}"} for n in range(9)] + [{"name": "src", "type": "dir"}]
    text = card("/tree/main/src", replies={"/repos/o/r/contents/src": entries}).text
    assert text.startswith("src/ · f0 · ")
    assert text.endswith(" · +2 more")


# Commits


def test_a_commit_without_an_account_has_the_name_written_in_it():
    made = card(f"/commit/{SHA}", replies={COMMIT: reply("commit", author=None)})
    assert words(made)[0] == "Monalisa Octocat"
    assert card(f"/commit/{SHA}", replies={COMMIT: {"sha": SHA, "author": {}}}).facts[0].text == "ghost"


def test_a_verified_commit_says_so():
    found = reply("commit")
    found["commit"]["verification"]["verified"] = True
    assert Fact("Verified", tone="success") in card(f"/commit/{SHA}", replies={COMMIT: found}).facts
