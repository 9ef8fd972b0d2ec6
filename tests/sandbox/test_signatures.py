"""How payloads are signed and delivered."""

from __future__ import annotations

import base64
import json
import time
from pathlib import Path
from typing import Any

import requests
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA512

from tests.sandbox.application import Application, Endpoint, install
from unfurler.sandbox.signing import hmac_signature

SAMPLES = Path(__file__).parent / "samples"


def number(text: str) -> int:
    return int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), "big")


def signers(published: str, timestamp: str, signature: str, body: bytes) -> list[int]:
    """Which keys of the set verify."""
    fits = []
    for at, key in enumerate(json.loads(published)["keys"]):
        try:
            RSAPublicNumbers(number(key["e"]), number(key["n"])).public_key().verify(
                base64.b64decode(signature, validate=True), timestamp.encode() + b":" + body, PKCS1v15(), SHA512()
            )
            fits.append(at)
        except InvalidSignature:
            pass
    return fits


def vector(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((SAMPLES / f"vector.{name}-signature.json").read_text(encoding="utf-8"))
    return read


def test_the_check_of_this_file_agrees_with_the_published_vector() -> None:
    sample = vector("public-key")
    body = sample["body"].encode()
    assert signers(sample["publicKeysResponse"], sample["timestamp"], sample["signature"], body) == [1]


def test_the_signing_key_gives_the_signature_of_the_published_vector() -> None:
    sample = vector("signing-key")
    made = hmac_signature(sample["signingKey"], sample["timestamp"], sample["body"].encode())
    assert made == sample["signature"]


def test_the_published_keys_verify_the_first_payload(server: str, endpoint: Endpoint) -> None:
    application = install(server, endpoint, state="s1")
    application.sign_in()
    published = application.call("GET", "applications/me/public-keys").json()
    assert isinstance(published, str), "a JSON string that contains JSON"
    [(headers, body)] = endpoint.received
    assert signers(published, headers["X-Space-Timestamp"], headers["X-Space-Public-Key-Signature"], body) == [0]
    assert abs(int(headers["X-Space-Timestamp"]) - time.time() * 1000) < 5_000
    assert headers["User-Agent"] == "Space (81383) Ktor http-client"
    assert json.loads(body) == {
        "className": "InitPayload",
        "clientSecret": application.secret,
        "serverUrl": server,
        "state": "s1",
        "clientId": application.client_id,
        "userId": application.control("")["users"][0]["id"],
        "verificationToken": None,
    }


def test_after_a_rotation_the_newest_key_signs_and_stands_last(application: Application, endpoint: Endpoint) -> None:
    application.control("/keys/rotate", {"keep": 1})
    application.control("/notify", {})
    published = application.call("GET", "applications/me/public-keys").json()
    headers, body = endpoint.received[-1]
    assert signers(published, headers["X-Space-Timestamp"], headers["X-Space-Public-Key-Signature"], body) == [1]
    headers, body = endpoint.received[0]
    assert signers(published, headers["X-Space-Timestamp"], headers["X-Space-Public-Key-Signature"], body) == [0]


def test_a_signing_key_signs_instead_where_the_application_was_made_so(server: str, endpoint: Endpoint) -> None:
    made = {"endpoint": endpoint.url, "verification": "signing-key"}
    made = requests.post(f"{server}/sandbox/applications", json=made, timeout=60).json()
    Application(server, made["clientId"], made["clientSecret"]).control("/notify", {})
    [(headers, body)] = endpoint.received
    assert "X-Space-Public-Key-Signature" not in headers
    assert headers["X-Space-Signature"] == hmac_signature(made["signingKey"], headers["X-Space-Timestamp"], body)


def test_a_posted_link_is_announced_in_the_background(application: Application, endpoint: Endpoint) -> None:
    application.control("/messages", {"text": "https://tracker.example/1"})
    endpoint.wait_for("NewUnfurlQueueItemsPayload")
    [payload] = endpoint.payloads("NewUnfurlQueueItemsPayload")
    assert payload["clientId"] == application.client_id


def test_a_press_sends_what_the_button_holds_and_repeats_it_to_the_byte(
    application: Application, endpoint: Endpoint, card: dict[str, Any]
) -> None:
    [item] = application.someone_posts("https://tracker.example/1")
    application.post(item["id"], card)
    user = application.control("")["users"][1]["id"]
    press = {"itemId": item["id"], "button": "Refresh", "userId": user, "times": 2}
    assert [each["status"] for each in application.control("/press", press)["deliveries"]] == [200, 200]
    first, second = endpoint.received[-2:]
    assert first == second
    payload = json.loads(first[1])
    assert (payload["actionId"], payload["actionValue"], payload["userId"]) == ("refresh", "record-1", user)
    assert (payload["link"], payload["context"]) == (item["target"], application.queue()[0]["context"])


def test_a_payload_can_be_forged(application: Application, endpoint: Endpoint) -> None:
    forged = {"body": "{not json", "sign": False, "headers": {"X-Space-Timestamp": "12"}}
    assert application.control("/payload", forged)["status"] == 200
    headers, body = endpoint.received[-1]
    assert (body, headers["X-Space-Timestamp"]) == (b"{not json", "12")
    assert "X-Space-Public-Key-Signature" not in headers
