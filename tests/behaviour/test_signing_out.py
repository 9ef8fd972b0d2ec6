"""The end of an account: by its person, by the system, by uninstalling."""

from __future__ import annotations

from tests.world.browser import Browser
from tests.world.people import (
    call_homepage,
    choose,
    connect,
    homepage,
    posted,
    prompt,
    sign_in,
    sign_in_on_homepage,
    user_token,
)
from tests.world.space import texts, wait_for
from tests.world.system import Told


def account_of(office, team, person, system):
    return next(one for one in homepage(office, team, person)["systems"] if one["site"] == system.url)["account"]


def test_a_withdrawn_token_leads_to_one_new_request(team, office, hub, repository, link, ann):
    choose(office, team, ann, hub, "show")
    sign_in_on_homepage(office, team, ann, hub, "octo-ann")
    item = posted(team, link)
    assert team.card(item)
    before = len(hub.asked)
    hub.withdraw("octo-ann")
    links = [hub.issue(repository, 4_000 + number, f"After {number}") for number in range(3)]
    items = [posted(team, link) for link in links]
    asked = wait_for(lambda: [item for item in items if team.item(item)["prompt"]])
    wait_for(lambda: False, 1.0)
    assert [item for item in items if team.item(item)["prompt"]] == asked[:1]
    assert "does not accept your account" in texts(team.item(asked[0])["prompt"])
    assert account_of(office, team, ann, hub) is None
    refused = [one for one in hub.asked[before:] if one.token and one.person is None]
    assert len(refused) <= 3
    sign_in(connect(team, asked[0]), hub, "octo-ann")
    assert wait_for(lambda: all(team.item(item)["content"] for item in items))


def test_signing_out_revokes_and_forgets_the_cards(team, office, lab, ann):
    project = lab.project("secret/out", readers=["lab-out"])
    address = lab.issue(project, 2, "Seen for the last time")
    choose(office, team, ann, lab, "show")
    sign_in_on_homepage(office, team, ann, lab, "lab-out")
    assert team.card(posted(team, address))
    assert len(lab.live_tokens("lab-out")) == 1
    assert lab.live_refresh_tokens("lab-out")
    account = account_of(office, team, ann, lab)
    assert account["name"] == "lab-out"
    homepage(office, team, ann, "sign-out", id=account["id"])
    assert lab.live_tokens("lab-out") == [] and lab.live_refresh_tokens("lab-out") == []
    assert office.query("select count(*) from accounts where person = ?", ann) == [(0,)]
    again = posted(team, address)
    assert prompt(team, again)
    assert team.item(again)["content"] is None


def test_signing_out_of_a_system_that_revokes_in_its_own_way(team, office, hub, ann):
    sign_in_on_homepage(office, team, ann, hub, "octo-leaver")
    assert hub.live_tokens("octo-leaver")
    homepage(office, team, ann, "sign-out", id=account_of(office, team, ann, hub)["id"])
    assert hub.live_tokens("octo-leaver") == []


def test_nobody_signs_out_anybody_else(team, office, space_server, lab, ann):
    sign_in_on_homepage(office, team, ann, lab, "lab-out")
    id = account_of(office, team, ann, lab)["id"]
    assert call_homepage(office, user_token(team, team.people[1]), "sign-out", id=id).status_code == 404
    stranger = space_server.install(office.endpoint)
    assert call_homepage(office, user_token(stranger, stranger.people[0]), "sign-out", id=id).status_code == 404
    assert account_of(office, team, ann, lab)["id"] == id


def test_uninstalling_erases_and_revokes(space_server, office, lab):
    organization = space_server.install(office.endpoint, codeFlow=False)
    person = organization.people[0]
    sign_in_on_homepage(office, organization, person, lab, "lab-leaver")
    assert lab.live_tokens("lab-leaver")
    assert organization.call("uninstall")["delivery"]["status"] == 200
    for table in ("accounts", "choices", "sign_ins", "forms"):
        assert office.query(f"select count(*) from {table} where organization = ?", organization.id) == [(0,)]
    assert wait_for(lambda: not lab.live_tokens("lab-leaver") and not lab.live_refresh_tokens("lab-leaver"))


def test_an_account_is_replaced_only_by_one_that_works(team, office, lab, ann):
    sign_in_on_homepage(office, team, ann, lab, "lab-out")
    before = account_of(office, team, ann, lab)
    lab.faults["/api/v4/user"] = [Told(401, {})]
    browser = Browser()
    url = homepage(office, team, ann, "sign-in", provider="gitlab", site=lab.url)["url"]
    page = browser.open(lab.agree(browser.open(url).goes_to, "lab-out"))
    assert page.status == 400
    assert account_of(office, team, ann, lab) == before
