"""The application as these tests play it: an endpoint that takes payloads, and calls to Space's API."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from typing import Any

import requests

RIGHT = "Unfurl.App.ProvideAttachment"


@dataclass
class Endpoint:
    """Where payloads arrive; answers `status` to each, with what `answers` holds for its class."""

    status: int = 200
    answers: dict[str, Any] = field(default_factory=dict)
    received: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    arrived: threading.Condition = field(default_factory=threading.Condition)
    url: str = ""

    def answer_to(self, body: bytes) -> bytes:
        try:
            name = json.loads(body)["className"]
        except ValueError:
            return b""
        return json.dumps(self.answers[name]).encode() if name in self.answers else b""

    def payloads(self, class_name: str) -> list[dict[str, Any]]:
        bodies = [json.loads(body) for _, body in self.received]
        return [body for body in bodies if body["className"] == class_name]

    def wait_for(self, class_name: str, count: int = 1) -> None:
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.payloads(class_name)) >= count, timeout=60)


@dataclass
class Application:
    """One installation, seen from the application's side (`call`) and from Space's (`control`)."""

    server: str
    client_id: str
    secret: str
    token: str = ""

    def sign_in(self, *, secret: str | None = None) -> requests.Response:
        answer = requests.post(
            f"{self.server}/oauth/token",
            auth=(self.client_id, secret or self.secret),
            data={"grant_type": "client_credentials", "scope": "**"},
            timeout=60,
        )
        self.token = answer.json().get("access_token", "")
        return answer

    def call(self, method: str, path: str, body: Any = None, **query: Any) -> requests.Response:
        return requests.request(
            method,
            f"{self.server}/api/http/{path}",
            json=body,
            params=query,
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=60,
        )

    def ask_for_right(self, code: str = RIGHT) -> None:
        body = {"contextIdentifier": "global", "rightCodes": [code]}
        path = "applications/me/authorizations/authorized-rights/request-rights"
        assert self.call("PATCH", path, body).status_code == 200

    def set_up(self, *domains: str) -> Application:
        self.sign_in()
        self.ask_for_right()
        assert self.call("PATCH", "applications/unfurls/domains", {"domains": list(domains)}).status_code == 200
        return self

    def queue(self, batch_size: int = 100, **query: Any) -> list[dict[str, Any]]:
        answer = self.call("GET", "applications/unfurls/queue", batchSize=batch_size, **query)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()
        return items

    def post(self, item_id: str, content: dict[str, Any]) -> str:
        body = {"unfurls": [{"queueItemId": item_id, "content": content}]}
        answer = self.call("POST", "applications/unfurls/queue/content", body, **{"$fields": "className,*"})
        [result] = answer.json()
        assert result["queueItemId"] == item_id
        return str(result["className"]).removeprefix("PostUnfurlContentResult.")

    def control(self, path: str, body: Any = None) -> Any:
        url = f"{self.server}/sandbox/installations/{self.client_id}{path}"
        answer = requests.get(url, timeout=60) if body is None else requests.post(url, json=body, timeout=60)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def someone_posts(self, text: str, **how: Any) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.control("/messages", {"text": text, "notify": False, **how})["items"]
        return items


def install(server: str, endpoint: Endpoint, **how: Any) -> Application:
    answer = requests.post(f"{server}/sandbox/installations", json={"endpoint": endpoint.url, **how}, timeout=60).json()
    return Application(server, answer["clientId"], answer["clientSecret"])
