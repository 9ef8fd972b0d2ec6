"""Calls of Space over real HTTP: a scripted server for what goes wrong, the sandbox for what goes right."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from pydantic import SecretStr

from tests.space.judge import faults, sample
from unfurler.engine.ports import ItemId, PersonId, Verdict
from unfurler.fetch import RawReply
from unfurler.limits import Limits
from unfurler.sandbox.sandbox import Settings
from unfurler.sandbox.server import running
from unfurler.sdk.errors import AddressRefused, LimitExceeded, UpstreamDown, UpstreamSlow
from unfurler.space import errors
from unfurler.space.answers import Person
from unfurler.space.client import RIGHT, SpaceClient
from unfurler.space.content import render_text
from unfurler.space.server import Server
from unfurler.space.tokens import ClientCredentials, PermanentToken

SECRET = "s3cret-canary"
TOKEN = "token-canary"
ANN = PersonId("2BgVYn24Jx6u")
CREDENTIALS = ClientCredentials("client-1", SecretStr(SECRET))
TEXT = {"className": "ApplicationUnfurlContent.Message", "style": "PRIMARY", "sections": []}


class Outbound:
    """A way out without a guard."""

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None,
        json: object | None = None,
        data: Mapping[str, str] | None = None,
        timeout_s: float,
        max_bytes: int,
    ) -> RawReply:
        try:
            answer = requests.request(
                method, url, headers=headers, json=json, data=data, timeout=timeout_s, allow_redirects=False
            )
        except requests.Timeout as error:
            raise UpstreamSlow("slow") from error
        except requests.RequestException as error:
            raise UpstreamDown("down") from error
        if len(answer.content) > max_bytes:
            raise LimitExceeded("large", limit="api_bytes")
        return RawReply(answer.status_code, {k.lower(): v for k, v in answer.headers.items()}, answer.content)


@dataclass
class Seen:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Answer = tuple[int, Mapping[str, str], bytes]


@dataclass
class Script:
    """A server that answers calls of the API one after the other as told, and then with an empty 200."""

    url: str = ""
    answers: list[Answer | None] = field(default_factory=list)
    token_answers: list[Answer] = field(default_factory=list)
    life_s: float = 600
    seen: list[Seen] = field(default_factory=list)
    tokens: int = 0
    hold_s: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)
    running: int = 0
    most: int = 0

    def answer(self, status: int, body: Any = None, **headers: str) -> None:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.answers.append((status, {name.replace("_", "-"): value for name, value in headers.items()}, raw))

    def drop(self) -> None:
        self.answers.append(None)

    def calls(self) -> list[Seen]:
        return [seen for seen in self.seen if seen.path != "/oauth/token"]

    def reply_to(self, seen: Seen) -> Answer | None:
        with self.lock:
            self.seen.append(seen)
            if seen.path != "/oauth/token":
                return self.answers.pop(0) if self.answers else (200, {}, b"")
            if self.token_answers:
                return self.token_answers.pop(0)
            self.tokens += 1
            body = {"access_token": f"{TOKEN}-{self.tokens}", "expires_in": self.life_s, "token_type": "Bearer"}
            return 200, {}, json.dumps(body).encode()


@pytest.fixture
def space() -> Iterator[Script]:
    script = Script()

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            with script.lock:
                script.running += 1
                script.most = max(script.most, script.running)
            try:
                parts = urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                headers = {name.lower(): value for name, value in self.headers.items()}
                answer = script.reply_to(Seen(self.command, parts.path, query, headers, body))
                time.sleep(script.hold_s)
            finally:
                with script.lock:
                    script.running -= 1
            if answer is None:
                self.close_connection = True
                self.connection.close()
                return
            self.send_response(answer[0])
            for name, value in answer[1].items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer[2])))
            self.end_headers()
            self.wfile.write(answer[2])

        do_GET = do_POST = do_PATCH = handle_any

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listener:
        script.url = f"http://127.0.0.1:{listener.server_address[1]}"
        threading.Thread(target=listener.serve_forever, args=(0.005,), daemon=True).start()
        yield script
        listener.shutdown()


@dataclass
class Clock:
    """Time that only sleeping moves."""

    now_s: float = 1_000.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now_s += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(space: Script, clock: Clock) -> SpaceClient:
    return SpaceClient(
        Server(space.url + "/", Outbound(), clock=clock, sleep=clock.sleep, jitter=lambda: 0.0), CREDENTIALS
    )


# What is sent


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


def test_the_highest_epoch_goes_back(client: SpaceClient, space: Script) -> None:
    for epoch in ["5", "3", "x", "", "９", "1" * 50]:
        space.answer(200, b"", epoch=epoch.encode("utf-8").decode("latin-1"))
    for _ in range(7):
        client.request_rights()
    assert [call.headers.get("epoch") for call in space.calls()] == [None, "5", "5", "5", "5", "5", "5"]


# Tokens


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
    client = SpaceClient(Server(space.url, Outbound()), CREDENTIALS)
    space.hold_s = 0.02
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda _: client.request_rights(), range(16)))
    assert space.tokens == 1
    assert len(space.calls()) == 16


def test_many_threads_that_were_refused_ask_for_one_new_token(space: Script) -> None:
    client = SpaceClient(Server(space.url, Outbound()), CREDENTIALS)
    client.try_credentials()
    for _ in range(2):
        space.answer(401, {"error": "authentication-required"})
    space.hold_s = 0.05
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: client.request_rights(), range(2)))
    assert space.tokens == 2


def test_two_requests_at_a_time_are_the_most(space: Script) -> None:
    client = SpaceClient(Server(space.url, Outbound()), CREDENTIALS)
    space.hold_s = 0.02
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda _: client.request_rights(), range(12)))
    assert space.most == 2


def test_a_permanent_token_is_sent_and_never_replaced(space: Script) -> None:
    client = SpaceClient(Server(space.url, Outbound()), PermanentToken(SecretStr("for-ever")))
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


# What goes wrong


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
        Server(space.url, Outbound(), clock=clock, sleep=clock.sleep, jitter=lambda: 0.999), CREDENTIALS
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
    server = Server(space.url, Outbound(), clock=clock, sleep=clock.sleep, jitter=lambda: 0.0, patience_s=2.0)
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
    client = SpaceClient(Server("http://127.0.0.1:9", Outbound(), clock=clock, sleep=clock.sleep), CREDENTIALS)
    with pytest.raises(errors.Unavailable) as error:
        client.request_rights()
    assert (error.value.code, error.value.retry) == ("upstream-down", True)


def test_an_answer_that_is_too_slow_or_too_large(space: Script, clock: Clock) -> None:
    limits = Limits(space_call_s=0.1, api_bytes=100)
    client = SpaceClient(Server(space.url, Outbound(), clock=clock, sleep=clock.sleep, limits=limits), CREDENTIALS)
    space.answer(200, b"[" + b" " * 200 + b"]")
    client.try_credentials()
    with pytest.raises(errors.SpaceError) as error:
        client.queue(None, 1)
    assert (error.value.code, error.value.retry) == ("limit-exceeded", False)
    space.hold_s = 0.3
    with pytest.raises(errors.Unavailable) as slow:
        client.queue(None, 1)
    assert slow.value.code == "upstream-slow"


def test_an_address_that_is_refused_is_not_tried_again(clock: Clock) -> None:
    class Refusing(Outbound):
        def request(self, *_: Any, **__: Any) -> RawReply:
            raise AddressRefused("inside")

    client = SpaceClient(Server("http://10.0.0.1", Refusing(), clock=clock, sleep=clock.sleep), CREDENTIALS)
    with pytest.raises(errors.SpaceError) as error:
        client.request_rights()
    assert (error.value.code, clock.slept) == ("address-refused", [])


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


# Content


def items(*names: str) -> dict[ItemId, Any]:
    return {ItemId(name): TEXT for name in names}


def shown(*names: str) -> list[dict[str, str]]:
    return [{"className": "PostUnfurlContentResult.Success", "queueItemId": name} for name in names]


def test_results_are_given_by_item(client: SpaceClient, space: Script) -> None:
    space.answer(200, sample("resp.Response.PostUnfurlsContent"))
    assert client.post_content(items("3xT8Zk1Qw0aB")) == {
        "3xT8Zk1Qw0aB": Verdict.SHOWN,
        "3xT8Zk1Qw0aC": Verdict.EXPIRED,
        "3xT8Zk1Qw0aD": Verdict.NOT_APPROVED,
        "3xT8Zk1Qw0aE": Verdict.GONE,
    }
    assert space.calls()[0].query == {"$fields": "className,*"}


def test_nothing_to_post_is_no_call(client: SpaceClient, space: Script) -> None:
    assert client.post_content({}) == {}
    assert space.seen == []


def test_a_hundred_go_at_once(client: SpaceClient, space: Script) -> None:
    names = [f"i{n}" for n in range(250)]
    for start in (0, 100, 200):
        space.answer(200, shown(*names[start : start + 100]))
    assert set(client.post_content(items(*names)).values()) == {Verdict.SHOWN}
    sent = [[each["queueItemId"] for each in call.json["unfurls"]] for call in space.calls()]
    assert sent == [names[:100], names[100:200], names[200:]]


@pytest.mark.parametrize(("status", "code"), [(413, "payload-too-large"), (400, "validation-error")])
def test_what_is_not_taken_is_halved_until_the_culprit_is_alone(
    client: SpaceClient, space: Script, status: int, code: str
) -> None:
    space.answer(status, {"error": code})  # a b c d
    space.answer(status, {"error": code})  # a b
    space.answer(200, shown("a"))
    space.answer(status, {"error": code})  # b
    space.answer(200, shown("c", "d"))
    assert client.post_content(items("a", "b", "c", "d")) == {
        "a": Verdict.SHOWN,
        "b": Verdict.REFUSED,
        "c": Verdict.SHOWN,
        "d": Verdict.SHOWN,
    }
    assert [len(call.json["unfurls"]) for call in space.calls()] == [4, 2, 1, 1, 2]


def test_what_is_known_is_told_although_the_rest_failed(client: SpaceClient, space: Script) -> None:
    names = [f"i{n}" for n in range(150)]
    space.answer(200, shown(*names[:100]))
    space.answer(403, {"error": "permission-denied"})
    assert list(client.post_content(items(*names))) == names[:100]


def test_trouble_is_raised_where_nothing_is_known(client: SpaceClient, space: Script) -> None:
    space.answer(403, {"error": "permission-denied"})
    with pytest.raises(errors.PermissionDenied):
        client.post_content(items("a"))


def test_content_is_posted_again_after_an_unknown_outcome(client: SpaceClient, space: Script) -> None:
    space.drop()
    space.answer(200, b"cut o")
    space.answer(200, shown("a"))
    assert client.post_content(items("a")) == {"a": Verdict.SHOWN}


# Secrets


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
        Server(sandbox, Outbound()), ClientCredentials(made["clientId"], SecretStr(made["clientSecret"]))
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
    client = SpaceClient(Server(sandbox, Outbound()), PermanentToken(SecretStr(made["permanentToken"])))
    client.try_credentials()
    client.request_rights()
    wrong = SpaceClient(Server(sandbox, Outbound()), ClientCredentials(made["clientId"], SecretStr("wrong")))
    with pytest.raises(errors.InvalidClient):
        wrong.try_credentials()
