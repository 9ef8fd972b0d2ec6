"""The emulated GitHub Enterprise over HTTP: signing in, reading, changing, and what it refuses."""

from __future__ import annotations

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from tests.sandbox.application import Application
from unfurler.sandbox.forge import CLIENT_ID, CLIENT_SECRET

BACK = "http://127.0.0.1:8080/oauth/github/callback"
VERIFIER = "v" * 50
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
WANTED = {
    "client_id": CLIENT_ID,
    "redirect_uri": BACK,
    "scope": "repo",
    "state": "s1",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}
HELLO = "repos/octokit-fixture-org/hello-world"


class Forge:
    """Driven as a browser and as an application do."""

    def __init__(self, server: str) -> None:
        self.url = f"{server}/forge"

    def ask(self, **change: str | None) -> requests.Response:
        wanted = {name: value for name, value in {**WANTED, **change}.items() if value is not None}
        return requests.get(f"{self.url}/login/oauth/authorize", params=wanted, timeout=60)

    def agree(self, login: str, origin: str | None = None) -> dict[str, str]:
        """What is said to where the browser is led back to."""
        headers = {"Origin": origin} if origin else {}
        address, form = f"{self.url}/login/oauth/authorize", {"login": login}
        answer = requests.post(address, form, params=WANTED, headers=headers, allow_redirects=False, timeout=60)
        assert answer.status_code == 302, answer.text
        there = urlsplit(answer.headers["Location"])
        assert there._replace(query="").geturl() == BACK
        return dict(parse_qsl(there.query))

    def exchange(self, code: str, **change: str) -> dict[str, Any]:
        form = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "code": code, "redirect_uri": BACK}
        form |= {"code_verifier": VERIFIER, **change}
        return requests.post(f"{self.url}/login/oauth/access_token", form, timeout=60).json()

    def token(self, login: str) -> str:
        return self.exchange(self.agree(login)["code"])["access_token"]

    def call(self, method: str, path: str, token: str | None = None, **body: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return requests.request(method, f"{self.url}/api/{path}", json=body or None, headers=headers, timeout=60)


@pytest.fixture
def forge(application: Application) -> Forge:
    """Whoever is in Space has an account there."""
    return Forge(application.server)


@pytest.fixture
def ann(forge: Forge) -> str:
    return forge.token("ann-lee")


def test_everybody_in_space_can_sign_in(forge: Forge) -> None:
    for name in ("Ann Lee", "Bob Stone", "Carla Diaz"):
        assert f"Sign in as {name}" in forge.ask().text
    assert forge.agree("ann-lee")["state"] == "s1"
    token = forge.token("bob-stone")
    assert forge.call("GET", "v3/user", token).json()["login"] == "bob-stone"


def test_who_cancels_is_led_back_with_a_refusal(forge: Forge) -> None:
    assert forge.agree("")["error"] == "access_denied"
    assert "code" not in forge.agree("nobody-here")


def test_nobody_is_led_away_from_loopback_or_by_another_application(forge: Forge) -> None:
    for change in (
        {"client_id": "other"},
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": "http://localhost.evil.example/"},
        {"code_challenge_method": "plain"},
    ):
        assert forge.ask(**change).status_code == 400, change


def test_another_page_cannot_agree_for_somebody(forge: Forge) -> None:
    with pytest.raises(AssertionError, match="Only this page"):
        forge.agree("ann-lee", origin="http://evil.example")


def test_a_code_is_good_once_with_its_verifier_and_secret(forge: Forge) -> None:
    refusals = {
        "incorrect_client_credentials": {"client_secret": "wrong"},
        "redirect_uri_mismatch": {"redirect_uri": BACK + "2"},
        "bad_verification_code": {"code_verifier": "w" * 50},
    }
    for error, change in refusals.items():
        assert forge.exchange(forge.agree("ann-lee")["code"], **change)["error"] == error
    code = forge.agree("ann-lee")["code"]
    assert forge.exchange(code)["token_type"] == "bearer"
    assert forge.exchange(code)["error"] == "bad_verification_code"


def test_a_forgotten_token_is_not_accepted_any_more(forge: Forge, ann: str) -> None:
    address = f"{forge.url}/api/v3/applications/{CLIENT_ID}/token"
    assert requests.delete(address, json={"access_token": ann}, timeout=60).status_code == 401
    own = (CLIENT_ID, CLIENT_SECRET)
    assert requests.delete(address, json={"access_token": ann}, auth=own, timeout=60).status_code == 204
    assert requests.delete(address, json={"access_token": ann}, auth=own, timeout=60).status_code == 422
    assert forge.call("GET", f"v3/{HELLO}", ann).json()["message"] == "Bad credentials"


def test_replies_are_the_recorded_ones_with_addresses_of_its_own(forge: Forge, server: str) -> None:
    here = forge.call("GET", f"v3/{HELLO}/issues/1").json()
    there = requests.get(f"{server}/recorded/github/{HELLO}/issues/1", timeout=60).json()
    assert here["title"] == there["title"]
    assert here["html_url"] == f"{forge.url}/octokit-fixture-org/hello-world/issues/1"
    assert here["url"] == f"{forge.url}/api/v3/{HELLO}/issues/1"


def test_an_issue_is_closed_and_reopened_there_and_not_at_github_com(forge: Forge, server: str, ann: str) -> None:
    issue = f"v3/{HELLO}/issues/1"
    assert forge.call("PATCH", issue, state="closed").status_code == 401
    forge.call("PATCH", issue, ann, state="closed", state_reason="not_planned")
    told = forge.call("GET", issue).json()
    assert (told["state"], told["state_reason"], told["closed_by"]["login"]) == ("closed", "not_planned", "ann-lee")
    assert requests.get(f"{server}/recorded/github/{HELLO}/issues/1", timeout=60).json()["state"] == "open"
    again = forge.call("PATCH", issue, ann, state="open").json()
    assert (again["state"], again["closed_at"], again["closed_by"]) == ("open", None, None)


def test_people_assign_themselves_beside_others(forge: Forge, ann: str) -> None:
    issue = f"v3/{HELLO}/issues/1"
    had = [one["login"] for one in forge.call("GET", issue).json()["assignees"]]
    told = forge.call("POST", f"{issue}/assignees", ann, assignees=["ann-lee", "bob-stone"]).json()
    assert [one["login"] for one in told["assignees"]] == [*had, "ann-lee"]
    told = forge.call("PATCH", issue, ann, assignees=had).json()
    assert [one["login"] for one in told["assignees"]] == had


def test_people_comment(forge: Forge, ann: str) -> None:
    issue = f"v3/{HELLO}/issues/2"
    before = forge.call("GET", issue).json()["comments"]
    said = forge.call("POST", f"{issue}/comments", ann, body="Me too")
    assert (said.status_code, said.json()["user"]["login"]) == (201, "ann-lee")
    assert [one["body"] for one in forge.call("GET", f"{issue}/comments").json()][-1] == "Me too"
    assert forge.call("GET", f"v3/{HELLO}/issues/comments/{said.json()['id']}").json()["body"] == "Me too"
    assert forge.call("GET", issue).json()["comments"] == before + 1


def test_a_pull_request_is_reviewed_merged_and_stays_so(forge: Forge, ann: str) -> None:
    pull = f"v3/{HELLO}/pulls/5"
    asked = forge.call("POST", f"{pull}/requested_reviewers", ann, reviewers=["ann-lee"]).json()
    assert "ann-lee" in [one["login"] for one in asked["requested_reviewers"]]
    forge.call("POST", f"{pull}/reviews", ann, event="APPROVE")
    last = forge.call("GET", f"{pull}/reviews").json()[-1]
    assert (last["state"], last["user"]["login"]) == ("APPROVED", "ann-lee")
    assert "ann-lee" not in [one["login"] for one in forge.call("GET", pull).json()["requested_reviewers"]]
    assert forge.call("PUT", f"{pull}/merge", ann, merge_method="squash", sha="0" * 40).status_code == 409
    assert forge.call("PUT", f"{pull}/merge", ann, merge_method="squash").json()["merged"] is True
    assert forge.call("PUT", f"{pull}/merge", ann, merge_method="squash").status_code == 405
    assert forge.call("GET", f"v3/{HELLO}/issues/5").json()["state"] == "closed"
    assert forge.call("PATCH", pull, ann, state="open").status_code == 422


def test_a_pull_request_with_conflicts_is_not_merged(forge: Forge, ann: str) -> None:
    refused = forge.call("PUT", f"v3/{HELLO}/pulls/6/merge", ann, merge_method="merge")
    assert (refused.status_code, refused.json()["message"]) == (405, "Pull Request is not mergeable")


def test_what_is_private_is_there_for_who_signed_in(forge: Forge, server: str, ann: str) -> None:
    secret = "repos/octokit-fixture-org/surprises"
    for path in (secret, f"{secret}/issues/1", f"{secret}/issues/1/comments", secret.upper().replace("REPOS", "repos")):
        assert forge.call("GET", f"v3/{path}").status_code == 404, path
        assert forge.call("GET", f"v3/{path}", ann).status_code == 200, path
    assert requests.get(f"{server}/recorded/github/{secret}/issues/1", timeout=60).status_code == 404
    page = requests.get(f"{forge.url}/octokit-fixture-org/surprises/issues/1", timeout=60)
    assert (page.status_code, "Cake" in page.text) == (404, False)


def test_what_it_does_not_do_is_refused_with_a_sentence(forge: Forge, ann: str) -> None:
    refused = forge.call("POST", f"v3/{HELLO}/actions/runs/1/rerun", ann)
    assert (refused.status_code, refused.json()["message"]) == (
        403,
        "The emulated GitHub does not let anybody do this",
    )
    answer = forge.call("POST", "graphql", ann, query="mutation MarkReady { markPullRequestReadyForReview }").json()
    assert answer["errors"][0]["type"] == "FORBIDDEN"
    assert forge.call("POST", "graphql", query="{ viewer { login } }").status_code == 401


def test_people_subscribe(forge: Forge, ann: str) -> None:
    variables = {"owner": "octokit-fixture-org", "repo": "hello-world", "number": 1}

    def state() -> dict[str, str]:
        asked = forge.call("POST", "graphql", ann, query="query { viewerSubscription }", variables=variables)
        return asked.json()["data"]["repository"]["issueOrPullRequest"]

    assert state()["viewerSubscription"] == "UNSUBSCRIBED"
    wanted = {"thread": state()["id"], "state": "SUBSCRIBED"}
    forge.call("POST", "graphql", ann, query="mutation { updateSubscription }", variables=wanted)
    assert state()["viewerSubscription"] == "SUBSCRIBED"
