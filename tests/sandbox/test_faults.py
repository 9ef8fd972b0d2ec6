"""Calls that are made to fail, and the log of all."""

from __future__ import annotations

import socket
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from tests.sandbox.application import Application


def add_fault(application: Application, **fault: Any) -> None:
    assert requests.post(f"{application.server}/sandbox/faults", json=fault, timeout=60).status_code == 200


def test_a_fault_counts_down_and_carries_its_headers(application: Application) -> None:
    add_fault(
        application, path="unfurls/queue", status=429, error="rate-limited", headers={"Retry-After": "3"}, times=2
    )
    for _ in range(2):
        answer = application.call("GET", "applications/unfurls/queue", batchSize=1)
        assert (answer.status_code, answer.json()["error"]) == (429, "rate-limited")
        assert answer.headers["Retry-After"] == "3"
    assert application.queue() == []


def test_a_dropped_connection_has_no_answer(application: Application) -> None:
    add_fault(application, path="applications/me", drop=True)
    with pytest.raises(requests.ConnectionError):
        application.call("GET", "applications/me")
    assert application.call("GET", "applications/me").status_code == 200


def test_a_fault_after_the_call_lets_it_take_effect(application: Application, card: dict[str, Any]) -> None:
    [item] = application.someone_posts("https://tracker.example/1")
    add_fault(application, path="queue/content", status=500, after=True)
    body = {"unfurls": [{"queueItemId": item["id"], "content": card}]}
    answer = application.call("POST", "applications/unfurls/queue/content", body)
    assert (answer.status_code, answer.json()["error"]) == (500, "internal-server-error")
    assert application.control("/items")["items"][0]["state"] == "shown"


def test_a_fault_stays_until_it_is_removed_and_concerns_only_its_application(application: Application) -> None:
    add_fault(application, path="applications", status=503, times=None, clientId="somebody-else")
    assert application.call("GET", "applications/me").status_code == 200
    add_fault(application, path="applications", status=503, times=None)
    assert application.call("GET", "applications/me").status_code == 503
    requests.delete(f"{application.server}/sandbox/faults", timeout=60)
    assert application.call("GET", "applications/me").status_code == 200


def test_every_call_is_in_the_log(application: Application) -> None:
    application.queue(7)
    url = f"{application.server}/sandbox/requests"
    log = requests.get(url, params={"clientId": application.client_id, "path": "/queue"}, timeout=60).json()["requests"]
    assert [(entry["method"], entry["query"], entry["status"]) for entry in log] == [("GET", {"batchSize": "7"}, 200)]


def test_a_call_whose_body_does_not_come_whole_is_in_the_log_too(application: Application) -> None:
    there = urlsplit(application.server)
    with socket.create_connection((there.hostname, there.port)) as caller:
        caller.sendall(b"PATCH /api/http/applications/me HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{")
        caller.shutdown(socket.SHUT_WR)
        assert caller.recv(65_536).startswith(b"HTTP/1.1 400")
    log = requests.get(f"{application.server}/sandbox/requests", params={"path": "/me"}, timeout=60).json()["requests"]
    assert ("PATCH", 400) in [(entry["method"], entry["status"]) for entry in log]
