"""How Space proves that a payload comes from it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA512


def signed_bytes(timestamp: str, body: bytes) -> bytes:
    return timestamp.encode() + b":" + body


def hmac_signature(key: str, timestamp: str, body: bytes) -> str:
    """The value of `X-Space-Signature`: lower-case hex of HMAC-SHA256."""
    return hmac.new(key.encode("ascii"), signed_bytes(timestamp, body), hashlib.sha256).hexdigest()


def base64url_number(number: int) -> str:
    return base64.urlsafe_b64encode(number.to_bytes((number.bit_length() + 7) // 8)).rstrip(b"=").decode()


class KeyRing:
    """RSA keys of one application, the newest last; the newest signs."""

    def __init__(self) -> None:
        self._keys = [make_key()]

    def rotate(self, keep: int) -> None:
        """Adds a key and keeps the `keep` newest of the ones before."""
        self._keys = [*self._keys[len(self._keys) - min(keep, len(self._keys)) :], make_key()]

    def sign(self, timestamp: str, body: bytes) -> str:
        """The value of `X-Space-Public-Key-Signature`: standard base64 of RSASSA-PKCS1-v1_5 with SHA-512."""
        return base64.b64encode(self._keys[-1].sign(signed_bytes(timestamp, body), PKCS1v15(), SHA512())).decode()

    def published(self) -> str:
        """The key set as JSON text; the API sends this text as a JSON string."""
        numbers = [key.public_key().public_numbers() for key in self._keys]
        keys = [{"kty": "RSA", "n": base64url_number(n.n), "e": base64url_number(n.e)} for n in numbers]
        return json.dumps({"keys": keys}, separators=(",", ":"))


def make_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)
