"""Somebody posts a link that needs an account: they, and nobody else, are asked; then the card is there."""

from __future__ import annotations

import time
from urllib.parse import urlencode

import pytest

from tests.world.browser import Browser
from tests.world.people import (
    asked_to_confirm,
    call_homepage,
    choose,
    connect,
    homepage,
    prompt,
    query_of,
    sign_in,
    sign_in_on_homepage,
    user_token,
)
from tests.world.space import buttons, texts, title, wait_for
from tests.world.system import Told

HOUR_S = 3_600


@pytest.fixture(scope="module")
def repository(hub):
    return hub.repository("secret-shop/vault", readers=["octo-ann"], writers=["octo-bob"])


@pytest.fixture
def link(hub, repository, request):
    """A private issue of its own for each test."""
    number = 1_000 + len(repository.issues)
    return hub.issue(repository, number, f"The vault is open, case {number}")


def posted(team, link: str, **more) -> str:
    (item,) = team.someone_posts(link, **more)
    return item


def query(office, statement: str, *arguments):
    """Rows of the service's database; commits what was changed."""
    with office.sql() as database:
        return database.execute(statement, arguments).fetchall()


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


# Attacks


def test_a_start_link_may_be_opened_twice_and_each_opening_has_its_own_state(team, hub, link):
    address, browser = connect(team, posted(team, link)), Browser()
    first, second = browser.open(address), browser.open(address)
    assert query_of(first.goes_to)["state"] != query_of(second.goes_to)["state"]
    assert query_of(first.goes_to)["code_challenge"] != query_of(second.goes_to)["code_challenge"]
    assert browser.open(hub.agree(second.goes_to, "octo-ann")).status == 200
    assert browser.open(hub.agree(first.goes_to, "octo-ann")).status == 200


@pytest.mark.parametrize("state", ["", "guessed", "x" * 43, "%00", "' or 1=1 --"])
def test_a_forged_state_is_refused(office, hub, state):
    page = Browser().open(f"{office.url}/oauth/github/callback?code=c&state={state}")
    assert page.status == 400


def test_a_callback_counts_once(team, office, hub, link, ann):
    address, browser = connect(team, posted(team, link)), Browser()
    back = hub.agree(browser.open(address).goes_to, "octo-ann")
    calls = len(hub.done("POST", "access_token"))
    assert [browser.open(back).status for _ in range(3)] == [200, 400, 400]
    assert len(hub.done("POST", "access_token")) == calls + 1


def test_another_browser_does_not_finish_what_this_one_began(team, office, hub, link, ann):
    """Session fixation: the attacker begins, the victim would end."""
    address, attacker, victim = connect(team, posted(team, link)), Browser(), Browser()
    back = hub.agree(attacker.open(address).goes_to, "octo-ann")
    calls = len(hub.done("POST", "access_token"))
    assert victim.open(back).status == 400
    victim.open(address)
    assert victim.open(back).status == 400
    assert len(hub.done("POST", "access_token")) == calls
    page = attacker.open(back)
    assert page.status == 200
    state = page.form.form_values()[0][1]
    assert victim.post(f"{office.url}/oauth/github/confirm", state=state).status == 400
    assert homepage(office, team, ann)["systems"][0]["account"] is None


def test_nothing_is_linked_before_the_confirmation_and_it_counts_once(team, office, hub, link, ann):
    browser = Browser()
    page = asked_to_confirm(connect(team, posted(team, link)), hub, "octo-ann", browser)
    assert all(one["account"] is None for one in homepage(office, team, ann)["systems"])
    assert browser.submit(page).status == 302
    assert browser.submit(page).status == 400


def test_a_code_of_another_system_is_not_shown_to_this_one(team, office, hub, other_hub, link, ann):
    """Mix-up: the answer names its issuer, and it is not the one that was asked."""
    address, browser = connect(team, posted(team, link)), Browser()
    state = query_of(browser.open(address).goes_to)["state"]
    calls = len(hub.done("POST", "access_token"))
    callback = f"{office.url}/oauth/github/callback?code=stolen&state={state}&iss={other_hub.url}"
    assert browser.open(callback).status == 400
    assert len(hub.done("POST", "access_token")) == calls
    hub.issuer = hub.url
    try:
        page = asked_to_confirm(address, hub, "octo-ann", browser)
    finally:
        hub.issuer = None
    assert "octo-ann" in page.says


def test_a_code_from_another_instances_page_is_not_shown_to_this_one(team, office, hub, other_hub, link, ann):
    """Mix-up where no issuer is named: the browser comes from the page of another instance of the same provider."""
    address, browser = connect(team, posted(team, link)), Browser()
    calls = len(hub.done("POST", "access_token")), len(other_hub.done("POST", "access_token"))
    for page in (other_hub.url, f"{other_hub.url}/login/oauth/authorize?client_id=other-client"):
        asked = query_of(browser.open(address).goes_to)
        elsewhere = {**asked, "client_id": "other-client"}
        mixed_up = f"{other_hub.url}/login/oauth/authorize?{urlencode(elsewhere)}"
        back = other_hub.agree(mixed_up, "octo-ann")
        assert query_of(back)["state"] == asked["state"]
        assert browser.open(back, Referer=page).status == 400
    assert (len(hub.done("POST", "access_token")), len(other_hub.done("POST", "access_token"))) == calls
    for page in (f"{hub.url}/", f"{team.server.url}/", "https://elsewhere.example/", "nonsense", ""):
        back = hub.agree(browser.open(address).goes_to, "octo-ann")
        assert browser.open(back, Referer=page).status == 200, page


@pytest.mark.parametrize("provider", ["gitlab", "corkboard", "nobody"])
def test_a_flow_belongs_to_its_provider(team, office, hub, link, provider):
    address, browser = connect(team, posted(team, link)), Browser()
    assert browser.open(address.replace("/github/", f"/{provider}/")).status == 404
    back = hub.agree(browser.open(address).goes_to, "octo-ann")
    calls = len(hub.done("POST", "access_token"))
    assert browser.open(back.replace("/github/", f"/{provider}/")).status == 400
    assert len(hub.done("POST", "access_token")) == calls


def test_a_swapped_code_is_refused_by_pkce(team, hub, link):
    """A code that somebody else got does not fit the verifier of this flow."""
    address, browser, thief = connect(team, posted(team, link)), Browser(), Browser()
    stolen = query_of(hub.agree(thief.open(address).goes_to, "octo-bob"))["code"]
    own = query_of(hub.agree(browser.open(address).goes_to, "octo-ann"))
    page = browser.open(f"{hub.clients['hub-client'][1]}?code={stolen}&state={own['state']}")
    assert page.status == 400
    assert hub.refusals[-1] == "code_verifier"


@pytest.mark.parametrize(
    "back",
    [
        "https://evil.example/",
        "//evil.example/",
        "https://evil.example\\@127.0.0.1/",
        "javascript:alert(1)",
        "{server}.evil.example/",
        "{server}@evil.example/",
        "http://127.0.0.1:1/",
        "\r\nLocation: https://evil.example",
        "x" * 5_000,
    ],
)
def test_back_to_nowhere_but_space(team, hub, repository, back):
    link = hub.issue(repository, 3_000 + len(repository.issues), "Back")
    address = connect(team, posted(team, link)).partition("&backUrl=")[0]
    browser = Browser()
    query = {"backUrl": back.format(server=team.server.url)}
    page = asked_to_confirm(f"{address}&{urlencode(query)}", hub, "octo-ann", browser)
    done = browser.submit(page)
    assert (done.status, done.goes_to) == (302, team.server.url)


def test_back_to_the_place_in_space(team, hub, link):
    address = connect(team, posted(team, link)).partition("&backUrl=")[0]
    done = sign_in(f"{address}&backUrl={team.server.url}/im/group/general", hub, "octo-ann")
    assert done.goes_to == f"{team.server.url}/im/group/general"


def test_a_link_is_good_for_an_hour_and_a_flow_for_ten_minutes(team, office, hub, link, ann):
    address, browser = connect(team, posted(team, link)), Browser()
    back = hub.agree(browser.open(address).goes_to, "octo-ann")
    (until,) = query(office, "select expires_at from sign_ins where person = ? and not closed", ann)[-1]
    assert time.time() + HOUR_S - 60 < until <= time.time() + HOUR_S
    query(office, "update flows set expires_at = ? where not used", time.time() - 1)
    assert browser.open(back).status == 400
    query(office, "update sign_ins set expires_at = ? where person = ?", time.time() - 1, ann)
    page = browser.open(address)
    assert page.status == 404
    assert "too old" in page.says
    # Who may not answer any more is asked again.
    assert prompt(team, posted(team, link))


def test_pages_of_a_flow_are_kept_to_oneself(team, hub, link):
    browser = Browser()
    page = asked_to_confirm(connect(team, posted(team, link)), hub, "octo-ann", browser)
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    (cookie,) = list(browser.cookies)
    assert cookie.has_nonstandard_attr("HttpOnly") and cookie.get_nonstandard_attr("SameSite") == "Lax"


# The end of an account


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
    assert query(office, "select count(*) from accounts where person = ?", ann) == [(0,)]
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
        assert query(office, f"select count(*) from {table} where organization = ?", organization.id) == [(0,)]
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
