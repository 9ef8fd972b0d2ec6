"""What administrators do on the page, and what the inspector says about a link."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import expect

from tests.browser.person import ISSUE, Person
from tests.world.space import wait_for


def does(ann: Person, button: str, said: str) -> None:
    ann.page.get_by_role("button", name=button).click()
    ann.sees(ann.notice, said)


def test_rights_and_domains_are_taken_away_and_approved(person, space):
    ann = person(path="#admin")
    rights = ann.page.locator("#rights tr")
    ann.sees(rights.filter(has_text="Unfurl.App.ProvideAttachment"), "granted")
    ann.sees(rights.filter(has_text="github.com").first, "approved")
    does(ann, "Take the domains away", "NotApproved")
    ann.sees(rights.filter(has_text="github.com").first, "waits")
    (item,) = space.someone_posts(ISSUE)
    assert wait_for(lambda: space.item(item)["posts"])[0]["result"] == "NotApproved"
    does(ann, "Take the permissions away", "403")
    ann.sees(rights.filter(has_text="Unfurl.App.ProvideAttachment"), "rejected")
    does(ann, "Approve everything that waits", "Approved")
    ann.sees(rights.filter(has_text="Unfurl.App.ProvideAttachment"), "granted")


def test_keys_and_secret_are_changed_and_links_still_become_cards(person, space):
    ann = person(path="#admin")
    does(ann, "Replace all signing keys", "the others are gone")
    does(ann, "Change the client secret", "ChangeClientSecretPayload was delivered")
    does(ann, "Let all access tokens end now", "access tokens ended")
    (item,) = space.someone_posts(ISSUE)
    assert space.card(item)


def test_a_fault_is_switched_on_seen_and_switched_off(person, space):
    ann = person(path="#admin")
    fault = ann.page.get_by_label("500: the server fails")
    fault.check()
    wait_for(lambda: space.server.get("faults")["faults"])
    (item,) = space.someone_posts(ISSUE)
    assert wait_for(
        lambda: [r for r in space.server.get("requests", clientId=space.id)["requests"] if r["status"] == 500]
    )
    assert not space.item(item)["content"]
    expect(fault).to_be_checked()
    fault.uncheck()
    assert wait_for(lambda: not space.server.get("faults")["faults"])
    expect(fault).not_to_be_checked()


def test_an_install_link_installs_and_uninstalling_takes_it_away(person, service):
    ann = person(path="#admin")
    query = f"name=Previews&pair=true&endpoint={quote(service.endpoint, safe='')}&client-credentials-flow-enabled=true"
    ann.page.get_by_label("An install link").fill(
        f"https://acme.jetbrains.space/extensions/installedApplications/new?{query}"
    )
    ann.page.get_by_role("button", name="Open it here").click()
    ann.sees(ann.page.locator("h1"), "Install “Previews”?")
    ann.page.get_by_label("Organization").fill("Hooli")
    assert ann.complaints() == []
    ann.page.get_by_role("button", name="Install").click()
    ann.page.get_by_role("link", name="Go to the chat").click()
    expect(ann.page.get_by_label("Organization").locator("option:checked")).to_have_text("Hooli")
    ann.page.get_by_role("link", name="Administration").click()
    ann.page.get_by_role("button", name="Uninstall").click()
    asked = ann.page.get_by_role("dialog", name="Uninstall the application?")
    assert ann.complaints() == []
    asked.get_by_role("button", name="Uninstall").click()
    ann.sees(ann.notice, "Uninstalled")
    expect(ann.page.get_by_label("Organization").locator("option").filter(has_text="Hooli")).to_have_count(0)


def test_the_inspector_tells_the_story_of_a_link_as_it_goes_on(person):
    ann = person()
    ann.writes(ISSUE)
    ann.sees(ann.cards, "Greeting crashes")
    ann.page.get_by_role("button", name=f"Inspect the preview of {ISSUE}").click()
    story = ann.page.locator("#story")
    for said in (
        "put into the queue",
        "NewUnfurlQueueItemsPayload was sent; answer 200",
        "read the item",
        "GitHub (github), rule /<owner>/<repo>/issues/<int:number>",
        "Nothing was remembered",
        "/recorded/github/repos/octokit-fixture-org/hello-world/issues/1: ",
        "valid and shown",
    ):
        ann.sees(story, said)
    told = story.inner_text()
    order = ["put into", "read the item", "Provider", "Memory", "Requests", "valid and shown"]
    assert sorted(order, key=told.index) == order
    story.get_by_text("Queue item", exact=True).click()
    ann.sees(story.locator("pre").first, ISSUE)
    ann.cards.get_by_role("button", name="Refresh").click()
    ann.sees(story, "UnfurlActionPayload was sent; answer 200")
    expect(story.locator("details[open]")).to_have_count(1)
    expect(story.locator(".inside strong", has_text="Memory")).to_have_count(2)  # at first, and after Refresh
    assert ann.complaints() == []


HOMEPAGE = (Path(__file__).parent / "homepage.html").read_text(encoding="utf-8")


def test_the_homepage_speaks_with_the_page_around_it(stub, pages, new_context):
    pages.answers("/homepage", HOMEPAGE)
    pages.answers("/elsewhere", "<title>Elsewhere</title>")
    organization = stub({}, {"className": "ApplicationHomepageUiExtensionIn", "iframeUrl": "/homepage"})
    ann = Person(new_context(color_scheme="dark"), organization, 0, tour=False).opens("#homepage")
    said = ann.page.frame_locator("#homepage").locator("#said")
    ann.sees(said, f"dark true true; {ann.id}; null; ")
    ann.page.get_by_role("dialog").get_by_role("button", name="Allow").click()
    ann.sees(said, "consented true; ")
    ann.page.get_by_role("dialog").get_by_role("button", name="Approve").click()
    ann.sees(said, "approved true; ")
    ann.page.get_by_role("dialog", name="Sure?").get_by_role("button", name="Yes").click()
    ann.sees(said, "confirmed true; ")
    leaving = ann.page.get_by_role("dialog", name="Leave this page?")
    leaving.get_by_role("button", name="Cancel").click()
    ann.page.get_by_label("Colours").select_option("light")
    ann.sees(said, "now dark false; ")
    ann.page.get_by_role("button", name="Load again").click()
    ann.sees(said, "consented true; ")  # once is enough
    ann.page.get_by_role("dialog").get_by_role("button", name="Approve").click()
    ann.page.get_by_role("dialog").get_by_role("button", name="Yes").click()
    leaving.get_by_role("button", name="Go there").click()
    ann.page.wait_for_url(f"{pages.url}/elsewhere")
