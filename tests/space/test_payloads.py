"""Bytes at our door become typed values, or are refused without a word of them repeated."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.space.judge import sample
from unfurler.space.payloads import (
    ApplicationUninstalledPayload,
    AppPublicationCheckPayload,
    ChangeClientSecretPayload,
    ChangeServerUrlPayload,
    ChatMessage,
    ChatText,
    InitPayload,
    ListCommandsPayload,
    MalformedPayload,
    MessageActionPayload,
    MessagePayload,
    NewUnfurlQueueItemsPayload,
    Payload,
    UnfurlActionPayload,
    UnknownPayload,
    parse_payload,
    peek,
)

ACME = "f6df3d26-d9fc-41c5-9fbd-0e7896f2cfb0"
ANN = "2BgVYn24Jx6u"


def parse(document: object) -> Payload:
    return parse_payload(peek(json.dumps(document).encode()))


def wrote(text: str) -> MessagePayload:
    return MessagePayload(clientId=ACME, userId=ANN, message=ChatMessage(body=ChatText(text=text)))


def action(**members: Any) -> dict[str, Any]:
    return sample("in.UnfurlActionPayload") | members


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        ("in.NewUnfurlQueueItemsPayload", NewUnfurlQueueItemsPayload(clientId=ACME)),
        (
            "in.UnfurlActionPayload",
            UnfurlActionPayload(
                clientId=ACME,
                userId=ANN,
                actionId="task.complete",
                actionValue="v1:tsk_8842",
                link="https://tracker.example.com/tasks/8842",
            ),
        ),
        (
            "in.InitPayload",
            InitPayload(
                clientId=ACME,
                clientSecret="2e14111c13daa385590ded764c0ec8d3fd20ae02ce96d0c7e1728e7",
                serverUrl="https://acme.jetbrains.space",
                state="4e617c52-3906-4ad6-ac35-5be3fe66608b",
                userId=ANN,
            ),
        ),
        (
            "in.ApplicationUninstalledPayload",
            ApplicationUninstalledPayload(clientId=ACME, serverUrl="https://acme.jetbrains.space"),
        ),
        (
            "in.ChangeClientSecretPayload",
            ChangeClientSecretPayload(clientId=ACME, newClientSecret="9b0c6ef2f2a2d3d1f6d7c8e0a4b5", userId=ANN),
        ),
        (
            "in.ChangeServerUrlPayload",
            ChangeServerUrlPayload(clientId=ACME, newServerUrl="https://acme-corp.jetbrains.space", userId=ANN),
        ),
        ("in.AppPublicationCheckPayload", AppPublicationCheckPayload()),
        ("in.WebhookRequestPayload--unfurl-queue", NewUnfurlQueueItemsPayload(clientId=ACME)),
        ("in.WebhookRequestPayload--ping", UnknownPayload("WebhookRequestPayload/PingWebhookEvent")),
        ("in.MessagePayload", wrote("status tracker")),
        ("in.MessagePayload--attachment-only", wrote("")),
        (
            "in.MessageActionPayload",
            MessageActionPayload(clientId=ACME, userId=ANN, actionId="account.disconnect", actionValue="tracker"),
        ),
        ("in.MenuActionPayload", UnknownPayload("MenuActionPayload")),
        ("in.MenuActionPayload--issue", UnknownPayload("MenuActionPayload")),
        ("in.ListCommandsPayload", ListCommandsPayload(clientId=ACME)),
        ("in.ListCommandsPayload--legacy-members", ListCommandsPayload(clientId=ACME)),
        ("in.CustomActionPayload", UnknownPayload("CustomActionPayload")),
        ("in.RefreshTokenPayload", UnknownPayload("RefreshTokenPayload")),
    ],
)
def test_what_space_sends_is_understood(name: str, payload: Payload) -> None:
    assert parse(sample(name)) == payload


@pytest.mark.parametrize("name", ["in.UnfurlActionPayload--issue", "in.UnfurlActionPayload--auth-not-now"])
def test_a_press_is_understood_wherever_it_happened(name: str) -> None:
    assert isinstance(parse(sample(name)), UnfurlActionPayload)


def test_what_an_envelope_says_is_what_the_payload_says() -> None:
    envelope = peek(json.dumps(sample("in.UnfurlActionPayload")).encode())
    assert (envelope.class_name, envelope.client_id) == ("UnfurlActionPayload", ACME)
    assert "tracker" not in repr(envelope)


@pytest.mark.parametrize(
    "members",
    [
        {"context": None},
        {"context": {"className": "SomethingNewerUnfurlContext", "x": [1]}},
        {"serverUrl": "https://evil.example", "accessToken": "", "orgId": "x"},
        {"$errors": [{"className": "HA_InlineError.InaccessibleFields", "fields": ["link"], "message": "no"}]},
        {"newMember": {"a": 1}},
    ],
)
def test_what_is_new_or_old_or_odd_beside_the_members_we_need_does_no_harm(members: dict[str, Any]) -> None:
    assert isinstance(parse(action(**members)), UnfurlActionPayload)


@pytest.mark.parametrize(
    ("members", "place"),
    [
        ({"userId": None}, "userId"),
        ({"userId": ""}, "userId"),
        ({"userId": 7}, "userId"),
        ({"userId": {"className": "ProfileIdentifier.Id", "id": "x"}}, "userId"),
        ({"userId": "a\x00b"}, "userId"),
        ({"userId": "a\ud800"}, "userId"),
        ({"userId": "a" * 300}, "userId"),
        ({"actionId": True}, "actionId"),
        ({"actionId": ["a"]}, "actionId"),
        ({"actionValue": None}, "actionValue"),
        ({"link": "https://x\x00"}, "link"),
        ({"link": "\udcff"}, "link"),
    ],
)
def test_a_member_that_does_not_fit_is_named_and_not_quoted(members: dict[str, Any], place: str) -> None:
    with pytest.raises(MalformedPayload, match=f"UnfurlActionPayload does not fit at {place}") as error:
        parse(action(**members))
    assert error.value.__cause__ is None


@pytest.mark.parametrize("secret", [None, "", 7, "a\nb", "\x00", "\ud800", "é", "a" * 2_000])
def test_a_secret_is_text_that_can_be_sent(secret: object) -> None:
    for name, member in [("in.InitPayload", "clientSecret"), ("in.ChangeClientSecretPayload", "newClientSecret")]:
        with pytest.raises(MalformedPayload, match=f"does not fit at {member}"):
            parse(sample(name) | {member: secret})


def test_every_missing_member_is_named() -> None:
    with pytest.raises(MalformedPayload, match="actionId, actionValue, link, userId"):
        parse({"className": "UnfurlActionPayload", "clientId": ACME})


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"null",
        b"[]",
        b'"text"',
        b"1",
        b"{}",
        b"{",
        b'{"className":"X"} {}',
        b'{"className":null}',
        b'{"className":""}',
        b'{"className":["X"]}',
        b'{"className":"X","clientId":7}',
        b'{"className":"X","clientId":""}',
        b'{"className":"X","clientId":"a\\u0000b"}',
        b'{"className":"X","clientId":"\\ud800"}',
        b'{"className":"X","className":"X"}',
        b'{"className":"X","clientId":"a","clientId":"b"}',
        b'{"className":"X","clientId":"a","client\\u0049d":"b"}',
        b'{"className":"X","a":{"b":1,"b":2}}',
        b'{"className":"X","a":NaN}',
        b'{"className":"X","a":-Infinity}',
        b'{"className":"X","a":' + b"9" * 10_000 + b"}",
        b'{"className":"X","a":"\x00"}',
        b'{"className":"X","a":"\xff"}',
        b'\xef\xbb\xbf{"className":"X"}',
        '{"className":"X"}'.encode("utf-16"),
        '{"className":"X"}'.encode("utf-32-le"),
        b"[" * 100_000,
        b'{"className":"X","a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"className":"X","a":' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}",
        b"className=X",
        b"<x/>",
    ],
)
def test_what_is_no_payload_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedPayload):
        peek(body)


@pytest.mark.parametrize("name", ["X\nY", "x" * 500, "<b>", "\ud800", "ŽX", "a b"])
def test_a_name_that_we_do_not_know_is_fit_for_a_log(name: str) -> None:
    assert parse({"className": name, "clientId": ACME}) == UnknownPayload("?")


def test_secrets_do_not_show() -> None:
    payload = parse(sample("in.InitPayload"))
    assert "2e14111c" not in repr(payload) + str(payload)
    with pytest.raises(MalformedPayload) as error:
        parse(sample("in.InitPayload") | {"serverUrl": None, "clientSecret": "canary"})
    assert "canary" not in str(error.value) + repr(error.value)


def test_a_payload_cannot_be_changed() -> None:
    payload = parse(sample("in.NewUnfurlQueueItemsPayload"))
    with pytest.raises(ValueError, match="frozen"):
        payload.client_id = "other"  # type: ignore[union-attr,misc]


@given(st.binary(max_size=200))
def test_any_bytes_are_a_payload_or_malformed(body: bytes) -> None:
    with contextlib.suppress(MalformedPayload):
        parse_payload(peek(body))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters()), inner, max_size=4),
    max_leaves=12,
)


@given(
    st.sampled_from(
        [
            "NewUnfurlQueueItemsPayload",
            "UnfurlActionPayload",
            "InitPayload",
            "ApplicationUninstalledPayload",
            "ChangeClientSecretPayload",
            "ChangeServerUrlPayload",
            "AppPublicationCheckPayload",
            "WebhookRequestPayload",
        ]
    ),
    st.dictionaries(
        st.sampled_from(
            ["clientId", "userId", "actionId", "actionValue", "link", "context", "serverUrl", "clientSecret", "payload"]
        ),
        JSON,
    ),
)
def test_any_members_are_a_payload_or_malformed(class_name: str, members: dict[str, Any]) -> None:
    with contextlib.suppress(MalformedPayload):
        parse(members | {"className": class_name})
