"""GitHub's repositories, releases and people."""

from __future__ import annotations

from typing import Any

import pytest

from providers.github import github
from tests.providers.github_replies import REPLIES, card, reply, values
from tests.providers.kit import card_of
from unfurler.sdk import NotFound, NothingToShow, Status

# People


def test_an_address_of_nobody_asks_for_no_account():
    with pytest.raises(NothingToShow) as nothing:
        card_of(github, "https://github.com/nobody-there", {})
    assert not isinstance(nothing.value, NotFound)


def test_a_person_and_an_organization_are_told_apart():
    person = card_of(github, "https://github.com/octocat", REPLIES)
    found = {**reply("profile"), "type": "Organization", "name": None}
    organization = card_of(github, "https://github.com/orgs/octokit", {**REPLIES, "/users/octokit": found})
    assert (person.kicker, person.title) == ("Person", "monalisa octocat (octocat)")
    assert (organization.kicker, organization.title) == ("Organization", "octocat")


# Releases, repositories


@pytest.mark.parametrize(
    ("path", "changes", "status"),
    [
        ("/releases/latest", {}, Status("Latest", "success")),
        ("/releases/tag/v1.0.0", {}, None),
        ("/releases/tag/v1.0.0", {"prerelease": True}, Status("Pre-release", "warning")),
        ("/releases/tag/v1.0.0", {"draft": True, "published_at": None}, Status("Draft", "warning")),
    ],
)
def test_a_release_says_its_state(path: str, changes: dict[str, Any], status: Status | None):
    replies = dict.fromkeys(
        ["/repos/o/r/releases/latest", "/repos/o/r/releases/tags/v1.0.0"], reply("release", **changes)
    )
    assert card(path, replies=replies).status == status


def test_only_files_of_the_site_itself_are_offered():
    asset = reply("release")["assets"][0]
    assets = [
        {**asset, "name": "evil", "browser_download_url": "https://github.com.evil.example/x"},
        {**asset, "name": "app.zip.sha256"},
        {**asset, "name": "half.zip", "state": "open"},
        {**asset, "name": "app.zip"},
    ]
    made = card("/releases/latest", replies={"/repos/o/r/releases/latest": reply("release", assets=assets)})
    assert [button.text for button in made.buttons] == ["Download app.zip"]


def test_a_repository_without_a_release_is_shown_all_the_same():
    made = card("", replies={"/repos/o/r/releases/latest": 404})
    assert made.title == "octokit-fixture-org/hello-world"
    assert "Latest release" not in values(made)


def test_an_archived_repository_says_so():
    made = card("", replies={"/repos/o/r": reply("repository", archived=True)})
    assert made.status == Status("Archived", "warning")
