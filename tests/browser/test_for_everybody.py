"""The page without a mouse, for a screen reader, in both themes, narrow and wide."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.person import ISSUE, REPOSITORY

VIEWS = ["", "#application", "#page=document", "#homepage", "#admin"]


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_view_has_names_contrast_and_room(person, space, width, dark):
    space.call("pages/document", text=f"Waits for {ISSUE}")
    (item,) = space.someone_posts(f"With a card: {ISSUE}")
    assert space.card(item)
    ann = person(width=width, dark=dark, tour=True)
    for view in VIEWS:
        ann.opens(view)
        assert ann.complaints() == [], view
    if width == 360:
        for button in ("Places", "Try and inspect"):
            ann.page.get_by_role("button", name=button).click()
            assert ann.complaints() == [], button
            ann.page.get_by_role("button", name=button).click()


def test_the_switch_of_colours_is_stronger_than_the_system_and_is_kept(person):
    ann = person(dark=True)
    paper = "() => getComputedStyle(document.body).backgroundColor"
    dark = ann.page.evaluate(paper)
    ann.page.get_by_label("Colours").select_option("light")
    light = ann.page.evaluate(paper)
    assert light != dark
    ann.opens()
    assert ann.page.evaluate(paper) == light
    expect(ann.page.get_by_label("Colours")).to_have_value("light")


def test_all_of_it_works_by_keyboard(person):
    ann = person()
    keys = ann.page.keyboard
    keys.press("Tab")
    expect(ann.page.get_by_role("link", name="Go to the message box")).to_be_focused()
    keys.press("Enter")
    box = ann.page.get_by_label("Message", exact=True)
    expect(box).to_be_focused()
    keys.type(f"{REPOSITORY}/pull/5")
    keys.press("Enter")
    ann.sees(ann.cards, "Greet politely")
    expect(box).to_be_focused()
    more = ann.cards.get_by_role("button", name="More")
    for _ in range(15):
        keys.press("Shift+Tab")
        if more.evaluate("each => each === document.activeElement"):
            break
    expect(more).to_be_focused()
    outline = more.evaluate("each => getComputedStyle(each).outlineStyle + getComputedStyle(each).outlineWidth")
    assert outline == "solid2px"
    keys.press("Space")
    expect(ann.cards.get_by_role("button", name="Less")).to_be_focused()


def test_the_menu_of_a_message_is_walked_with_arrows_and_gives_the_focus_back(person):
    ann = person()
    ann.writes(ISSUE)
    ann.sees(ann.cards, "Greeting crashes")
    opener = ann.page.get_by_role("button", name="Menu of the message from Ann Lee")
    opener.focus()
    ann.page.keyboard.press("Enter")
    items = ann.page.get_by_role("menuitem")
    expect(items.first).to_be_focused()
    ann.page.keyboard.press("ArrowUp")
    expect(items.last).to_be_focused()
    assert ann.complaints() == []
    ann.page.keyboard.press("Escape")
    expect(opener).to_be_focused()
    ann.page.keyboard.press("Enter")
    ann.page.get_by_role("menuitem", name="Delete the message").click()
    ann.sees_no(ann.cards)


def test_a_screen_reader_hears_what_is_new(person):
    ann = person()
    log = ann.page.get_by_role("log", name="#general")
    expect(log).to_be_visible()
    ann.writes("Good morning")
    expect(log.get_by_role("listitem")).to_contain_text("Good morning")
    expect(ann.notice).to_have_attribute("aria-live", "polite")
    ann.page.get_by_role("link", name="#random").click()
    expect(ann.page.get_by_role("log", name="#random")).to_be_visible()
    expect(ann.page.get_by_role("link", name="#random")).to_have_attribute("aria-current", "page")
    expect(ann.page).to_have_title(re.compile("#random"))


def test_nothing_moves_for_those_who_asked_for_that(person):
    ann = person()
    lasts = "each => parseFloat(getComputedStyle(each).transitionDuration) > 0"
    moving = f"() => [...document.querySelectorAll('*')].filter({lasts}).length"
    assert ann.page.evaluate(moving) == 0
    ann.page.emulate_media(reduced_motion="no-preference")
    assert ann.page.evaluate(moving) > 0
