"""A newcomer presses a button that acts: asked to sign in, signs in, confirms, acts, takes it back. No network."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.person import Person
from unfurler.sandbox.forge import PRIVATE_ISSUE, forge_url


def sign_in(ann: Person, account: str) -> None:
    """From the request in the chat, through Space's login and the emulated GitHub, to the chat again."""
    ann.page.get_by_role("link", name="Connect GitHub").click()
    ann.page.get_by_role("button", name="Allow", exact=True).click()
    ann.sees(ann.page.locator("h1"), "Sign in to the emulated GitHub")
    assert ann.complaints() == []
    ann.page.get_by_role("button", name=f"Sign in as {account}").click()
    ann.sees(ann.page.locator("h1"), "Link these two?")
    ann.page.get_by_role("button", name="Yes, link them").click()
    ann.page.wait_for_selector("body[data-ready]")


def test_an_issue_is_closed_from_its_card_and_reopened(person, forge_issue):
    ann = person()
    ann.writes(f"Who closes it? {forge_issue}")
    close = ann.cards.get_by_role("button", name="Close as completed")
    close.click()
    ann.sees(ann.notice, "wrote to you")
    ann.page.get_by_role("link", name="Link previews").click()
    sign_in(ann, "Ann Lee")
    ann.page.get_by_role("link", name="#general").click()
    close.click()
    ann.sees(ann.cards.locator(".tag").first, "Closed as completed")
    ann.sees(ann.cards, "by ann-lee")
    ann.sees(ann.page.locator("#recorded-state"), "closed")
    ann.cards.get_by_role("button", name="Undo").click()
    expect(ann.cards.locator(".tag").first).to_have_text("Open")
    ann.sees(ann.page.locator("#recorded-state"), "open")


def test_what_the_card_says_stands_at_the_emulated_github_too(person, forge_issue):
    ann = person()
    ann.writes(forge_issue)
    ann.sees(ann.cards, "Greeting crashes")
    ann.page.goto(forge_issue)
    ann.sees(ann.page.locator("h1"), "Greeting crashes when the name is empty")
    assert ann.complaints() == []
    ann.page.get_by_role("link", name="Go to the chat").click()
    ann.sees(ann.cards, "Greeting crashes")


def test_a_private_issue_is_shown_to_who_signs_in_and_to_all_once_its_author_wants_that(person, space):
    ann, bob = person(0), person(1)
    ann.writes(f"{forge_url(space.server.url)}/{PRIVATE_ISSUE}")
    sign_in(ann, "Ann Lee")
    ann.cards.get_by_role("button", name="Show").first.click()
    ann.sees(bob.cards, "Cake for the hundredth release")
