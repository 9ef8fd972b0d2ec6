"""Somebody posts a link that needs an account: they, and nobody else, are asked; then the card is there."""

from __future__ import annotations

import pytest

from tests.world.browser import Browser
from tests.world.people import asked_to_confirm, choose, connect, homepage, posted, prompt, query_of, sign_in
from tests.world.space import buttons, texts, title, wait_for
from tests.world.system import Told

# The whole way


def test_from_a_private_link_to_its_card(team, office, hub, link, ann):
    choose(office, team, ann, hub, "show")
    item = posted(team, link)
    assert buttons(prompt(team, item))[1:] == ["Not now", "Never ask me again"]
    assert team.item(item)["content"] is None
    browser = Browser()
    address = connect(team, item)
    away = browser.open(address)
    asked = query_of(away.goes_to)
    assert asked["redirect_uri"] == f"{office.url}/oauth/github/callback"
    assert (asked["code_challenge_method"], len(asked["code_challenge"]), asked["scope"]) == ("S256", 43, "repo")
    page = browser.open(hub.agree(away.goes_to, "octo-ann"))
    username = next(user["username"] for user in team.state["users"] if user["id"] == ann)
    for name in (team.server.url.partition("//")[2], username, "octo-ann", "GitHub"):
        assert name in page.says
    assert team.item(item)["content"] is None
    done = browser.submit(page, answer="yes")
    assert (done.status, done.goes_to) == (302, f"{team.server.url}/")
    assert title(team.card(item)).startswith("The vault is open")
    assert wait_for(lambda: team.item(item)["prompt"] is None)
    assert team.posts(item) == 1


@pytest.mark.parametrize("requeues", [False, True])
def test_every_link_that_waited_gets_its_card_once(team, office, hub, repository, ann, requeues):
    choose(office, team, ann, hub, "show")
    team.call("requeue-after-auth", on=requeues)
    links = [hub.issue(repository, 2_000 + number, f"Waiting {number}") for number in range(3)]
    items = [posted(team, link) for link in links]
    first = wait_for(lambda: [item for item in items if team.item(item)["prompt"]])
    wait_for(lambda: False, 0.5)
    assert [item for item in items if team.item(item)["prompt"]] == first[:1]
    sign_in(connect(team, first[0]), hub, "octo-ann")
    assert wait_for(lambda: all(team.item(item)["content"] for item in items))
    wait_for(lambda: False, 0.5)
    assert [team.posts(item) for item in items] == [1, 1, 1]


def test_each_person_is_asked_by_themselves(team, link, ann):
    bob = team.people[1]
    of_ann, of_bob = posted(team, link), posted(team, link, author=bob)
    assert prompt(team, of_ann) and prompt(team, of_bob)
    assert query_of(connect(team, of_ann))["request"] != query_of(connect(team, of_bob))["request"]
    assert ann not in connect(team, of_ann)


def test_reading_and_writing_are_asked_for_apart_where_the_system_can(team, office, lab, ann):
    project = lab.project("secret/plans", readers=["lab-ann"], writers=["lab-ann"])
    address = lab.issue(project, 1, "A secret plan")
    choose(office, team, ann, lab, "show")
    item = posted(team, address)
    away = Browser().open(connect(team, item))
    assert query_of(away.goes_to)["scope"] == "read_api"
    sign_in(connect(team, item), lab, "lab-ann")
    assert title(team.card(item)) == "A secret plan"
    team.press(item, "Close")
    message = wait_for(lambda: team.messages(ann))[-1]
    again = team.call("press-message", messageId=message["id"], button=buttons(message["content"])[0], userId=ann)
    assert set(query_of(Browser().open(again["navigate"]).goes_to)["scope"].split()) == {"read_api", "api"}
    assert lab.done("PUT", "secret%2Fplans") == []
    before = lab.live_tokens("lab-ann")
    sign_in(again["navigate"], lab, "lab-ann")
    assert not set(before) & set(lab.live_tokens("lab-ann"))
    wait_for(lambda: False, 0.1)
    team.press(item, "Close")
    assert wait_for(lambda: project.issues[1]["state"] == "closed")
    assert wait_for(lambda: "Closed" in texts(team.item(item)["content"]))


def test_two_instances_are_two_systems(team, office, hub, other_hub, link, ann):
    elsewhere = other_hub.issue(other_hub.repository("secret-shop/vault", readers=["other-ann"]), 7, "Elsewhere")
    here, there = posted(team, link), posted(team, elsewhere)
    assert prompt(team, here) and prompt(team, there)
    sign_in(connect(team, here), hub, "octo-ann")
    assert team.card(here)
    # Space takes all requests to a person away at once: what is still needed is asked anew.
    assert prompt(team, there)
    sign_in(connect(team, there), other_hub, "other-ann")
    assert team.card(there)
    assert not set(hub.tokens) & {asked.token for asked in other_hub.asked}
    assert not set(other_hub.tokens) & {asked.token for asked in hub.asked}


def test_a_request_that_space_does_not_take_holds_nobody_back(team, office, hub, repository, link):
    """The message may be gone; other links have nothing to do with it."""
    team.server.post("faults", path="request-external-auth", status=404, error="not-found", times=1, clientId=team.id)
    open_to_all = hub.issue(hub.repository("open/shop"), 1, "Open to everybody")
    (first,) = team.someone_posts(link, notify=False)
    second = posted(team, open_to_all)
    assert title(team.card(second)) == "Open to everybody"
    wait_for(lambda: False, 0.5)
    assert team.item(first)["prompt"] is None
    assert prompt(team, posted(team, link))


# Not now, never


def test_not_now_asks_again_with_the_next_link(team, office, hub, link, ann):
    item = posted(team, link)
    address = connect(team, item)
    team.press(item, "Not now")
    assert wait_for(lambda: team.item(item)["prompt"] is None)
    assert Browser().open(address).status == 404
    again = posted(team, link)
    assert prompt(team, again)


def test_never_ask_me_again_and_the_way_back(team, office, hub, link, ann):
    item = posted(team, link)
    prompt(team, item)
    team.press(item, "Never ask me again")
    assert wait_for(lambda: team.item(item)["prompt"] is None)
    quiet = posted(team, link)
    state = wait_for(lambda: [one for one in homepage(office, team, ann)["systems"] if one["never_ask"]])
    assert [one["site"] for one in state] == [hub.url]
    wait_for(lambda: False, 0.5)
    assert team.item(quiet)["prompt"] is None
    choose(office, team, ann, hub, None, never_ask=False)
    assert prompt(team, posted(team, link))


def test_somebody_else_presses_never_and_nothing_changes(team, office, link, ann):
    bob = team.people[1]
    item = posted(team, link)
    prompt(team, item)
    for button in ("Never ask me again", "Not now"):
        team.press(item, button, bob)
    assert wait_for(lambda: team.messages(bob))
    assert team.item(item)["prompt"] is not None
    assert not any(one["never_ask"] for who in (ann, bob) for one in homepage(office, team, who)["systems"])


def test_declining_links_nothing_and_the_link_works_again(team, office, hub, link, ann):
    item, browser = posted(team, link), Browser()
    address = connect(team, item)
    no = browser.open(hub.agree(browser.open(address).goes_to, "octo-ann", decision="no"))
    assert no.status == 200
    assert "<b>no</b>" not in no.text and "access_denied" not in no.text
    page = asked_to_confirm(address, hub, "octo-ann", browser)
    assert "Nothing was linked" in browser.submit(page, answer="no").says
    assert homepage(office, team, ann)["systems"][0]["account"] is None
    assert team.item(item)["content"] is None


# A token entered by hand


def test_a_personal_token_is_entered_on_a_page(team, office, board, ann):
    token = board.issue_token("pin-ann")
    board.route("GET", "/api/me", lambda asked: {"id": 5, "name": asked.person} if asked.person else Told(401))
    board.route("GET", "/api/notes/1", lambda asked: {"title": "A note"} if asked.person == "pin-ann" else Told(404))
    item, browser = posted(team, f"{board.url}/notes/1"), Browser()
    page = browser.open(connect(team, item))
    assert f"{board.url}/settings/tokens" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    wrong = browser.submit(page, token="wrong")
    assert wrong.status == 400
    assert "wrong" not in wrong.text
    page = browser.submit(browser.open(connect(team, item)), token=f"  {token} ")
    assert "pin-ann" in page.says
    assert token not in page.text
    browser.submit(page, audience="show")
    assert title(team.card(item)) == "A note"
