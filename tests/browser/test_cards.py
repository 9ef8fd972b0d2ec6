"""How cards are drawn: every element, any text, in both themes, narrow and wide."""

from __future__ import annotations

import os
import re
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from tests.browser.elements import AT, HOSTILE, ICONS, PICTURE, everything, hostile, picture, plain_outline
from tests.browser.person import message, post, show, text

SIZES_AND_THEMES = [(width, dark) for width in (360, 1280) for dark in (False, True)]
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="600" height="400"><circle cx="300" cy="200" r="150"/></svg>'


def keep_picture(ann, name: str) -> None:
    """For somebody who wants to look: UNFURLER_PICTURES names a folder."""
    if folder := os.environ.get("UNFURLER_PICTURES"):
        # The log scrolls by itself; here it is to be as high as what is in it.
        ann.page.set_viewport_size({"width": ann.page.viewport_size["width"], "height": 2600})
        ann.page.screenshot(path=f"{folder}/{name}.png")


@pytest.mark.parametrize(("width", "dark"), SIZES_AND_THEMES)
def test_every_element_is_drawn(person, space, width, dark):
    ann = person(width=width, dark=dark)
    ann.page.route(PICTURE, lambda route: route.fulfill(body=SVG, content_type="image/svg+xml"))
    show(space, picture(), plain_outline(), everything())
    expect(ann.cards).to_have_count(3)
    picture_card, outlined, card = (ann.cards.nth(at) for at in range(3))
    expected = {
        ".outline .tag": 1,
        ".outline time": 1,
        ".section": 11,
        ".header": 1,
        ".footer": 1,
        "hr": 2,
        ".accessory img": 1,
        ".accessory .icon": 1,
        ".accessory .tag": 2,
        ".fields .field": 3,
        ".fields dd time": 1,
        "time.struck": 1,
        ".controls .press": 6,
        ".inline .press": 1,
        "button:disabled": 1,
        "strong": 2,
        "em": 2,
        "s": 1,
        "blockquote": 1,
        "ul ul": 1,
        "ol li": 2,
        "pre": 1,
        ".size-LARGE": 4,
        ".size-SMALL": 5,
        ".bar-ERROR": 1,
        ".bar-WARNING": 1,
    }
    assert {selector: card.locator(selector).count() for selector in expected} == expected
    # Every name that is known, and nothing for the one that is not.
    expect(card.locator(".inline:has(.icon + .icon) .icon")).to_have_count(len(ICONS))
    expect(card).not_to_contain_text("no-such-icon")
    expect(outlined.locator(".outline .icon")).to_have_count(1)
    expect(outlined.locator(".outline strong")).to_have_text("TSK-1")
    expect(picture_card.get_by_role("img", name="A picture of a harbour")).to_be_visible()
    back = card.get_by_role("link", name="Open").get_attribute("href")
    assert back == f"https://tracker.example/1?backUrl={quote(ann.page.url, safe='')}"
    assert ann.complaints() == []
    drawn = "() => [...document.querySelectorAll('.icon use')].every(each => each.getBBox().width > 0)"
    assert ann.page.evaluate(drawn), "the symbols are found"
    keep_picture(ann, f"elements-{width}-{'dark' if dark else 'light'}")


def test_times_are_the_readers_own(person, space):
    ann = person()
    show(space, everything())
    group = ann.cards.locator(".text:has(.struck) time")
    expect(group.nth(1)).to_have_text("21 May 2024, 19:01")
    expect(group.nth(2)).to_have_text("21 May 2024")
    expect(group.nth(3)).to_have_text("19:01")
    expect(group.nth(0)).to_have_text(re.compile(r"\d+ years ago"))
    assert group.nth(0).get_attribute("datetime").startswith("2024-05-21T17:01:33")
    assert AT == 1716310893767


def test_markdown_is_read_as_space_reads_it(person, space):
    ann = person()
    show(space, everything())
    flow = ann.cards.locator(".flow").filter(has_text="A second line")
    expect(flow.locator("p").first).to_contain_text("*stars* and snake_case_names and 2 * 3 * 4.")
    assert flow.get_by_role("link").evaluate_all("all => all.map(each => each.href)") == [
        "https://tracker.example/2",
        "https://tracker.example/3",
    ]
    expect(flow.locator("pre")).to_contain_text("if a < b:")


def test_hostile_texts_are_drawn_as_text(person, space):
    ann = person(width=360)
    title = ann.page.title()
    show(space, *[hostile(said) for said in HOSTILE.values()])
    expect(ann.cards).to_have_count(len(HOSTILE))
    assert ann.page.title() == title, "nothing ran"
    assert ann.complaints() == []
    assert ann.page.locator("#messages").locator("script, style, iframe, [onerror]").count() == 0
    for address in ann.page.locator("#messages a").evaluate_all("all => all.map(each => each.protocol)"):
        assert address in ("http:", "https:")
    keep_picture(ann, "hostile-360")


def test_a_link_that_lies_is_shown_with_where_it_leads(person, space):
    ann = person()
    show(
        space, message(text(HOSTILE["link that lies"])), message(text("[tracker.example/1](https://tracker.example/1)"))
    )
    ann.sees(ann.cards.nth(0), "https://bank.example (leads to evil.example)")
    ann.sees(ann.cards.nth(1), "tracker.example/1")
    expect(ann.cards.nth(1)).not_to_contain_text("leads to")


def test_what_turns_text_round_or_hides_in_it_is_not_drawn(person, space):
    ann = person()
    show(space, message(text(HOSTILE["right to left"])), message(text(HOSTILE["unseen"])))
    drawn = ann.cards.nth(0).inner_text()
    assert not re.search(r"[\u202a-\u202e\u2066-\u2069\u200e\u200f]", drawn)
    ann.sees(ann.cards.nth(1), "password")


def test_a_hostile_title_from_a_site_is_text_in_the_card(person, space, pages):
    title = "&lt;script&gt;document.title='run'&lt;/script&gt; [a](https://evil.example) \u202egnp.exe"
    pages.answers("/hostile", f"<title>{title}</title><meta name=description content='{title * 100}'>")
    ann = person(width=360)
    ann.writes(f"{pages.url}/hostile")
    ann.sees(ann.cards, "<script>document.title='run'</script> [a](https://evil.example)")
    assert ann.page.title() == "#general · Space, emulated"
    hrefs = ann.cards.get_by_role("link").evaluate_all("all => all.map(each => each.href)")
    assert hrefs == [f"{pages.url}/hostile"]
    assert ann.complaints() == []


def test_a_request_to_sign_in_is_seen_by_its_addressee_alone(person, space):
    ann, bob = person(0), person(1)
    body = {"items": [{"target": "https://tracker.example/1", "authorUserId": ann.id}], "notify": False}
    (item,) = space.call("items", **body)["items"]
    prompt = message(text("Connect Tracker to see previews of its links."))
    path = "applications/unfurls/queue/request-external-auth"
    post(space, path, {"queueItemId": item["id"], "message": prompt})
    ann.sees(ann.cards, "Only you see this")
    ann.sees(ann.cards, "Connect Tracker")
    ann.sees(bob.page.locator("#messages .item"), "waiting for its author to sign in")
    expect(bob.page.locator("body")).not_to_contain_text("Connect Tracker")


def test_a_direct_message_is_a_text_or_a_block(person, space):
    ann = person(path="#application")
    channel = f"member:id:{ann.id}"
    said = {"className": "ChatMessage.Text", "text": "Closed **#1**"}
    block = message(text("Sure?")) | {"className": "ChatMessage.Block"}
    for content in (said, block):
        post(space, "chats/messages/send-message", {"channel": channel, "content": content, "unfurlLinks": False})
    expect(ann.page.locator("#messages .body strong")).to_have_text("#1")
    ann.sees(ann.cards, "Sure?")
