"""A day with private things and with failures, logged at DEBUG, leaves nothing of them where it could leak."""

from __future__ import annotations

import pytest
import requests

from tests.world.browser import Browser
from tests.world.people import (
    connect,
    homepage,
    invited,
    log_in,
    prompt,
    query_of,
    user_token,
)
from tests.world.service import Service
from tests.world.space import buttons, texts, wait_for
from tests.world.system import Told

PLACE = "plantedplace/plantedrepo"
NUMBER = 77
PLANTED = ["PLANTED", "plantedplace", "plantedrepo", "planted-client-secret"]


class Diary:
    """What was secret that day, and every page that somebody saw which was not their own card."""

    def __init__(self) -> None:
        self.secrets: list[str] = list(PLANTED)
        self.pages: dict[str, str] = {}

    def hides(self, *secrets: str) -> None:
        self.secrets += secrets

    def shows(self, what: str, page) -> None:
        """A page of a failure: it says nothing private."""
        assert page.status >= 400, (what, page.status)
        self.pages[what] = page.text + str(dict(page.headers))


@pytest.fixture(scope="module")
def loud(tmp_path_factory, space_server, hub):
    """A service that logs as much as it can."""
    environ = {
        "UNFURLER_SPACE_HOSTS": space_server.url,
        "UNFURLER_GITHUB_URL": hub.url,
        "UNFURLER_GITHUB_CLIENT_ID": "planted-client",
        "UNFURLER_GITHUB_CLIENT_SECRET": "planted-client-secret",
        "UNFURLER_LOG_LEVEL": "DEBUG",
    }
    service = Service(tmp_path_factory.mktemp("loud"), environ)
    hub.application("planted-client", "planted-client-secret", f"{service.url}/oauth/github/callback")
    yield service.start()
    service.stop()


def failed_sign_ins(diary: Diary, team, loud, hub, address: str, ann: str) -> None:
    """Everything that goes wrong on the way to an account."""
    browser = Browser()
    away = browser.open(address)
    diary.hides(query_of(address)["request"], query_of(away.goes_to)["state"])
    back = log_in(team, away, ann, browser)
    diary.hides(query_of(back)["code"])
    diary.shows("login in another browser", Browser().open(back))
    onward = browser.open(back)
    diary.shows("login again", browser.open(back))
    diary.hides(query_of(onward.goes_to)["state"])
    came = hub.agree(onward.goes_to, "planted-ann")
    diary.shows("callback in another browser", Browser().open(came))
    hub.faults["/login/oauth/access_token"] = [Told(500, {"error": f"PLANTED {query_of(came)['code']}"})]
    diary.shows("no token", browser.open(came))
    diary.shows("callback again", browser.open(came))
    onward = browser.open(log_in(team, browser.open(address), ann, browser))
    hub.faults["/api/v3/user"] = [Told(401, {"message": "PLANTED"})]
    diary.shows("not said who", browser.open(hub.agree(onward.goes_to, "planted-ann")))
    onward = browser.open(log_in(team, browser.open(address), team.people[1], browser))
    diary.shows("somebody else", onward)
    team.server.post("faults", path="oauth/token", status=503, description="PLANTED", times=1, clientId=team.id)
    diary.shows("Space away", browser.open(log_in(team, browser.open(address), ann, browser)))


def signed_in(diary: Diary, team, hub, address: str, ann: str) -> None:
    browser = Browser()
    onward = browser.open(log_in(team, browser.open(address), ann, browser))
    page = browser.open(hub.agree(onward.goes_to, "planted-ann"))
    assert browser.submit(page, audience="show").status == 302
    diary.shows("confirmed again", browser.submit(page))


def failed_presses(diary: Diary, team, hub, repository, item: str, ann: str, bob: str) -> None:
    path = f"/api/v3/repos/{PLACE}/issues/{NUMBER}"
    answers = [Told(422, {"message": "PLANTED"}), Told(502, b"PLANTED")]
    found = repository.issues[NUMBER]

    def change(asked):
        return answers.pop(0) if answers else found.update(asked.json) or found

    hub.route("PATCH", path, change)
    team.press(item, "Close as completed")
    assert wait_for(lambda: len(team.messages(ann)) == 1)
    team.press(item, "Close as not planned")
    assert wait_for(lambda: len(team.messages(ann)) == 2)
    team.press(item, "Refresh", bob)
    diary.hides(query_of(invited(team, bob))["request"])
    team.press(item, "Comment")
    address, browser = invited(team, ann, earlier=2), Browser()
    diary.hides(address.rpartition("/")[2])
    page = browser.open(address)
    assert "Commented" in browser.submit(page, text="PLANTED remark").says
    diary.shows("form again", browser.submit(page, text="PLANTED remark"))


def test_a_day_leaves_nothing_private_behind(space_server, loud, hub):
    diary = Diary()
    team = space_server.install(loud.endpoint, redirectUris=[f"{loud.url}/space/login"])
    ann, bob = team.people[:2]
    diary.hides(team.secret)
    repository = hub.repository(PLACE, readers=["planted-ann"], writers=["planted-ann"])
    link = hub.issue(repository, NUMBER, "PLANTED title", body="PLANTED text")
    hub.faults[f"/api/v3/repos/{PLACE}/issues/{NUMBER}"] = [Told(500, b"PLANTED"), Told(404, {"message": "PLANTED"})]
    (item,) = team.someone_posts(link)
    assert prompt(team, item)
    address = connect(team, item)
    failed_sign_ins(diary, team, loud, hub, address, ann)
    signed_in(diary, team, hub, address, ann)
    assert "PLANTED" in texts(team.card(item))
    team.press(item, "More")
    assert wait_for(lambda: "Comment" in buttons(team.item(item)["content"]))
    failed_presses(diary, team, hub, repository, item, ann, bob)
    token = user_token(team, ann)
    diary.hides(token)
    requests.post(f"{loud.url}/space/homepage/state", headers={"Authorization": f"Bearer {token}x"}, timeout=60)
    space_server.post("faults", path="queue/content", status=500, description="PLANTED", times=1, clientId=team.id)
    (posted_late,) = team.someone_posts(link + "?PLANTED=1")
    assert team.card(posted_late)
    hub.withdraw("planted-ann")
    (again,) = team.someone_posts(hub.issue(repository, NUMBER + 1, "PLANTED again"))
    assert prompt(team, again)
    requests.post(loud.endpoint, data=b'{"className": "PLANTED', timeout=60)
    (account,) = [one["account"] for one in homepage(loud, team, ann)["systems"]]
    assert account is None
    diary.hides(*hub.secrets_issued())
    seen = diary.pages | {
        "log": loud.log.read_text(),
        "metrics": requests.get(f"{loud.url}/metrics", timeout=60).text,
        "readyz": requests.get(f"{loud.url}/readyz", timeout=60).text,
    }
    for path in loud.database.parent.glob("unfurler.db*"):
        seen[path.name] = path.read_bytes().decode("latin-1")
    assert len(diary.secrets) > 15 and len(seen) > 12
    leaks = {place: [secret for secret in diary.secrets if secret in text] for place, text in seen.items()}
    assert {place: found for place, found in leaks.items() if found} == {}
