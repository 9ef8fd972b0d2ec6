"""Client credentials and access tokens."""

from __future__ import annotations

import requests

from tests.sandbox.application import Application, Endpoint, install


def test_the_secret_gives_a_token_that_works(application: Application) -> None:
    answer = application.sign_in().json()
    assert answer["token_type"] == "Bearer"
    assert answer["expires_in"] == 600
    assert answer["access_token"].count(".") == 2
    assert application.call("GET", "applications/me").json()["clientId"] == application.client_id


def test_a_wrong_secret_is_an_invalid_client(application: Application) -> None:
    answer = application.sign_in(secret="wrong")
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_another_grant_is_not_supported(application: Application) -> None:
    answer = requests.post(
        f"{application.server}/oauth/token",
        auth=(application.client_id, application.secret),
        data={"grant_type": "password", "scope": "**"},
        timeout=60,
    )
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


def test_a_token_expires_by_the_sandbox_clock(application: Application) -> None:
    requests.post(f"{application.server}/sandbox/clock", json={"advance_s": 601}, timeout=60)
    answer = application.call("GET", "applications/me")
    assert answer.status_code == 401
    assert answer.json() == {"error": "authentication-required", "error_description": "Access token has expired"}
    application.sign_in()
    assert application.call("GET", "applications/me").status_code == 200


def test_a_changed_secret_is_delivered_and_replaces_the_old_one(application: Application, endpoint: Endpoint) -> None:
    changed = application.control("/secret", {})
    [payload] = endpoint.payloads("ChangeClientSecretPayload")
    assert payload["newClientSecret"] == changed["clientSecret"] != application.secret
    assert application.sign_in().status_code == 401
    assert application.sign_in(secret=changed["clientSecret"]).status_code == 200


def test_an_uninstalled_application_gets_nothing_any_more(application: Application, endpoint: Endpoint) -> None:
    assert application.control("/uninstall", {})["removed"] is True
    assert endpoint.payloads("ApplicationUninstalledPayload")[0]["serverUrl"] == application.server
    assert application.call("GET", "applications/me").status_code == 401
    assert application.sign_in().json()["error"] == "invalid_client"


def test_a_permanent_token_outlives_every_clock(server: str, endpoint: Endpoint) -> None:
    made = requests.post(f"{server}/sandbox/applications", json={"endpoint": endpoint.url}, timeout=60).json()
    assert endpoint.received == []
    requests.post(f"{server}/sandbox/clock", json={"advance_s": 10**7}, timeout=60)
    single = Application(server, made["clientId"], made["clientSecret"], token=made["permanentToken"])
    assert single.call("GET", "applications/me").status_code == 200


def test_two_installations_share_nothing(server: str, endpoint: Endpoint) -> None:
    one = install(server, endpoint, name="One").set_up("tracker.example")
    two = install(server, endpoint, name="Two").set_up("tracker.example")
    one.someone_posts("https://tracker.example/1")
    two.someone_posts("https://tracker.example/2")
    assert [item["target"] for item in one.queue()] == ["https://tracker.example/1"]
    assert [item["target"] for item in two.queue()] == ["https://tracker.example/2"]
    assert one.call("GET", f"applications/clientId:{two.client_id}").status_code == 404
