"""A Space that vouches for itself: keys, signatures, and the two answers by which it proves who it is."""

from __future__ import annotations

import base64
import json
import time
from functools import cache

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA512
from werkzeug.datastructures import Headers

from tests.world.sites import Site

TOKEN = "/oauth/token"
KEYS = "/api/http/applications/me/public-keys"


@cache
def key(number: int = 0) -> RSAPrivateKey:
    """A key pair; the same one for the same number."""
    return generate_private_key(65537, 2_048)


def _base64url(number: int) -> str:
    return base64.urlsafe_b64encode(number.to_bytes((number.bit_length() + 7) // 8, "big")).decode().rstrip("=")


def public(*numbers: int) -> str:
    """The keys with these numbers as Space's answer."""
    parts = [key(number).public_key().public_numbers() for number in numbers]
    return json.dumps({"keys": [{"kty": "RSA", "n": _base64url(part.n), "e": _base64url(part.e)} for part in parts]})


def signed(body: bytes, *, number: int = 0, at_ms: int | None = None) -> Headers:
    """The headers of a message that this key signed."""
    stamp = str(at_ms if at_ms is not None else int(time.time() * 1_000))
    signature = key(number).sign(f"{stamp}:".encode() + body, PKCS1v15(), SHA512())
    return Headers({"X-Space-Timestamp": stamp, "X-Space-Public-Key-Signature": base64.b64encode(signature).decode()})


def payload(name: str, client: str = "acme", **more: object) -> bytes:
    """A body as Space sends it."""
    return json.dumps({"className": name, "clientId": client, **more}).encode()


def vouches(site: Site, *numbers: int, token: int = 200, keys: int = 200, delay_s: float = 0.0) -> None:
    """From now on the site is a Space server that signs with these keys, and accepts any credentials or none."""
    refusal = {"error": "invalid_client"} if token < 500 else {}
    granted = {"access_token": "t", "token_type": "Bearer", "expires_in": 600}
    site.answers(TOKEN, method="POST", json_body=granted if token == 200 else refusal, status=token, delay_s=delay_s)
    site.answers(KEYS, json_body=json.loads(public(*numbers)), status=keys)
