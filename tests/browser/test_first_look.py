"""What a newcomer finds: people who talk, links that are cards, an application that answers."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from tests.browser.person import Person
from tests.world.space import Organization, wait_for
from unfurler.sandbox.installer import Installer, client_id_of


@pytest.fixture(scope="module")
def talking(space_server, service):
    """The sample organization as `--install` makes it."""
    Installer(space_server.url, service.endpoint).install_all(["Acme"])
    secret = space_server.get(f"installations/{client_id_of('Acme')}")["clientSecret"]
    yield Organization(space_server, client_id_of("Acme"), secret)
    space_server.post(f"installations/{client_id_of('Acme')}/uninstall")


def test_every_link_of_the_sample_talk_becomes_a_card(talking):
    assert wait_for(lambda: all(item["content"] for item in talking.items)), [
        item["target"] for item in talking.items if not item["content"]
    ]
    kinds = {part for item in talking.items for part in item["target"].split("/")}
    assert {"issues", "pull", "commit", "blob", "releases"} <= kinds
    contexts = {item["context"]["className"] for item in talking.items}
    assert len(contexts) == 4, "a chat, a document, an issue, a review"


def test_one_look_shows_cards(talking, new_context):
    wait_for(lambda: all(item["content"] for item in talking.items))
    ann = Person(new_context(viewport={"width": 1280, "height": 860}), talking, 0, tour=True).opens()
    expect(ann.cards).to_have_count(2)
    expect(ann.cards.last.get_by_role("button", name="Close as completed")).to_be_in_viewport()
    ann.sees(ann.page.get_by_role("dialog", name="Tour"), "This is an emulated Space")
    ann.page.locator("#samples").get_by_role("button").first.click()
    expect(ann.page.get_by_label("Message", exact=True)).to_be_focused()
    assert ann.faults == []


def test_people_write_to_a_chatbot_and_choose_from_its_commands(stub, pages, new_context):
    names = {"help": "Show what I can do", "status": "Show connected accounts"}
    commands = {"commands": [{"name": name, "description": about} for name, about in names.items()]}
    chatbot = stub(commands, {"className": "ChatBotUiExtensionIn"})
    ann = Person(new_context(), chatbot, 0, tour=False).opens("#application")
    box = ann.page.get_by_label("Message", exact=True)
    box.press_sequentially("/s")
    option = ann.page.get_by_role("listbox", name="Commands of the application").get_by_role("option")
    expect(option).to_have_text("/status Show connected accounts")
    assert ann.complaints() == []
    box.press("Enter")
    expect(box).to_have_value("/status ")
    box.press_sequentially("github")
    box.press("Enter")
    ann.sees(ann.page.locator("#messages"), "/status github")
    sent = wait_for(lambda: [asked for asked in pages.asked if b'"MessagePayload"' in asked.body])
    assert b'"text":"/status github"' in sent[0].body


@pytest.fixture
def anywhere(pages):
    """Whatever address of the site somebody is led to is there."""
    pages.answers("*", "<title>Back</title>")
    yield
    del pages.told["GET", "*"]


def test_space_signs_people_in_for_an_application(stub, pages, new_context, space_server, anywhere):
    organization = stub({})
    ann = Person(new_context(), organization, 1, tour=False).opens()
    asked = {"response_type": "code", "client_id": organization.id, "scope": "global:Profile.View", "state": "s1"}
    login = f"{space_server.url}/oauth/auth?{urlencode({**asked, 'redirect_uri': f'{pages.url}/back'})}"
    for button, answer in {"Do not allow": "error=access_denied", "Allow": "code="}.items():
        ann.page.goto(login)
        expect(ann.page.get_by_label("You are").locator("option:checked")).to_have_text("Bob Stone")
        assert ann.complaints() == []
        ann.page.get_by_role("button", name=button, exact=True).click()
        ann.page.wait_for_url(re.compile(re.escape(f"{pages.url}/back?{answer}") + ".*state=s1"))


def test_a_menu_item_of_the_application_asks_for_consent_and_says_what_came_of_it(stub, pages, new_context):
    wanted = {"scope": "global:Channel.ViewMessages", "purpose": "read the message you chose"}
    asks = {"className": "AppUserActionExecutionResult.AuthCodeFlowRequired", "permissionsToRequest": [wanted]}
    item = {"displayName": "Refresh link preview", "menuItemUniqueCode": "refresh", "visibilityFilters": []}
    organization = stub(asks, {"className": "ChatMessageMenuItemUiExtensionIn", **item})
    ann = Person(new_context(), organization, 0, tour=False).opens()
    ann.writes("Something")
    choose = ann.page.get_by_role("menuitem", name="Refresh link preview")
    ann.page.get_by_role("button", name="Menu of the message").click()
    choose.click()
    question = ann.page.get_by_role("dialog", name="Let the application act for you?")
    ann.sees(question, "read the message you chose")
    question.get_by_role("button", name="Allow").click()
    ann.sees(ann.notice, "The permission was delivered")
    done = {"className": "AppUserActionExecutionResult.Success", "message": "Preview refreshed"}
    pages.answers("/application", json_body=done, method="POST")
    ann.page.get_by_role("button", name="Menu of the message").click()
    choose.click()
    ann.sees(ann.notice, "Preview refreshed")
    assert [b'"RefreshTokenPayload"' in asked.body for asked in pages.asked].count(True) == 1
