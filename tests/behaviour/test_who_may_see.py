"""What somebody's account sees is shown to others only as far as they chose, and never through anybody else."""

from __future__ import annotations

import pytest
import requests

from tests.world.people import (
    choose,
    connect,
    homepage,
    posted,
    prompt,
    sign_in,
    sign_in_on_homepage,
)
from tests.world.service import Service
from tests.world.space import buttons, texts, title, wait_for
from tests.world.system import Told

TITLE = "CANARYTITLE of the merger"
TEXT = "CANARYTEXT with the price"
PLACE = "canaryplace/canaryrepo"


@pytest.fixture(scope="module")
def repository(hub):
    return hub.repository(PLACE, readers=["see-ann", "see-bob"], writers=["see-carla"])


@pytest.fixture
def link(hub, repository):
    return hub.issue(repository, 1 + len(repository.issues), TITLE, body=TEXT)


@pytest.fixture
def signed_in(office, team, hub, ann):
    sign_in_on_homepage(office, team, ann, hub, "see-ann")


def shown(team, item: str, word: str):
    """The content of the item once it says so."""
    assert wait_for(lambda: word in texts(team.item(item)["content"] or {"sections": []})), team.item(item)["content"]
    return team.item(item)["content"]


# The author's choice


def test_until_the_author_chose_there_is_a_notice_without_a_title(team, signed_in, link):
    item = posted(team, link)
    content = team.card(item)
    assert buttons(content)[:3] == ["Show here", "Only the title", "Never"]
    said = str(team.item(item)["posts"])
    assert "CANARY" not in said and title(content).startswith("A private link to GitHub")


@pytest.mark.parametrize(
    ("button", "is_there", "is_not"),
    [("Show here", [TITLE, TEXT], []), ("Only the title", [TITLE], [TEXT])],
)
def test_the_choice_for_a_link_is_kept_and_can_be_changed(team, signed_in, link, button, is_there, is_not):
    item = posted(team, link)
    team.card(item)
    team.press(item, button)
    content = shown(team, item, TITLE)
    assert all(word in texts(content) for word in is_there) and not any(word in texts(content) for word in is_not)
    team.press(item, "Refresh")
    assert wait_for(lambda: team.posts(item) == 3)
    assert TITLE in texts(team.item(item)["content"])
    if button == "Show here":
        team.press(item, "More")
        assert wait_for(lambda: "Only the title" in buttons(team.item(item)["content"]))
    team.press(item, "Never")
    assert wait_for(lambda: "CANARY" not in str(team.item(item)["content"]))


def test_the_choice_counts_for_its_link_alone(team, signed_in, link, hub, repository):
    item = posted(team, link)
    team.card(item)
    team.press(item, "Show here")
    shown(team, item, TITLE)
    other = posted(team, hub.issue(repository, 500, TITLE))
    assert "CANARY" not in str(team.card(other))


def test_nobody_but_the_author_chooses(team, office, hub, signed_in, link, bob):
    sign_in_on_homepage(office, team, bob, hub, "see-bob")
    item = posted(team, link)
    team.card(item)
    for button in ("Show here", "Only the title", "Never"):
        team.press(item, button, bob)
    assert wait_for(lambda: len(team.messages(bob)) == 3)
    assert "CANARY" not in str(team.item(item)) and team.posts(item) == 1
    # A look of somebody who may see it shows it to nobody else either.
    team.press(item, "Refresh", bob)
    assert wait_for(lambda: team.posts(item) == 2)
    assert "CANARY" not in str(team.item(item)) and "CANARY" not in str(team.messages(bob))


@pytest.mark.parametrize(("audience", "words"), [("show", [TITLE, TEXT]), ("title", [TITLE]), ("never", [])])
def test_the_choice_for_a_system_holds_for_every_link(team, office, hub, signed_in, link, ann, audience, words):
    choose(office, team, ann, hub, audience)
    item = posted(team, link)
    if audience == "never":
        wait_for(lambda: False, 1.0)
        assert team.item(item)["content"] is None
    else:
        content = shown(team, item, TITLE)
        assert [word for word in (TITLE, TEXT) if word in texts(content)] == words


def test_the_choice_can_be_made_while_signing_in(team, office, hub, link, ann):
    item = posted(team, link)
    sign_in(connect(team, item), hub, "see-ann", audience="title")
    assert TEXT not in texts(shown(team, item, TITLE))
    assert homepage(office, team, ann)["systems"][0]["audience"] in ("title", None)
    place = next(one for one in homepage(office, team, ann)["systems"] if one["site"] == hub.url)
    assert place["audience"] == "title"


def test_the_organization_may_be_stricter(team, office, hub, signed_in, link, ann):
    choose(office, team, ann, hub, "show")
    item = posted(team, link)
    shown(team, item, TEXT)
    homepage(office, team, ann, "rule", rule="title")
    team.press(item, "Refresh")
    assert wait_for(lambda: TEXT not in texts(team.item(item)["content"]))
    assert TITLE in texts(team.item(item)["content"])
    homepage(office, team, ann, "rule", rule="never")
    team.press(item, "Refresh")
    assert wait_for(lambda: "CANARY" not in str(team.item(item)["content"]))
    again = posted(team, link)
    wait_for(lambda: False, 1.0)
    assert team.item(again)["content"] is None


def test_under_a_stricter_rule_nothing_wider_is_offered(team, office, hub, signed_in, link, ann):
    homepage(office, team, ann, "rule", rule="title")
    item = posted(team, link)
    assert buttons(team.card(item))[:2] == ["Only the title", "Never"]


def test_what_is_confidential_is_never_more_than_a_notice(team, office, lab, ann):
    project = lab.project("canaryplace/plans", readers=["see-lab"])
    address = lab.issue(project, 1, TITLE, description=TEXT, confidential=True)
    choose(office, team, ann, lab, "show")
    sign_in_on_homepage(office, team, ann, lab, "see-lab")
    item = posted(team, address)
    assert title(team.card(item)).startswith("A private link to GitLab")
    for button in ("Refresh",):
        team.press(item, button)
    assert wait_for(lambda: team.posts(item) == 2)
    assert "CANARY" not in str(team.item(item)) and buttons(team.card(item)) == ["Refresh"]


def test_not_even_where_the_operators_account_sees_it(tmp_path, space_server, lab):
    project = lab.project("canaryplace/service", readers=["service"])
    address = lab.issue(project, 1, TITLE, confidential=True)
    open_to_it = lab.issue(project, 2, "Open to the service account")
    token = lab.issue_token("service", "read_api")
    environ = {"UNFURLER_SPACE_HOSTS": space_server.url, "UNFURLER_GITLAB_URL": lab.url, "UNFURLER_GITLAB_TOKEN": token}
    service = Service(tmp_path, environ).start()
    try:
        organization = space_server.install(service.endpoint)
        first, second = posted(organization, address), posted(organization, open_to_it)
        assert title(organization.card(second)) == "Open to the service account"
        assert title(organization.card(first)).startswith("A private link to GitLab")
        assert "CANARY" not in str(organization.items)
    finally:
        service.stop()


# Nobody else's eyes


def test_what_one_person_sees_is_served_to_nobody_else(team, office, hub, signed_in, link, ann, bob):
    choose(office, team, ann, hub, "show")
    shown(team, posted(team, link), TITLE)
    of_bob = posted(team, link, author=bob)
    assert prompt(team, of_bob)
    assert team.item(of_bob)["content"] is None
    sign_in(connect(team, of_bob), hub, "stranger")
    wait_for(lambda: False, 1.0)
    assert team.item(of_bob)["content"] is None


def test_two_organizations_with_the_same_person_id_never_meet(team, office, space_server, hub, signed_in, link, ann):
    choose(office, team, ann, hub, "show")
    shown(team, posted(team, link), TITLE)
    twin = space_server.install(office.endpoint, codeFlow=False)
    namesake = twin.people[0]
    with office.sql() as database:
        database.execute("update accounts set person = ? where organization = ?", (namesake, team.id))
        database.execute("update choices set person = ? where organization = ?", (namesake, team.id))
    item = posted(twin, link)
    assert prompt(twin, item)
    assert "CANARY" not in str(twin.items)
    assert all(
        one["account"] is None and one["audience"] is None for one in homepage(office, twin, namesake)["systems"]
    )
    sign_in(connect(twin, item), hub, "stranger")
    wait_for(lambda: False, 1.0)
    assert "CANARY" not in str(twin.items)
    with office.sql() as database:
        found = database.execute("select organization, name from accounts where person = ?", (namesake,)).fetchall()
    assert sorted(found) == sorted([(team.id, "see-ann"), (twin.id, "stranger")])


def test_access_that_ends_is_no_card_from_memory(team, office, hub, repository, signed_in, link, ann):
    choose(office, team, ann, hub, "show")
    item = posted(team, link)
    shown(team, item, TITLE)
    repository.readers.remove("see-ann")
    try:
        team.press(item, "Refresh")
        assert wait_for(lambda: team.messages(ann))
        again = posted(team, link)
        wait_for(lambda: False, 1.0)
        assert team.item(again)["content"] is None
    finally:
        repository.readers.append("see-ann")


def test_not_found_and_not_allowed_look_the_same_in_chat(team, office, hub, link, ann):
    sign_in_on_homepage(office, team, ann, hub, "nobody-special")
    path = f"/api/v3/repos/{PLACE}/issues/900"
    (first, second) = (posted(team, f"{hub.url}/{PLACE}/issues/{number}") for number in (900, 901))
    hub.faults[path] = [Told(404), Told(403, {"message": "Forbidden"})] * 3
    wait_for(lambda: False, 1.0)
    assert team.item(first)["content"] is None and team.item(second)["content"] is None
    assert team.item(first)["prompt"] is None and team.item(second)["prompt"] is None
    hub.faults.pop(path)


# Nothing private anywhere


def test_nothing_private_in_logs_metrics_pages_or_database(office, hub, lab):
    """After everything above: titles, texts, places, tokens, codes and secrets."""
    secrets = ["CANARY", "canaryplace", "canaryrepo", *hub.secrets_issued(), *lab.secrets_issued()]
    secrets += ["hub-client-secret", "other-client-secret", "lab-client-secret"]
    assert len(secrets) > 20
    seen = {
        "log": office.log.read_text(),
        "metrics": requests.get(f"{office.url}/metrics", timeout=60).text,
        "ready": requests.get(f"{office.url}/readyz", timeout=60).text,
        "start": requests.get(f"{office.url}/", timeout=60).text,
        "homepage": requests.get(f"{office.url}/space/homepage", timeout=60).text,
        "missing": requests.get(f"{office.url}/oauth/github/start?request=x", timeout=60).text,
    }
    seen |= office.kept()
    for place, text in seen.items():
        assert [secret for secret in secrets if secret in text] == [], place
    assert seen["log"]
