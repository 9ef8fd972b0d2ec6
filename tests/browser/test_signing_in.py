"""From a private link to its card in a real browser: Space's login, the system's page, the confirmation, and back."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.world.forges import GitHub
from tests.world.service import Service

CONNECT = "Connect GitHub"


@pytest.fixture(scope="module")
def hub():
    """A GitHub Enterprise with one private repository."""
    system = GitHub()
    yield system
    system.close()


@pytest.fixture(scope="module")
def service(tmp_path_factory, space_server, hub):
    """The service, with an OAuth application there."""
    environ = {
        "UNFURLER_SPACE_HOSTS": space_server.url,
        "UNFURLER_GITHUB_URL": hub.url,
        "UNFURLER_GITHUB_CLIENT_ID": "hub-client",
        "UNFURLER_GITHUB_CLIENT_SECRET": "hub-client-secret",
    }
    made = Service(tmp_path_factory.mktemp("signed-in"), environ)
    hub.application("hub-client", "hub-client-secret", f"{made.url}/oauth/github/callback")
    yield made.start()
    made.stop()


@pytest.fixture
def link(hub):
    repository = hub.repository("secret/plans", readers=["octo-ann"])
    return hub.issue(repository, 1, "The plan")


@pytest.fixture
def ann(person, link):
    """Has posted the link, is asked to sign in, and does."""
    ann = person()
    ann.writes(link)
    ann.page.get_by_role("link", name=CONNECT).click()
    ann.sees(ann.page.locator("h1"), "know who you are?")
    return ann


def authorize(ann, login: str) -> None:
    """On the system's own page."""
    ann.sees(ann.page.locator("h1"), "Authorize the application?")
    ann.page.get_by_label("You are").fill(login)
    ann.page.get_by_role("button", name="Authorize").click()


def test_a_person_signs_in_and_the_card_appears(ann):
    expect(ann.page.get_by_label("You are").locator("option:checked")).to_have_text("Ann Lee")
    ann.page.get_by_role("button", name="Allow", exact=True).click()
    authorize(ann, "octo-ann")
    ann.sees(ann.page.locator("h1"), "Link these two?")
    row = ann.page.get_by_role("row")
    expect(row.filter(has_text="Person in Space")).to_contain_text("proved by Space's login")
    expect(row.filter(has_text="account")).to_contain_text("octo-ann")
    assert ann.complaints() == []
    ann.page.get_by_label("Private links that this person posts").select_option("show")
    ann.page.get_by_role("button", name="Yes, link them").click()
    ann.sees(ann.cards, "The plan")
    ann.sees_no(ann.page.get_by_role("link", name=CONNECT))


def test_somebody_else_does_not_get_further(ann, space, hub):
    asked = len(hub.asked)
    ann.page.get_by_label("You are").select_option(index=1)
    ann.page.get_by_role("button", name="Allow", exact=True).click()
    ann.sees(ann.page.get_by_role("status"), "made for somebody else")
    assert len(hub.asked) == asked
    ann.page.get_by_role("link", name="Back to Space").click()
    ann.page.wait_for_url(f"{space.server.url}/**")


def test_who_does_not_say_who_they_are_is_led_back(ann, space):
    ann.page.get_by_role("button", name="Do not allow").click()
    ann.sees(ann.page.get_by_role("status"), "Nothing was linked")
    ann.page.get_by_role("link", name="Back to Space").click()
    ann.page.wait_for_url(f"{space.server.url}/**")
