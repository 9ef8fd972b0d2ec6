"""The author's loop: cards beside each other, a page that follows every save, faults with their line."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.person import CHECKS, PATIENCE_MS
from tests.world.workshop import Workshop


@pytest.fixture(scope="module")
def workshop(tmp_path_factory):
    made = Workshop(tmp_path_factory.mktemp("workshop")).opens()
    yield made
    made.close()


@pytest.fixture
def page(new_context, workshop):
    faults = []
    opened = new_context(viewport={"width": 1280, "height": 860}, reduced_motion="reduce").new_page()
    opened.set_default_timeout(PATIENCE_MS)
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("console", lambda said: faults.append(said.text) if "Policy" in said.text else None)
    opened.goto(workshop.url)
    opened.wait_for_selector("body[data-ready]")
    yield opened
    assert faults == []


def test_a_sample_link_has_its_cards_beside_each_other(page):
    sample = page.get_by_role("region", name="https://mine.example/things/7")
    expect(sample).to_contain_text("/things/<int:number> → thing()")
    expect(sample.get_by_role("heading", level=3)).to_have_text(["Compact", "Full", "Private", "Failure"])
    expect(sample.locator(".card")).to_have_count(5)
    expect(sample.locator(".card").first).to_contain_text("A thing")
    expect(sample.locator(".card").nth(2)).to_contain_text("A private link to Mine")
    expect(sample).to_contain_text("404: nothing is shown (not-found)")
    tops = sample.locator(".box").evaluate_all("all => all.map(each => each.getBoundingClientRect().top)")
    assert len(set(tops)) == 1, "side by side"


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_it_can_be_read_in_both_themes_narrow_and_wide(page, width, dark):
    page.emulate_media(color_scheme="dark" if dark else "light")
    page.set_viewport_size({"width": width, "height": 860})
    assert page.evaluate(CHECKS)["complaints"] == []


def test_the_page_follows_a_save(page, workshop):
    workshop.saves("title=found.title", "title=found.title.upper()")
    expect(page.locator(".card").first).to_contain_text("A THING")
    workshop.saves("title=found.title.upper()", "title=found.title")
    expect(page.locator(".card").first).to_contain_text("A thing")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("class Thing(", "class Thing((", "SyntaxError"),
        ("Card(title=found.title", "Card(title=found.ttle", "AttributeError"),
        ('text: str = ""', 'txt: str = ""', "AttributeError"),
        ('"/things/<int:number>"', '"/things/<int:numbr>"', "ProviderFault"),
    ],
)
def test_a_fault_is_shown_with_its_line_until_it_is_mended(page, workshop, old, new, said):
    workshop.saves(old, new)
    fault = page.get_by_role("alert").first
    expect(fault).to_contain_text(said)
    expect(fault).to_contain_text("providers/mine.py, line ")
    assert page.evaluate(CHECKS)["complaints"] == []
    workshop.saves(new, old)
    expect(page.locator(".card").first).to_contain_text("A thing")


def test_a_reply_that_nobody_recorded_is_named(page, workshop):
    workshop.saves('api.get("things", number)', 'api.get("thing", number)')
    expect(page.locator("main")).to_contain_text("GET /thing/7 not recorded, so a 404")
    workshop.saves('api.get("thing", number)', 'api.get("things", number)')
