"""Links that people paste become cards, whose buttons work."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.person import ISSUE, REPOSITORY, button, message, post, show, text


def test_a_pasted_link_becomes_a_card_without_a_reload(person):
    ann = person()
    ann.writes(f"Have a look: {ISSUE}")
    ann.sees(ann.cards, "Greeting crashes when the name is empty")
    ann.sees(ann.cards, "Open")
    expect(ann.cards.get_by_role("link", name="Greeting crashes when the name is empty")).to_have_attribute(
        "href", ISSUE
    )
    expect(ann.page.get_by_label("Message", exact=True)).to_have_value("")


def test_refresh_shows_what_changed_meanwhile_and_keeps_the_focus(person, forge_issue):
    ann = person()
    ann.writes(forge_issue)
    ann.sees(ann.cards, "Open")
    ann.page.get_by_role("button", name="Close the issue").click()
    ann.sees(ann.page.locator("#recorded-state"), "closed")
    refresh = ann.cards.get_by_role("button", name="Refresh")
    refresh.focus()
    ann.page.keyboard.press("Enter")
    ann.sees(ann.cards.locator(".tag").first, "Closed")
    expect(refresh).to_be_focused()
    ann.sees(ann.notice, "delivered")


def test_more_and_less_change_the_size_of_a_card(person):
    ann = person()
    ann.writes(f"{REPOSITORY}/pull/5")
    ann.sees(ann.cards, "Greet politely")
    compact = ann.cards.bounding_box()["height"]
    ann.cards.get_by_role("button", name="More").click()
    less = ann.cards.get_by_role("button", name="Less")
    ann.sees(less, "Less")
    assert ann.cards.bounding_box()["height"] > compact
    less.click()
    ann.sees(ann.cards.get_by_role("button", name="More"), "More")


def test_everyone_sees_the_card_and_what_became_of_it(person, forge_issue):
    ann, bob = person(0), person(1)
    ann.writes(forge_issue)
    ann.sees(bob.cards, "Open")
    ann.page.get_by_role("button", name="Close the issue").click()
    ann.sees(ann.page.locator("#recorded-state"), "closed")
    bob.cards.get_by_role("button", name="Refresh").click()
    ann.sees(ann.cards.locator(".tag").first, "Closed")


def test_when_the_item_is_gone_the_application_answers_in_a_direct_message(person):
    ann = person()
    ann.writes(ISSUE)
    ann.sees(ann.cards, "Open")
    ann.page.get_by_role("link", name="Administration").click()
    ann.page.get_by_role("button", name="31 minutes later").click()
    ann.sees(ann.notice, "moved")
    ann.page.get_by_role("link", name="#general").click()
    ann.cards.get_by_role("button", name="Refresh").click()
    inbox = ann.page.get_by_role("link", name="Link previews (1 new)")
    inbox.click()
    ann.sees(ann.cards, "Greeting crashes when the name is empty")
    ann.sees(ann.page.locator(".byline"), "application")


def test_a_link_that_no_domain_covers_says_so(person):
    ann = person()
    ann.writes("https://nobody.example/1")
    ann.sees(ann.notice, "No registered domain covers this link")


def test_people_write_to_each_other_and_nobody_else_reads_it(person):
    ann, carla = person(0), person(2)
    ann.page.get_by_role("link", name="Bob Stone").click()
    ann.sees(ann.page.locator("#view-title"), "Bob Stone")
    ann.writes(f"Between us: {ISSUE}")
    ann.sees(ann.cards, "Greeting crashes")
    carla.page.get_by_role("link", name="Bob Stone").click()
    expect(carla.page.locator("#empty")).to_be_visible()
    ann.page.get_by_label("You are").select_option("Bob Stone")
    ann.page.get_by_role("link", name="Ann Lee").click()
    ann.sees(ann.cards, "Greeting crashes")


def test_the_tour_is_shown_once_and_can_be_asked_for(person):
    ann = person(tour=True)
    tour = ann.page.get_by_role("dialog", name="Tour")
    ann.sees(tour, "1 of 6")
    for _ in range(5):
        tour.get_by_role("button", name="Next").click()
    tour.get_by_role("button", name="Done").click()
    expect(tour).to_be_hidden()
    ann.opens()
    expect(tour).to_be_hidden()
    ann.page.get_by_role("button", name="Tour").click()
    ann.sees(tour, "1 of 6")
    ann.page.keyboard.press("Escape")
    expect(tour).to_be_hidden()


def test_a_number_after_a_registered_prefix_is_a_link_with_a_card(person, space):
    domains = [each["domain"] for each in space.state["domains"]]
    pattern = {"prefix": "HELLO-", "linkReplacement": f"{REPOSITORY}/issues/<?>"}
    post(space, "applications/unfurls/patterns", {"patterns": [pattern]}, "PATCH")
    assert "github.com" in domains
    ann = person()
    ann.writes("Is HELLO-1 the one, or XHELLO-1, HELLO-1a, HELLO-?")
    written = ann.page.locator("#messages .body")
    link = written.get_by_role("link")
    expect(link).to_have_text("HELLO-1")
    expect(link).to_have_attribute("href", f"{REPOSITORY}/issues/1")
    ann.sees(ann.cards, "Greeting crashes")
    expect(written).to_contain_text("Is HELLO-1 the one, or XHELLO-1, HELLO-1a, HELLO-?")


def test_a_very_high_card_is_folded_until_somebody_wants_the_rest(person, space):
    ann = person()
    end = button("The end")
    rows = [text(f"Line {number}") for number in range(40)]
    show(space, message(text("A short one")), message(*rows, {"className": "MessageControlGroup", "elements": [end]}))

    def high() -> float:
        return ann.cards.nth(1).bounding_box()["height"]

    unfold = ann.page.get_by_role("button", name="Show more")
    expect(unfold).to_have_count(1)
    expect(unfold).to_have_attribute("aria-expanded", "false")
    assert high() <= 480
    assert ann.complaints() == []
    unfold.click()
    assert high() > 900
    ann.page.get_by_role("button", name="Show less").click()
    assert high() <= 480
    unfold.focus()
    ann.page.keyboard.press("Shift+Tab")
    expect(ann.cards.nth(1).get_by_role("button", name="The end")).to_be_focused()
    assert high() > 900
