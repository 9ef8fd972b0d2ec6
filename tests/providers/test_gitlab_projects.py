"""GitLab's projects, groups, releases and snippets."""

from __future__ import annotations

from typing import Any

import pytest

from providers.gitlab import gitlab
from tests.providers.gitlab_replies import PROJECT, PROJECT_REPLY, RELEASE, REPLIES, SITE, SNIPPET, card
from tests.providers.kit import card_of
from unfurler.sdk import Status


@pytest.mark.parametrize(
    ("visibility", "public"), [("public", True), ("internal", False), ("private", False), (None, False), (7, False)]
)
def test_only_what_says_so_is_public(visibility: Any, public: bool):
    assert card("", project={**PROJECT_REPLY, "visibility": visibility}).public is public
    replies = {**REPLIES, "/snippets/3": {**SNIPPET, "visibility": visibility}}
    assert card_of(gitlab, f"{SITE}/-/snippets/3", replies).public is public
    assert not card("/-/snippets/3", snippet={**SNIPPET, "visibility": visibility}).public


def test_a_group_in_a_group_is_shown_as_one():
    group = {"full_path": "group/sub/project", "visibility": "public", "description": "Things that start."}
    made = card_of(gitlab, PROJECT, {"/groups/group%2Fsub%2Fproject": group})
    assert (made.kicker, made.title, made.public) == ("Group", "group/sub/project", True)


def test_an_archived_project_says_so():
    assert card("", project={**PROJECT_REPLY, "archived": True}).status == Status("Archived", "warning")


def test_only_files_of_the_site_itself_are_offered():
    made = card("/-/releases/v1.0")
    assert [(button.text, button.url) for button in made.buttons] == [("Download app.zip", f"{PROJECT}/-/app.zip")]


def test_a_release_to_come_says_so():
    made = card("/-/releases/v1.0", release={**RELEASE, "upcoming_release": True})
    assert made.status == Status("Upcoming", "warning")


def test_a_snippet_shows_its_first_lines():
    code = card("/-/snippets/3").code
    assert code is not None
    assert (code.text.count("\n"), code.more_lines) == (7, 32)
