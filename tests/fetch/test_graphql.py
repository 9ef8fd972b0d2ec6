"""GraphQL through the API of one site: where it is asked, what its errors become."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.fetch.asking import api, dying, ok
from tests.fetch.internet import Clock, Server, answering, page
from unfurler.fetch import Outbound
from unfurler.fetch.graphql import graphql_path
from unfurler.sdk.api import Api
from unfurler.sdk.errors import (
    AccessDenied,
    ActionRefused,
    LimitExceeded,
    NotFound,
    NothingToShow,
    RateLimited,
    UpstreamDown,
    UpstreamOdd,
)

QUERY, MUTATION = "query A($n: Int) { a }", "\n  mutation B { b }"


def asked(server: Server) -> tuple[str, Any]:
    """Head and body of the last request."""
    head, _, body = server.requests[-1].partition(b"\r\n\r\n")
    return head.decode(), json.loads(body)


@pytest.mark.parametrize(
    ("base", "path"),
    [
        ("", "/graphql"),
        ("/", "/graphql"),
        ("/api/v3", "/api/graphql"),
        ("/api/v4/", "/api/graphql"),
        ("/git/api/v4", "/git/api/graphql"),
        ("/api", "/api/graphql"),
        ("/rest/v3", "/rest/v3/graphql"),
        ("/api/v3/more", "/api/v3/more/graphql"),
        ("/recorded/github", "/recorded/github/graphql"),
    ],
)
def test_the_address_follows_from_the_base(base: str, path: str) -> None:
    assert graphql_path(base) == path


def test_a_question_is_posted_with_the_account(outbound: Outbound, serve) -> None:
    server = serve(answering(ok({"data": {"a": 1}})))
    made: Api = api(outbound, server)
    assert made.graphql(QUERY, {"n": 7}) == {"a": 1}
    head, body = asked(server)
    assert head.startswith("POST /api/graphql HTTP/1.1\r\n")
    assert {"Authorization: Bearer canary", "Content-Type: application/json"} <= set(head.split("\r\n"))
    assert body == {"query": QUERY, "variables": {"n": 7}}
    made.graphql(QUERY)
    assert asked(server)[1] == {"query": QUERY}


@pytest.mark.parametrize(
    ("errors", "error"),
    [
        ([{"type": "NOT_FOUND", "message": "Could not resolve"}], NotFound),
        ([{"type": "FORBIDDEN", "message": "No"}], AccessDenied),
        ([{"type": "INSUFFICIENT_SCOPES", "message": "No"}], AccessDenied),
        ([{"extensions": {"code": "unauthenticated"}, "message": "No"}], AccessDenied),
        ([{"type": "NOT_FOUND"}, {"type": "FORBIDDEN"}], AccessDenied),
    ],
)
@pytest.mark.parametrize("document", [QUERY, MUTATION])
def test_known_errors_are_what_they_are_of_rest(
    outbound: Outbound, serve, errors: Any, error: type[Exception], document: str
) -> None:
    server = serve(answering(ok({"data": {"repository": None}, "errors": errors})))
    with pytest.raises(error):
        api(outbound, server).graphql(document)


@pytest.mark.parametrize(
    ("errors", "said"),
    [
        ([{"type": "UNPROCESSABLE", "message": "Pull request is in clean status"}],
         "The other system refuses this: Pull request is in clean status"),
        ([{"message": "No, see\nhttps://x.example/y or www.x.example\u202e!"}],
         "The other system refuses this: No, see or"),
        ([{"message": "word " * 100}], "The other system refuses this: " + "word " * 38 + "word…"),
        ([{"message": 7}], "The other system refuses this."),
        ([{"message": None}, "odd", {"message": "Second"}], "The other system refuses this: Second"),
        ("odd", "The other system refuses this."),
        ({"odd": 1}, "The other system refuses this."),
    ],
)  # fmt: skip
def test_other_errors_refuse_an_action_in_our_words(outbound: Outbound, serve, errors: Any, said: str) -> None:
    server = serve(answering(ok({"data": None, "errors": errors}), ok({"errors": errors})))
    with pytest.raises(ActionRefused) as refused:
        api(outbound, server).graphql(MUTATION)
    assert str(refused.value) == said
    with pytest.raises(UpstreamOdd) as odd:
        api(outbound, server).graphql(QUERY)
    assert "refuses" not in str(odd.value)


@pytest.mark.parametrize("answer", [{}, {"data": None}, {"errors": []}, [], None, "odd", 7])
@pytest.mark.parametrize("document", [QUERY, MUTATION])
def test_an_answer_without_data_is_odd(outbound: Outbound, serve, answer: Any, document: str) -> None:
    with pytest.raises(UpstreamOdd):
        api(outbound, serve(answering(ok(answer)))).graphql(document)


def test_what_is_no_json_is_odd(outbound: Outbound, serve) -> None:
    with pytest.raises(UpstreamOdd):
        api(outbound, serve(answering(page(b"<html>")))).graphql(QUERY)


@pytest.mark.parametrize(
    ("status", "of_query", "of_mutation"),
    [
        ("401 U", AccessDenied, AccessDenied),
        ("403 F", AccessDenied, AccessDenied),
        ("404 N", NotFound, NotFound),
        ("422 U", NothingToShow, ActionRefused),
        ("302 F", NothingToShow, ActionRefused),
        ("500 I", UpstreamDown, UpstreamDown),
    ],
)
def test_a_status_is_what_it_is_of_rest(
    outbound: Outbound, serve, status: str, of_query: type[Exception], of_mutation: type[Exception]
) -> None:
    answer = page(b"{}", "Location: /elsewhere", status=status)
    server = serve(answering(answer, answer))
    with pytest.raises(of_query):
        api(outbound, server).graphql(QUERY)
    with pytest.raises(of_mutation):
        api(outbound, server).graphql(MUTATION)
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ((), 60),
        (("Retry-After: 30",), 30),
        (("X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 1767323145"), 100),
    ],
)
def test_a_limit_is_kept_to_by_every_call_of_the_account(
    outbound: Outbound, serve, clock: Clock, headers: tuple[str, ...], seconds: float
) -> None:
    limited = ok({"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]}, *headers)
    server = serve(answering(limited, ok({"data": {}})))
    made = api(outbound, server)
    for call in (lambda: made.graphql(QUERY), lambda: made.graphql(MUTATION), lambda: made.get("a")):
        with pytest.raises(RateLimited) as caught:
            call()
        assert caught.value.retry_at == clock.now + timedelta(seconds=seconds)
    assert len(server.requests) == 1
    clock.forward(seconds)
    assert made.graphql(QUERY) == {}


@pytest.mark.parametrize("document", [QUERY, MUTATION])
def test_it_is_never_repeated(outbound: Outbound, serve, document: str) -> None:
    server = serve(dying(1))
    made = api(outbound, server)
    made.get("a")
    with pytest.raises(UpstreamDown):
        made.graphql(document)
    assert len(server.requests) == 2


def test_an_answer_that_is_too_large_is_an_error(outbound: Outbound, serve) -> None:
    with pytest.raises(LimitExceeded):
        api(outbound, serve(answering(ok({"data": "x" * 70_000})))).graphql(QUERY)
