"""Requests to a Space that refuses, is slow, or is away: told apart, and tried again where that may help."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.space.judge import sample
from tests.space.script import CREDENTIALS, Clock, Script, way_out
from unfurler.limits import Limits
from unfurler.space import errors
from unfurler.space.client import SpaceClient
from unfurler.space.server import Server


def test_the_highest_epoch_goes_back(client: SpaceClient, space: Script) -> None:
    for epoch in ["5", "3", "x", "", "９", "1" * 50]:
        space.answer(200, b"", epoch=epoch.encode("utf-8").decode("latin-1"))
    for _ in range(7):
        client.request_rights()
    assert [call.headers.get("epoch") for call in space.calls()] == [None, "5", "5", "5", "5", "5", "5"]


def test_two_requests_at_a_time_are_the_most(space: Script) -> None:
    client = SpaceClient(Server(space.url, way_out()), CREDENTIALS)
    space.hold_s = 0.02
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda _: client.request_rights(), range(12)))
    assert space.most == 2


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (403, sample("resp.SpaceError--permission-denied"), errors.PermissionDenied),
        (400, {"error": "permission-denied"}, errors.PermissionDenied),
        (403, b"<html>", errors.PermissionDenied),
        (404, {"error": "not-found"}, errors.NotFound),
        (404, b"", errors.NotFound),
        (400, {"error": "validation-error"}, errors.Rejected),
        (400, {"error": "request-error"}, errors.Rejected),
        (409, {"error": "duplicated-entity"}, errors.Rejected),
        (400, {"error": "something-newer"}, errors.Rejected),
        (400, {"error": ["odd"]}, errors.Rejected),
        (400, [1], errors.Rejected),
        (418, b"", errors.Rejected),
        (413, {"error": "payload-too-large"}, errors.TooLarge),
        (431, b"", errors.TooLarge),
        (400, {"error": "payload-too-large"}, errors.TooLarge),
        (429, sample("resp.SpaceError--rate-limited"), errors.RateLimited),
        (429, b"", errors.RateLimited),
        (400, {"error": "rate-limited"}, errors.RateLimited),
        (500, {"error": "internal-server-error"}, errors.Unavailable),
        (502, b"<html>", errors.Unavailable),
        (503, {"error": "odd\nname"}, errors.Unavailable),
        (200, b"not json", errors.OddAnswer),
        (200, b'{"a":1}', errors.OddAnswer),
        (200, b"[" * 100_000, errors.OddAnswer),
        (302, b"", errors.OddAnswer),
    ],
)
def test_errors_are_told_apart_by_code_and_then_by_status(
    client: SpaceClient, space: Script, status: int, body: Any, kind: type[errors.SpaceError]
) -> None:
    for _ in range(5):
        space.answer(status, body)
    with pytest.raises(errors.SpaceError) as error:
        client.queue(None, 1)
    assert type(error.value) is kind
    assert len(space.calls()) == (5 if error.value.retry else 1)
    assert "\n" not in error.value.code


def test_a_code_that_only_that_server_knows_is_no_reason_of_ours(client: SpaceClient, space: Script) -> None:
    for code, reason in (("canary-organization", "http-403"), ("permission-denied", "permission-denied")):
        space.answer(403, {"error": code})
        with pytest.raises(errors.SpaceError) as error:
            client.queue(None, 1)
        assert (error.value.code, error.value.reason) == (code, reason)


def test_waits_grow_by_half(client: SpaceClient, space: Script, clock: Clock) -> None:
    for _ in range(4):
        space.answer(429, {"error": "rate-limited"})
    client.request_rights()
    assert clock.slept == [0.5, 0.75, 1.125, 1.6875]


def test_waits_are_spread(space: Script, clock: Clock) -> None:
    client = SpaceClient(
        Server(space.url, way_out(), clock=clock, sleep=clock.sleep, jitter=lambda: 0.999), CREDENTIALS
    )
    space.answer(500)
    client.request_rights()
    assert clock.slept == [pytest.approx(0.75, abs=0.001)]


def test_space_s_own_wish_is_respected(client: SpaceClient, space: Script, clock: Clock) -> None:
    space.answer(429, {"error": "rate-limited"}, retry_after="7")
    space.answer(503, b"", retry_after="Wed, 21 Oct 2099 07:28:00 GMT")
    client.request_rights()
    assert clock.slept == [7.0, 0.75]


def test_a_wish_beyond_our_patience_is_passed_on(client: SpaceClient, space: Script, clock: Clock) -> None:
    space.answer(429, {"error": "rate-limited"}, retry_after="120")
    with pytest.raises(errors.RateLimited) as error:
        client.request_rights()
    assert (error.value.retry_after_s, clock.slept) == (120.0, [])


def test_a_call_ends_when_patience_does(space: Script, clock: Clock) -> None:
    server = Server(space.url, way_out(), clock=clock, sleep=clock.sleep, jitter=lambda: 0.0, patience_s=2.0)
    client = SpaceClient(server, CREDENTIALS)
    for _ in range(5):
        space.answer(500)
    with pytest.raises(errors.Unavailable):
        client.request_rights()
    assert sum(clock.slept) < 2.0
    assert len(space.calls()) == 3


def test_a_dropped_connection_is_tried_again(client: SpaceClient, space: Script) -> None:
    space.drop()
    space.answer(200, [])
    assert client.queue(None, 1) == []


def test_a_server_that_is_not_there(clock: Clock) -> None:
    client = SpaceClient(Server("http://127.0.0.1:9", way_out(), clock=clock, sleep=clock.sleep), CREDENTIALS)
    with pytest.raises(errors.Unavailable) as error:
        client.request_rights()
    assert (error.value.code, error.value.retry) == ("upstream-refused", True)


def test_an_answer_that_is_too_slow_or_too_large(space: Script, clock: Clock) -> None:
    def client_with(limits: Limits) -> SpaceClient:
        return SpaceClient(Server(space.url, way_out(), clock=clock, sleep=clock.sleep, limits=limits), CREDENTIALS)

    client = client_with(Limits(api_bytes=100))
    space.answer(200, b"[" + b" " * 200 + b"]")
    client.try_credentials()
    with pytest.raises(errors.SpaceError) as error:
        client.queue(None, 1)
    assert (error.value.code, error.value.retry) == ("limit-exceeded", False)
    space.hold_s = 0.3
    with pytest.raises(errors.Unavailable) as slow:
        client_with(Limits(space_call_s=0.1)).queue(None, 1)
    assert slow.value.code == "upstream-slow"


def test_an_address_that_is_refused_is_not_tried_again(clock: Clock) -> None:
    client = SpaceClient(Server("http://10.0.0.1", way_out(), clock=clock, sleep=clock.sleep), CREDENTIALS)
    with pytest.raises(errors.SpaceError) as error:
        client.request_rights()
    assert (error.value.code, clock.slept) == ("address-refused", [])
