"""Calls of Space: what is sent, and what is read, over real HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from pydantic import SecretStr

from tests.space.judge import faults, sample
from tests.space.script import ANN, CREDENTIALS, SECRET, TEXT, Script, way_out
from unfurler.engine.ports import ItemId, Verdict
from unfurler.sandbox.sandbox import Settings
from unfurler.sandbox.server import running
from unfurler.space import errors
from unfurler.space.answers import Person
from unfurler.space.client import RIGHT, SpaceClient
from unfurler.space.content import render_text
from unfurler.space.server import Server
from unfurler.space.tokens import ClientCredentials, PermanentToken

CALLS: list[tuple[Callable[[SpaceClient], object], str, str, str, Any]] = [
    (
        lambda client: client.request_rights(),
        "PATCH applications/me/authorizations/authorized-rights/request-rights",
        "ApplicationsForApplicationAuthorizationsAuthorizedRightsRequestRightsPatchRequest",
        "out.ApplicationsForApplicationAuthorizationsAuthorizedRightsRequestRightsPatchRequest",
        None,
    ),
    (
        lambda client: client.set_domains(["tracker.example.com", "docs.example.com"]),
        "PATCH applications/unfurls/domains",
        "ApplicationsUnfurlsDomainsPatchRequest",
        "out.ApplicationsUnfurlsDomainsPatchRequest",
        None,
    ),
    (
        lambda client: client.set_ui_extensions(sample("out.ApplicationsUiExtensionsPatchRequest")["extensions"]),
        "PATCH applications/ui-extensions",
        "ApplicationsUiExtensionsPatchRequest",
        "out.ApplicationsUiExtensionsPatchRequest",
        None,
    ),
    (
        lambda client: client.check_permission("application:me", RIGHT),
        "POST permissions/check-permission",
        "PermissionsCheckPermissionPostRequest",
        "out.PermissionsCheckPermissionPostRequest",
        True,
    ),
    (
        lambda client: client.send_message(ANN, render_text("Tracker is connected.")),
        "POST chats/messages/send-message",
        "ChatsMessagesSendMessagePostRequest",
        "out.ChatsMessagesSendMessagePostRequest",
        {"id": "m1"},
    ),
    (
        lambda client: client.post_content(
            {
                ItemId(each["queueItemId"]): each["content"]
                for each in sample("out.ApplicationsUnfurlsQueueContentPostRequest--all-elements")["unfurls"]
            }
        ),
        "POST applications/unfurls/queue/content",
        "ApplicationsUnfurlsQueueContentPostRequest",
        "out.ApplicationsUnfurlsQueueContentPostRequest--all-elements",
        [],
    ),
]


@pytest.mark.parametrize(("call", "line", "definition", "name", "answer"), CALLS)
def test_bodies_are_those_of_the_samples(
    client: SpaceClient, space: Script, call: Any, line: str, definition: str, name: str, answer: Any
) -> None:
    space.answer(200, answer)
    call(client)
    (sent,) = space.calls()
    method, path = line.split()
    assert (sent.method, sent.path) == (method, f"/api/http/{path}")
    assert sent.json == sample(name)
    assert not faults(definition, sent.json)


def test_the_queue_is_read_as_the_protocol_says(client: SpaceClient, space: Script) -> None:
    space.answer(200, sample("resp.Response.GetUnfurlQueueItems"))
    space.answer(200, [])
    assert [item.etag for item in client.queue(100, 100)] == list(range(101, 110))
    assert client.queue(None, 5) == []
    first, second = space.calls()
    assert (first.path, first.query) == (
        "/api/http/applications/unfurls/queue",
        {"fromEtag": "100", "batchSize": "100", "$fields": "*"},
    )
    assert second.query == {"batchSize": "5", "$fields": "*"}


def test_authors_known_by_name_are_looked_up_once_and_may_be_unknown(client: SpaceClient, space: Script) -> None:
    names = ["ann.lee", "nobody", "ann.lee", "a/b?c"]
    space.answer(
        200,
        [
            {"id": f"i{at}", "target": "https://x.example/", "etag": at, "authorUserId": f"username:{name}"}
            for at, name in enumerate(names)
        ],
    )
    space.answer(200, sample("resp.TDMemberProfile"))
    space.answer(404, {"error": "not-found"})
    space.answer(403, {"error": "permission-denied"})
    assert [item.author for item in client.queue(None, 100)] == [ANN, None, ANN, None]
    assert [call.path.rpartition("/")[2] for call in space.calls()[1:]] == [
        "username:ann.lee",
        "username:nobody",
        "username:a%2Fb%3Fc",
    ]


def test_answers_are_read(client: SpaceClient, space: Script) -> None:
    space.answer(200, sample("resp.TDMemberProfile"))
    space.answer(200, sample("resp.Response.PublicKeys"))
    assert client.profile("id:2BgVYn24Jx6u") == Person(ANN, "ann.lee")
    assert len(client.public_keys().keys) == 2


def test_a_user_s_own_token_is_used_as_it_is(client: SpaceClient, space: Script) -> None:
    space.answer(200, True)
    space.answer(401, {"error": "authentication-required", "error_description": "Access token has expired"})
    assert client.check_permission("profile:me", "Superadmin", token=SecretStr("user-token"))
    with pytest.raises(errors.NotAuthorized):
        client.check_permission("profile:me", "Superadmin", token=SecretStr("user-token"))
    assert [call.headers["authorization"] for call in space.seen] == ["Bearer user-token"] * 2


@pytest.mark.parametrize("fault", [500, 503, None, 200])
def test_a_message_that_may_have_arrived_is_not_sent_again(
    client: SpaceClient, space: Script, fault: int | None
) -> None:
    if fault is None:
        space.drop()
    else:
        space.answer(fault, b"odd")
    if fault == 200:
        client.send_message(ANN, render_text("Hello"))
    else:
        with pytest.raises(errors.Unavailable):
            client.send_message(ANN, render_text("Hello"))
    assert len(space.calls()) == 1


def test_a_message_that_was_refused_is_sent_again(client: SpaceClient, space: Script) -> None:
    space.answer(429, {"error": "rate-limited"})
    space.answer(401, {"error": "authentication-required"})
    space.answer(200, {"id": "m1"})
    client.send_message(ANN, render_text("Hello"))
    assert len(space.calls()) == 3


def test_secrets_do_not_show(client: SpaceClient, space: Script) -> None:
    client.request_rights()
    space.answer(400, {"error": "validation-error", "error_description": "description-canary"})
    with pytest.raises(errors.Rejected) as error:
        client.set_domains(["domain-canary.example"])
    shown = [repr(client), str(client), repr(CREDENTIALS), str(error.value), repr(error.value)]
    shown += [repr(vars(each)) for each in (client, client._server, client._tokens)]
    shown.append(repr(PermanentToken(SecretStr(SECRET))))
    assert "canary" not in " ".join(shown)


# The whole, against the sandbox


@pytest.fixture(scope="module")
def sandbox() -> Iterator[str]:
    with running(Settings(port=0)) as server:
        yield server.url


def control(sandbox: str, path: str, body: Any = None) -> Any:
    method = "GET" if body is None else "POST"
    return requests.request(method, f"{sandbox}/sandbox/{path}", json=body, timeout=60).json()


def test_a_whole_day_with_the_sandbox(sandbox: str) -> None:
    made = control(sandbox, "applications", {"endpoint": "http://127.0.0.1:9/", "verification": "public-key"})
    at = f"installations/{made['clientId']}"
    client = SpaceClient(
        Server(sandbox, way_out()), ClientCredentials(made["clientId"], SecretStr(made["clientSecret"]))
    )
    client.try_credentials()
    client.request_rights([RIGHT, "Profile.View"])
    client.set_domains(["tracker.example"])
    client.set_ui_extensions([{"className": "ApplicationHomepageUiExtensionIn", "iframeUrl": "/space/homepage"}])
    control(sandbox, f"{at}/approve", {})
    assert client.check_permission("application:me", RIGHT)
    assert len(client.public_keys().keys) >= 1
    posted = control(sandbox, f"{at}/messages", {"text": "See https://tracker.example/1", "notify": False})
    (item,) = client.queue(None, 100)
    assert (item.id, item.url) == (posted["items"][0]["id"], "https://tracker.example/1")
    assert item.author is not None
    assert client.queue(item.etag, 100) == []
    assert client.post_content({item.id: TEXT, ItemId("unknown"): TEXT}) == {
        item.id: Verdict.SHOWN,
        "unknown": Verdict.EXPIRED,
    }
    client.send_message(item.author, render_text("Hello"))
    person = client.profile(f"id:{item.author}")
    assert client.profile(f"username:{person.username}") == person
    control(sandbox, "clock", {"advance_s": 700})
    assert client.queue(item.etag, 100) == []
    assert control(sandbox, "violations")["violations"] == []


def test_a_permanent_token_with_the_sandbox(sandbox: str) -> None:
    made = control(sandbox, "applications", {"endpoint": "http://127.0.0.1:9/"})
    client = SpaceClient(Server(sandbox, way_out()), PermanentToken(SecretStr(made["permanentToken"])))
    client.try_credentials()
    client.request_rights()
    wrong = SpaceClient(Server(sandbox, way_out()), ClientCredentials(made["clientId"], SecretStr("wrong")))
    with pytest.raises(errors.InvalidClient):
        wrong.try_credentials()
