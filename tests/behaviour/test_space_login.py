"""Where Space's own login can be had, it proves who signs in: whom the link was made for, and nobody else."""

from __future__ import annotations

import pytest

from tests.world.browser import Browser
from tests.world.people import choose, connect, homepage, log_in, query_of
from tests.world.space import title


@pytest.fixture
def team(proving_team):
    return proving_team


@pytest.fixture(scope="module")
def repository(hub):
    return hub.repository("proved/vault", readers=["proved-ann"])


@pytest.fixture
def item(team, office, hub, repository, ann):
    """A private link that Ann has posted, and shows to all."""
    number = 1 + len(repository.issues)
    choose(office, team, ann, hub, "show")
    (item,) = team.someone_posts(hub.issue(repository, number, f"Proved, case {number}"))
    return item


@pytest.fixture
def address(team, item):
    """Where her request to sign in leads."""
    return connect(team, item)


@pytest.fixture
def tab():
    return Browser()


def accounts(office, team):
    """Everybody's accounts, by person."""
    return {
        who: [one["account"] for one in homepage(office, team, who)["systems"] if one["account"]] for who in team.people
    }


def nobody_is_linked(office, team):
    return not any(accounts(office, team).values())


def exchanges(team):
    """Requests for the token of a person, with their codes."""
    asked = team.server.get("requests", path="oauth/token", clientId=team.id)["requests"]
    return [one for one in asked if "authorization_code" in str(one["body"])]


# The right person


def test_the_one_whom_the_link_was_made_for_gets_their_card(team, office, hub, item, address, ann, tab):
    away = tab.open(address)
    asked = query_of(away.goes_to)
    assert asked["redirect_uri"] == f"{office.url}/space/login"
    assert (asked["response_type"], asked["client_id"]) == ("code", team.id)
    assert (asked["code_challenge_method"], len(asked["code_challenge"])) == ("S256", 43)
    assert asked["access_type"] == "online"
    back = log_in(team, away, ann, tab)
    onward = tab.open(back)
    assert (onward.status, onward.goes_to.startswith(hub.url)) == (302, True)
    assert query_of(onward.goes_to)["state"] != asked["state"]
    page = tab.open(hub.agree(onward.goes_to, "proved-ann"))
    username = next(user["username"] for user in team.state["users"] if user["id"] == ann)
    assert username in page.says and "proved" in page.says
    assert nobody_is_linked(office, team)
    done = tab.submit(page, answer="yes")
    assert (done.status, done.goes_to) == (302, f"{team.server.url}/")
    assert title(team.card(item)).startswith("Proved")
    assert [one["name"] for one in accounts(office, team)[ann]] == ["proved-ann"]


def test_the_secret_goes_to_spaces_token_endpoint_alone_and_nothing_of_the_login_is_kept(
    team, office, address, ann, tab
):
    away = tab.open(address)
    back = log_in(team, away, ann, tab)
    onward = tab.open(back)
    for shown in (away, onward):
        assert team.secret not in str(shown.headers) + shown.text
    (exchange,) = exchanges(team)
    assert team.secret not in str(exchange["body"])
    kept = b"".join(path.read_bytes() for path in office.database.parent.glob("unfurler.db*")).decode("latin-1")
    for secret in (query_of(back)["code"], query_of(back)["state"], query_of(onward.goes_to)["state"], team.secret):
        assert secret not in kept + office.log.read_text()


def test_a_system_without_oauth_asks_for_its_token_after_the_login(team, office, board, ann, tab):
    url = homepage(office, team, ann, "sign-in", provider="corkboard", site=board.url)["url"]
    page = tab.open(log_in(team, tab.open(url), ann, tab))
    assert page.status == 200 and f"{board.url}/settings/tokens" in page.text
    board.route("GET", "/api/me", {"id": 5, "name": "pin-proved"})
    page = tab.submit(page, token=board.issue_token("pin-proved"))
    tab.submit(page)
    assert [one["name"] for one in accounts(office, team)[ann]] == ["pin-proved"]


def test_who_may_not_read_profiles_is_known_by_their_token(team, hub, address, ann, tab):
    """The right is an administrator's to give; the token itself says whose it is, and Space vouches for it."""
    refusal = {"status": 403, "error": "permission-denied", "times": None, "clientId": team.id}
    team.server.post("faults", path="team-directory/profiles/me", **refusal)
    onward = tab.open(log_in(team, tab.open(address), ann, tab))
    assert onward.goes_to.startswith(hub.url)


# Anybody else


def test_another_person_is_refused_and_nothing_is_linked(team, office, hub, item, address, ann, bob, tab):
    asked = len(hub.asked)
    page = tab.open(log_in(team, tab.open(address), bob, tab))
    assert page.status == 403
    assert "somebody else" in page.says and "Nothing was linked" in page.says
    assert f'href="{team.server.url}' in page.text
    assert len(hub.asked) == asked
    assert nobody_is_linked(office, team)
    # The link is still hers.
    hers = Browser()
    onward = hers.open(log_in(team, hers.open(address), ann, hers))
    hers.submit(hers.open(hub.agree(onward.goes_to, "proved-ann")))
    assert team.card(item)


def test_another_person_is_known_by_their_token_too(team, office, address, bob, tab):
    refusal = {"status": 403, "error": "permission-denied", "times": None, "clientId": team.id}
    team.server.post("faults", path="team-directory/profiles/me", **refusal)
    assert tab.open(log_in(team, tab.open(address), bob, tab)).status == 403


def test_a_login_elsewhere_does_not_count_in_this_flow(team, office, hub, address, ann, bob, tab):
    """Bob has his link opened by Ann, and brings his own code into her flow: it does not fit its verifier."""
    hers, his = tab.open(address), Browser()
    url = homepage(office, team, bob, "sign-in", provider="github", site=hub.url)["url"]
    stolen = query_of(log_in(team, his.open(url), bob, his))["code"]
    own = query_of(log_in(team, hers, ann, tab))
    page = tab.open(f"{office.url}/space/login?code={stolen}&state={own['state']}")
    assert page.status == 400
    assert nobody_is_linked(office, team)


def test_another_organizations_person_is_nobody_here(team, office, space_server, hub, address, tab):
    other = space_server.install(office.endpoint)
    url = homepage(office, other, other.people[0], "sign-in", provider="github", site=hub.url)["url"]
    elsewhere = Browser()
    stolen = query_of(log_in(other, elsewhere.open(url), other.people[0], elsewhere))["code"]
    state = query_of(tab.open(address).goes_to)["state"]
    assert tab.open(f"{office.url}/space/login?code={stolen}&state={state}").status == 400


# Attacks on the way


def test_a_login_counts_once(team, address, ann, tab):
    back = log_in(team, tab.open(address), ann, tab)
    assert [tab.open(back).status for _ in range(3)] == [302, 400, 400]
    assert len(exchanges(team)) == 1


@pytest.mark.parametrize(
    "query", ["", "?code=c", "?code=c&state=", "?code=c&state=guessed", "?error=x", "?state=%00&code=c"]
)
def test_a_forged_or_missing_state_is_refused(office, team, address, query):
    tab = Browser()
    tab.open(address)
    assert tab.open(f"{office.url}/space/login{query}").status == 400
    assert exchanges(team) == []


def test_another_browser_does_not_finish_the_login(team, address, ann, tab):
    back, victim = log_in(team, tab.open(address), ann, tab), Browser()
    assert victim.open(back).status == 400
    victim.open(address)
    assert victim.open(back).status == 400
    assert exchanges(team) == []
    assert tab.open(back).status == 302


def test_the_login_cannot_be_left_out(team, office, hub, address, ann, tab):
    """The state of one step is none of another: neither of the system's, nor of the confirmation."""
    calls = len(hub.done("POST", "access_token"))
    state = query_of(tab.open(address).goes_to)["state"]
    for path in ("callback?code=c&", "callback?error=x&"):
        assert tab.open(f"{office.url}/oauth/github/{path}state={state}").status == 400
    for path in ("confirm", "token"):
        assert tab.post(f"{office.url}/oauth/github/{path}", state=state, token="t").status == 400
    onward = tab.open(log_in(team, tab.open(address), ann, tab))
    back = query_of(hub.agree(onward.goes_to, "proved-ann"))
    page = tab.open(f"{office.url}/space/login?code={back['code']}&state={back['state']}")
    assert page.status == 400
    assert len(hub.done("POST", "access_token")) == calls
    assert nobody_is_linked(office, team)


# It does not come about


def test_who_refuses_the_login_links_nothing_and_may_think_again(team, office, hub, address, ann, tab):
    page = tab.open(log_in(team, tab.open(address), ann, tab, decision="deny"))
    assert page.status == 200
    assert "Nothing was linked" in page.says
    assert "access_denied" not in page.text and "refused" not in page.text
    assert f'href="{team.server.url}' in page.text
    onward = tab.open(log_in(team, tab.open(address), ann, tab))
    assert onward.goes_to.startswith(hub.url)


def fails(team, path, **how):
    team.server.post("faults", path=path, clientId=how.pop("client", team.id), **{"times": 1, **how})


@pytest.mark.parametrize("how", [{"status": 503}, {"status": 429, "error": "rate-limited"}, {"drop": True}])
def test_while_space_is_away_the_page_says_so_and_leads_back(team, hub, address, ann, tab, how):
    """Nobody signs in unproved because Space is away just then."""
    asked = len(hub.asked)
    fails(team, "oauth/auth", client=None, **how)
    page = tab.open(address)
    assert page.status == 503
    assert "does not answer" in page.says
    again = page.links["Try again"]
    onward = tab.open(log_in(team, tab.open(again), ann, tab))
    assert onward.goes_to.startswith(hub.url)
    assert len(hub.asked) == asked


@pytest.mark.parametrize("path", ["oauth/token", "team-directory/profiles/me"])
def test_space_goes_away_during_the_login(team, office, hub, address, ann, tab, path):
    back = log_in(team, tab.open(address), ann, tab)
    fails(team, path, status=503, times=None)
    page = tab.open(back)
    assert page.status == 503
    assert "Nothing was linked" in page.says and "open the link" in page.says.lower()
    team.server.delete("faults")
    assert tab.open(back).status == 400
    onward = tab.open(log_in(team, tab.open(address), ann, tab))
    assert onward.goes_to.startswith(hub.url)


def test_a_server_is_asked_now_and_then_whether_it_has_a_login(team, address):
    for _ in range(3):
        assert Browser().open(address).status == 302
    asked = team.server.get("requests", path="oauth/auth")["requests"]
    assert len([one for one in asked if one["query"].get("client_id") == team.id]) == 1


@pytest.mark.parametrize("answer", [{"status": 404}, {"status": 400, "error": "unauthorized_client"}])
def test_where_space_has_no_login_the_link_and_the_confirmation_decide(office, space_server, hub, repository, answer):
    plain = space_server.install(office.endpoint)
    fails(plain, "oauth/auth", client=None, **answer)
    (item,) = plain.someone_posts(hub.issue(repository, 900 + len(repository.issues), "Without"))
    tab = Browser()
    away = tab.open(connect(plain, item))
    assert away.goes_to.startswith(hub.url)
    page = tab.open(hub.agree(away.goes_to, "proved-ann"))
    assert "proved by" not in page.says


def test_where_the_application_may_not_use_it_neither(office, space_server, hub):
    plain = space_server.install(office.endpoint, codeFlow=False)
    url = homepage(office, plain, plain.people[0], "sign-in", provider="github", site=hub.url)["url"]
    assert Browser().open(url).goes_to.startswith(hub.url)


def test_the_install_link_asks_for_it(office):
    link = query_of(office.run("install-url", "--space", "https://acme.jetbrains.space").stdout.strip())
    assert link["code-flow-enabled"] == "true" and link["pkce-required"] == "true"
    assert link["code-flow-redirect-uris"] == f"{office.url}/space/login"
