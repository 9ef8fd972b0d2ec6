"""What is not from Space, or is not a payload, is refused: with the right status, without effect, with one log line."""

from __future__ import annotations

import json
import socket
import threading
import time

import pytest
import requests

from tests.world.sites import issue
from tests.world.space import title, wait_for

CANARY = "canary-5f2b"


def sent(space, body, **more):
    return space.call("payload", body=body, **more)


def notification(space, **more):
    return {"className": "NewUnfurlQueueItemsPayload", "clientId": space.id, **more}


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"sign": False}, "signature-missing"),
        ({"timestampOffsetMs": -301_000}, "timestamp-stale"),
        ({"timestampOffsetMs": 301_000}, "timestamp-stale"),
        ({"timestamp": "yesterday"}, "timestamp-malformed"),
        ({"headers": {"X-Space-Public-Key-Signature": "AAAA"}}, None),
        ({"headers": {"X-Space-Signature": "00"}}, "signature-other-kind"),
        ({"headers": {"X-Space-Timestamp": None}}, "timestamp-missing"),
    ],
)
def test_a_message_that_space_did_not_just_sign_is_refused_without_a_hint(space, service, more, reason):
    before = len(service.events("webhook.refused"))
    answer = sent(space, notification(space, note=CANARY), **more)
    assert answer["status"] == 401
    assert answer["body"] == {"type": "about:blank", "title": "Unauthorized", "status": 401}
    refused = service.events("webhook.refused")[before:]
    assert len(refused) == 1
    assert reason is None or refused[0]["reason"] == reason
    assert CANARY not in service.log.read_text()


def test_a_message_signed_by_another_organization_is_refused(space, space_server, service):
    other = space_server.install(service.endpoint)
    assert sent(space, notification(space), keyOf=other.id)["status"] == 401


def test_an_unknown_organization_is_refused_without_asking_anybody(space, service):
    assert sent(space, {"className": "NewUnfurlQueueItemsPayload", "clientId": "unknown-org"})["status"] == 401
    assert service.events("webhook.refused")[-1]["reason"] == "unknown-organization"


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        '"text"',
        "{",
        "null",
        '{"className":"NewUnfurlQueueItemsPayload"}',
        '{"clientId":"x"}',
        '{"className":7,"clientId":"x"}',
        '{"className":"A","className":"NewUnfurlQueueItemsPayload","clientId":"x"}',
        '{"className":"NewUnfurlQueueItemsPayload","clientId":"x","clientId":"y"}',
        '{"className":"InitPayload","clientId":"x"}',
        "[" * 50_000,
        '{"a":' * 50_000,
        '{"className":"NewUnfurlQueueItemsPayload","clientId":"a\\u0000b"}',
        "\ufeff{}",
    ],
)
def test_a_body_that_is_no_payload_is_malformed(space, body):
    assert sent(space, body)["status"] == 400


@pytest.mark.parametrize(
    "body",
    [
        '{"className":"NewUnfurlQueueItemsPayload","clientId":"x","n":' + "9" * 10_000 + "}",
        '{"className":"NewUnfurlQueueItemsPayload","clientId":"x","n":NaN}',
        '{"className":"NewUnfurlQueueItemsPayload","clientId":"x","n":"\\ud800"}',
    ],
)
def test_odd_json_never_ends_in_a_server_error(space, body):
    assert sent(space, body)["status"] in (400, 401)


def test_other_methods_types_and_sizes_have_their_own_answers(service):
    assert requests.get(service.endpoint).status_code == 405
    assert requests.post(service.endpoint, data="x", headers={"Content-Type": "text/plain"}).status_code == 415
    big = b'{"className":"' + b"A" * (1 << 20) + b'"}'
    kind = {"Content-Type": "application/json"}
    assert requests.post(service.endpoint, data=big, headers=kind).status_code == 413
    assert requests.post(service.endpoint, data=iter([big[:600_000], big[600_000:]]), headers=kind).status_code == 413


def test_a_verified_payload_of_an_unknown_class_is_taken_and_ignored(space):
    assert sent(space, {"className": "TeleportPayload", "clientId": space.id})["status"] == 200
    assert (
        sent(space, {"className": "CustomActionPayload", "clientId": space.id, "actionId": "a", "userId": "u"})[
            "status"
        ]
        == 200
    )


def test_the_publication_check_is_the_only_one_taken_unsigned(space):
    assert sent(space, {"className": "AppPublicationCheckPayload"}, sign=False)["status"] == 200


def test_an_older_form_of_the_notification_is_understood(space, github):
    github.answers("/repos/o/r/issues/71", json_body=issue(71, "By webhook"))
    space.queue("https://github.com/o/r/issues/71", notify=False)
    event = {"className": "ApplicationUnfurlQueueItemsCreatedEvent"}
    body = {"className": "WebhookRequestPayload", "clientId": space.id, "webhookId": "w", "payload": event}
    assert sent(space, body)["status"] == 200
    assert wait_for(space.cards) == {"https://github.com/o/r/issues/71": "By webhook"}


def test_errors_are_pages_for_browsers_and_problems_for_programs(service):
    page = requests.get(f"{service.url}/nowhere", headers={"Accept": "text/html"})
    assert page.status_code == 404
    assert page.headers["Content-Type"].startswith("text/html")
    problem = requests.get(f"{service.url}/nowhere")
    assert problem.headers["Content-Type"] == "application/problem+json"


def test_slow_senders_hold_nobody_up(space, service, github):
    github.answers("/repos/o/r/issues/72", json_body=issue(72, "Meanwhile"))
    stop = threading.Event()
    senders = [socket.create_connection(("127.0.0.1", service.port)) for _ in range(100)]

    def dribble():
        for sender in senders[:50]:
            sender.sendall(b"POST /api/space HTTP/1.1\r\nHost: x\r\n")
        for sender in senders[50:]:
            head = (
                b"POST /api/space HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n"
            )
            sender.sendall(head)
        while not stop.wait(0.5):
            for sender in senders:
                try:
                    sender.sendall(b" ")
                except OSError:
                    continue

    threading.Thread(target=dribble, daemon=True).start()
    try:
        time.sleep(1)
        for _ in range(5):
            began = time.monotonic()
            assert requests.get(f"{service.url}/healthz").status_code == 200
            assert sent(space, notification(space))["status"] == 200
            # The senders are given ten seconds.
            assert time.monotonic() - began < 8
        (item,) = space.someone_posts("https://github.com/o/r/issues/72")
        assert title(space.card(item)) == "Meanwhile"
    finally:
        stop.set()
        for sender in senders:
            sender.close()


def test_log_lines_are_json_and_hold_no_link_path_and_no_secret(space, service, github):
    github.answers(f"/repos/{CANARY}/r/issues/1", json_body=issue(1))
    (item,) = space.someone_posts(f"https://github.com/{CANARY}/r/issues/1?token={CANARY}")
    assert space.card(item)
    log = service.log.read_text()
    assert CANARY not in log
    assert space.secret not in log
    for line in log.splitlines():
        json.loads(line)
