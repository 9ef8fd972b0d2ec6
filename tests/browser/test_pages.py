"""Outside the chat a preview is a tooltip."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.person import ISSUE


def test_links_in_documents_issues_and_reviews_have_their_preview_as_a_tooltip(person, space):
    ann = person()
    tip = ann.page.get_by_role("dialog", name=f"Preview of {ISSUE}")
    for kind, title in {
        "document": "Release plan",
        "issue": "Ship the next release",
        "review": "Greet politely",
    }.items():
        space.call(f"pages/{kind}", text=f"In this {kind}: {ISSUE}.")
        ann.page.get_by_role("link", name=title).click()
        ann.sees(ann.page.locator("#page-text"), f"In this {kind}")
        expect(tip).to_have_count(0)
        ann.page.locator("#page-text").get_by_role("link").hover()
        ann.sees(tip, "Greeting crashes when the name is empty")
        ann.page.mouse.move(5, 5)
        ann.sees_no(tip)


def test_a_tooltip_is_reached_used_and_left_by_keyboard(person, space):
    space.call("pages/document", text=f"Waits for {ISSUE}.")
    ann = person(path="#page=document", width=360)
    peek = ann.page.get_by_role("button", name=f"Preview of {ISSUE}")
    peek.focus()
    ann.page.keyboard.press("Enter")
    tip = ann.page.get_by_role("dialog", name=f"Preview of {ISSUE}")
    ann.sees(tip, "Greeting crashes")
    more = tip.get_by_role("button", name="More")
    for _ in range(12):
        ann.page.keyboard.press("Tab")
        if more.evaluate("each => each === document.activeElement"):
            break
    ann.page.keyboard.press("Enter")
    less = tip.get_by_role("button", name="Less")
    ann.sees(less, "Less")
    expect(less).to_be_focused()
    assert ann.complaints() == []
    ann.page.keyboard.press("Escape")
    ann.sees_no(tip)
    expect(peek).to_be_focused()


def test_a_text_is_edited_and_its_new_link_gets_a_preview(person):
    ann = person(path="#page=document")
    ann.page.get_by_role("button", name="Edit").click()
    ann.page.get_by_label("Text, in Markdown").fill(f"* first\n* then {ISSUE}")
    ann.page.get_by_role("button", name="Save").click()
    ann.page.get_by_role("button", name="Preview of").click()
    ann.sees(ann.page.locator(".tip"), "Greeting crashes")
    (item,) = ann.space.items
    assert item["context"]["className"] == "DocumentAppUnfurlContext"
