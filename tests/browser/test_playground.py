"""The playground: a link in; its card as Space draws it, as text and as JSON out, and how it came about."""

from __future__ import annotations

import json

import pytest
import requests
from playwright.sync_api import expect

from tests.browser.person import CHECKS, ISSUE, PATIENCE_MS


@pytest.fixture
def opens(new_context, service):
    """Opens the playground: `opens(url=…, width=360, dark=True)`."""
    faults = []

    def sit_down(*, width: int = 1280, dark: bool = False, **query: str):
        page = new_context(
            viewport={"width": width, "height": 860}, color_scheme="dark" if dark else "light"
        ).new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        page.goto(requests.Request("GET", f"{service.url}/playground", params=query).prepare().url)
        page.wait_for_selector("body[data-ready]")
        return page

    yield sit_down
    assert faults == []


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_card_is_there_drawn_as_text_and_as_json(opens, width, dark):
    page = opens(width=width, dark=dark)
    page.get_by_label("A link").fill(ISSUE)
    page.get_by_role("button", name="Preview").click()
    expect(page.locator(".card")).to_contain_text("Greeting crashes when the name is empty")
    expect(page.get_by_role("region", name="As text")).to_contain_text("Greeting crashes when the name is empty")
    content = json.loads(page.locator("#content").inner_text())
    assert content["className"] == "ApplicationUnfurlContent.Message"
    expect(page.get_by_role("region", name="How it came about")).to_contain_text("rule /<owner>/<repo>/issues/")
    assert page.evaluate(CHECKS)["complaints"] == []
    page.locator(".card").get_by_role("button", name="Refresh").click()
    expect(page.get_by_role("status")).to_contain_text("would ask the application for card.refresh")


def test_it_is_drawn_by_the_very_same_files_as_in_the_chat(opens, person, service, space_server):
    card = opens(url=ISSUE).locator(".card")
    ann = person()
    ann.writes(ISSUE)
    ann.sees(ann.cards, "Greeting crashes")
    without_times = "each => each.outerHTML.replace(/<time.*?<[/]time>/g, '')"
    there, here = ann.cards.first.evaluate(without_times), card.evaluate(without_times)
    assert here.replace("/playground/drawing/", "/drawing/").replace(service.url, space_server.url) == there


def test_the_full_card_is_a_choice(opens):
    page = opens(url=ISSUE)
    page.get_by_label("Card").select_option("full")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator(".card").get_by_role("button", name="Less")).to_be_visible()
    expect(page.get_by_label("Card")).to_have_value("full")


def test_a_link_without_a_preview_is_told_why(opens):
    page = opens(url=f"{ISSUE}00")
    why = page.get_by_role("region", name="Why there is no preview")
    expect(why).to_contain_text("reason: not-found")
    expect(why).to_contain_text("Look whether the link is right")
    expect(page.locator(".card")).to_have_count(0)


def test_whatever_is_asked_for_is_text(opens, pages):
    title = "&lt;/pre&gt;[a](https://evil.example)&lt;script document.title='run'"
    pages.answers("/hostile", f"<title>{title}</title>")
    page = opens(url=f"{pages.url}/hostile", width=360)
    expect(page.locator(".card")).to_contain_text("[a](https://evil.example)<script document.title='run'")
    assert page.title() == "Playground"
    page = opens(url="\"><script>document.title='run'</script>\u202e")
    expect(page.get_by_role("region")).to_contain_text("link-malformed")
    assert page.title() == "Playground"


def test_a_title_of_10000_characters_neither_overflows_nor_overlaps(opens, person, pages):
    pages.answers("/long", f"<title>{'W' * 10_000}</title><meta name=description content='{'many words ' * 1_000}'>")
    link = f"{pages.url}/long"
    page = opens(url=link, width=360)
    assert page.evaluate(CHECKS)["complaints"] == []
    ann = person(width=360)
    ann.writes(link)
    ann.sees(ann.cards, "WWW")
    assert ann.complaints() == []
    ann.page.get_by_role("button", name="Inspect the preview of").click()
    ann.sees(ann.page.locator("#story"), "valid and shown")
    assert ann.complaints() == []


def test_what_turns_text_round_turns_nothing_round_in_the_playground(opens, pages):
    pages.answers("/round", "<title>\u202egnp.exe \u2066pass\u200bword</title>".encode())
    page = opens(url=f"{pages.url}/round", width=360)
    expect(page.get_by_role("region", name="As text")).to_contain_text("gnp.exe password")
    assert not set("\u202e\u2066\u200b") & set(page.locator("body").inner_text())
