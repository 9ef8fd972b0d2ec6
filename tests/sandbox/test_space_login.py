"""Space's own login: the authorization code flow (PROTOCOL 4.1)."""

from __future__ import annotations

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.sandbox.application import Application, Endpoint, install

VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


class Login:
    """One authorization request of an application."""

    def __init__(self, application: Application, **more: str) -> None:
        self.application = application
        origin = "/".join(application.control("")["endpoint"].split("/")[:3])
        self.redirect_uri = f"{origin}/oauth/space/callback"
        self.query = {
            "response_type": "code",
            "client_id": application.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": "global:Profile.View",
            "state": "s1",
            **more,
        }
        self.url = f"{application.server}/oauth/auth"

    def page(self) -> requests.Response:
        return requests.get(self.url, params=self.query, allow_redirects=False, timeout=60)

    def decides(self, person: str, decision: str = "allow", **headers: str) -> dict[str, str]:
        """What the browser brings back to the application."""
        form = {"person": person, "decision": decision}
        answer = requests.post(
            self.url, params=self.query, data=form, headers=headers, allow_redirects=False, timeout=60
        )
        assert answer.status_code in (302, 403), answer.text
        there = answer.headers.get("Location", "")
        assert not there or there.startswith(self.redirect_uri + "?")
        return {name: value[0] for name, value in parse_qs(urlsplit(there).query).items()}

    def token(self, **form: str) -> requests.Response:
        identity = (self.application.client_id, self.application.secret)
        return requests.post(f"{self.application.server}/oauth/token", auth=identity, data=form, timeout=60)

    def exchanged(self, code: str, **more: str) -> requests.Response:
        return self.token(grant_type="authorization_code", code=code, redirect_uri=self.redirect_uri, **more)


@pytest.fixture
def user(application: Application) -> str:
    return str(application.control("")["users"][1]["id"])


def me(application: Application, token: str) -> Any:
    application.ask_for_right("Profile.View")
    asking = Application(application.server, application.client_id, application.secret, token)
    return asking.call("GET", "team-directory/profiles/me").json()["id"]


def test_a_person_agrees_and_the_code_gives_their_token(application: Application, user: str) -> None:
    login = Login(application, code_challenge=CHALLENGE, code_challenge_method="S256", access_type="offline")
    page = login.page()
    assert "global:Profile.View" in page.text
    assert "form-action 'self' http: https:" in page.headers["Content-Security-Policy"]
    back = login.decides(user)
    assert back["state"] == "s1"
    answer = login.exchanged(back["code"], code_verifier=VERIFIER).json()
    assert answer["scope"] == "global:Profile.View"
    assert me(application, answer["access_token"]) == user
    renewed = login.token(grant_type="refresh_token", refresh_token=answer["refresh_token"], scope=answer["scope"])
    assert me(application, renewed.json()["access_token"]) == user


def test_a_code_is_good_once_and_only_with_its_verifier_and_address(application: Application, user: str) -> None:
    login = Login(application, code_challenge=CHALLENGE, code_challenge_method="S256")
    assert login.exchanged(login.decides(user)["code"], code_verifier="wrong").json()["error"] == "invalid_grant"
    elsewhere = {
        "grant_type": "authorization_code",
        "redirect_uri": "http://elsewhere.example",
        "code_verifier": VERIFIER,
    }
    assert login.token(code=login.decides(user)["code"], **elsewhere).json()["error"] == "invalid_grant"
    code = login.decides(user)["code"]
    answer = login.exchanged(code, code_verifier=VERIFIER)
    assert "refresh_token" not in answer.json()
    assert login.exchanged(code, code_verifier=VERIFIER).json()["error"] == "invalid_grant"


def test_who_refuses_is_led_back_with_that(application: Application, user: str) -> None:
    assert Login(application).decides(user, "deny")["error"] == "access_denied"


def test_nobody_is_led_to_an_address_that_is_not_the_applications(application: Application, user: str) -> None:
    for address in ("https://evil.example/callback", "javascript:alert(1)", ""):
        assert Login(application, redirect_uri=address).page().status_code == 400
    assert Login(application, client_id="nobody").page().status_code == 400


def test_an_application_without_the_code_flow_is_told_so(server: str, endpoint: Endpoint) -> None:
    answer = Login(install(server, endpoint, codeFlow=False)).page()
    assert parse_qs(urlsplit(answer.headers["Location"]).query)["error"] == ["unauthorized_client"]


def test_a_foreign_page_cannot_agree_for_a_person(application: Application, user: str) -> None:
    assert Login(application).decides(user, Origin="https://evil.example") == {}


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "everything"}, "invalid_scope"),
        ({"code_challenge": "x", "code_challenge_method": "plain"}, "invalid_request"),
    ],
)
def test_what_is_asked_wrongly_is_told_to_the_application(
    application: Application, wrong: dict[str, str], error: str
) -> None:
    answer = Login(application, **wrong).page()
    assert parse_qs(urlsplit(answer.headers["Location"]).query)["error"] == [error]
