"""Tokens of an installation: asked for as the protocol says, by one for all, and replaced once."""

from __future__ import annotations

import base64
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pydantic import SecretStr

from tests.space.judge import sample
from tests.space.script import CREDENTIALS, SECRET, TOKEN, Clock, Script, way_out
from unfurler.space import errors
from unfurler.space.client import RIGHT, SpaceClient
from unfurler.space.server import Server
from unfurler.space.tokens import PermanentToken


def test_a_token_is_asked_for_once_as_the_protocol_says(client: SpaceClient, space: Script) -> None:
    client.request_rights()
    client.set_domains(["a.example"])
    token, *calls = space.seen
    assert (token.method, token.path) == ("POST", "/oauth/token")
    assert token.headers["authorization"] == "Basic " + base64.b64encode(f"client-1:{SECRET}".encode()).decode()
    assert token.headers["content-type"] == "application/x-www-form-urlencoded"
    assert token.body == b"grant_type=client_credentials&scope=%2A%2A"
    assert [call.headers["authorization"] for call in calls] == [f"Bearer {TOKEN}-1"] * 2
    assert {call.headers["accept"] for call in calls} == {"application/json"}
    assert {call.headers["content-type"] for call in calls} == {"application/json; charset=utf-8"}


def test_a_token_is_renewed_a_minute_before_its_end(client: SpaceClient, space: Script, clock: Clock) -> None:
    client.request_rights()
    clock.now_s += 539
    client.request_rights()
    assert space.tokens == 1
    clock.now_s += 1
    client.request_rights()
    assert space.tokens == 2


def test_a_short_token_is_used_for_half_its_life(client: SpaceClient, space: Script, clock: Clock) -> None:
    space.life_s = 10
    client.request_rights()
    clock.now_s += 4.9
    client.request_rights()
    assert space.tokens == 1
    clock.now_s += 0.2
    client.request_rights()
    assert space.tokens == 2


def test_a_token_that_is_refused_is_replaced_once(client: SpaceClient, space: Script) -> None:
    space.answer(401, sample("resp.SpaceError--authentication-required"))
    space.answer(200, True)
    assert client.check_permission("application:me", RIGHT)
    assert [call.headers["authorization"] for call in space.calls()] == [f"Bearer {TOKEN}-1", f"Bearer {TOKEN}-2"]


def test_a_second_refusal_is_final(client: SpaceClient, space: Script) -> None:
    for _ in range(3):
        space.answer(401, b"<html>")
    with pytest.raises(errors.NotAuthorized) as error:
        client.request_rights()
    assert error.value.blocked
    assert len(space.calls()) == 2


def test_a_revoked_token_is_not_replaced(client: SpaceClient, space: Script) -> None:
    space.answer(401, sample("resp.SpaceError--refresh-token-revoked"))
    with pytest.raises(errors.TokenRevoked):
        client.request_rights()
    assert (space.tokens, len(space.calls())) == (1, 1)


def test_many_threads_ask_for_one_token(space: Script) -> None:
    client = SpaceClient(Server(space.url, way_out()), CREDENTIALS)
    space.hold_s = 0.02
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda _: client.request_rights(), range(16)))
    assert space.tokens == 1
    assert len(space.calls()) == 16


def test_many_threads_that_were_refused_ask_for_one_new_token(space: Script) -> None:
    client = SpaceClient(Server(space.url, way_out()), CREDENTIALS)
    client.try_credentials()
    for _ in range(2):
        space.answer(401, {"error": "authentication-required"})
    # Both hear the refusal of the first token, however late one of them comes.
    space.together = threading.Barrier(2)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: client.request_rights(), range(2)))
    assert space.tokens == 2


def test_a_permanent_token_is_sent_and_never_replaced(space: Script) -> None:
    client = SpaceClient(Server(space.url, way_out()), PermanentToken(SecretStr("for-ever")))
    client.try_credentials()
    space.answer(401, {"error": "authentication-required"})
    with pytest.raises(errors.NotAuthorized):
        client.try_credentials()
    assert [call.headers["authorization"] for call in space.seen] == ["Bearer for-ever"] * 2
    assert space.seen[0].path == "/api/http/applications/me"


@pytest.mark.parametrize("name", ["resp.OAuthTokenResponse", "resp.OAuthTokenResponse--offline-user"])
def test_token_answers_are_read(client: SpaceClient, space: Script, name: str) -> None:
    space.token_answers = [(200, {}, json.dumps(sample(name)).encode())]
    client.request_rights()
    assert space.calls()[0].headers["authorization"] == f"Bearer {sample(name)['access_token']}"


def test_trying_credentials_asks_anew(client: SpaceClient, space: Script) -> None:
    client.try_credentials()
    client.try_credentials()
    assert (space.tokens, space.calls()) == (2, [])


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, sample("resp.SpaceError--oauth-invalid-client")),
        (400, {"error": "invalid_client"}),
        (400, {"error": "unauthorized_client"}),
        (400, {"error": "invalid_grant"}),
        (401, {}),
        (401, {"error": "authentication-required"}),
    ],
)
def test_credentials_that_are_refused(client: SpaceClient, space: Script, status: int, body: Any) -> None:
    for call in (client.try_credentials, client.request_rights):
        space.token_answers = [(status, {}, json.dumps(body).encode())]
        with pytest.raises(errors.InvalidClient) as error:
            call()
        assert error.value.blocked
    assert space.calls() == []


@pytest.mark.parametrize(
    "body",
    [b"", b"x", b"[]", b"{}", b'{"access_token":""}', b'{"access_token":7}', b'{"access_token":"a\\r\\nX: y"}'],
)
def test_a_token_answer_that_cannot_be_read(client: SpaceClient, space: Script, clock: Clock, body: bytes) -> None:
    space.token_answers = [(200, {}, body)] * 5
    with pytest.raises(errors.OddAnswer):
        client.try_credentials()
    assert len(clock.slept) == 4


@pytest.mark.parametrize("life", ["600", None, -1, 0, True, 1e300, {}])
def test_an_odd_life_of_a_token_does_no_harm(client: SpaceClient, space: Script, life: Any) -> None:
    space.token_answers = [(200, {}, json.dumps({"access_token": "t", "expires_in": life}).encode())]
    client.request_rights()
    assert space.calls()[0].headers["authorization"] == "Bearer t"
