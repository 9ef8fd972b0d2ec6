"""Who interferes with somebody's sign-in, or repeats a part of it, gets nothing."""

from __future__ import annotations

import time
from urllib.parse import urlencode

import pytest

from tests.world.browser import Browser
from tests.world.people import asked_to_confirm, connect, homepage, posted, prompt, query_of, sign_in

HOUR_S = 3_600


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
    (until,) = office.query("select expires_at from sign_ins where person = ? and not closed", ann)[-1]
    assert time.time() + HOUR_S - 60 < until <= time.time() + HOUR_S
    office.query("update flows set expires_at = ? where not used", time.time() - 1)
    assert browser.open(back).status == 400
    office.query("update sign_ins set expires_at = ? where person = ?", time.time() - 1, ann)
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
