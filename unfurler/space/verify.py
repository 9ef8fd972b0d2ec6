"""Did Space send this? Decided from the raw bytes alone, without a hint to the sender why not (PROTOCOL 3)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA512
from pydantic import SecretStr

HeaderValues = Callable[[str], Sequence[str]]
"""Every value of a header, as `werkzeug.datastructures.Headers.getlist` gives them."""

TIMESTAMP = "X-Space-Timestamp"
RSA_SIGNATURE = "X-Space-Public-Key-Signature"
HMAC_SIGNATURE = "X-Space-Signature"
MAX_KEYS = 16
_DIGITS = re.compile(r"[0-9]{1,16}")
_MIN_BITS, _MAX_BITS = 2_048, 8_192
_MAX_SIGNATURE_CHARS = 2_048
_MAX_EXPONENT_BITS = 33


class Refused(Exception):
    """Not from Space, or not now. `reason` is a stable code for the log; the sender is told nothing of it.

    `keys_may_be_old` says that a newer set of keys could accept it.
    """

    def __init__(self, reason: str, *, keys_may_be_old: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.keys_may_be_old = keys_may_be_old


@dataclass(frozen=True, slots=True)
class KeySet:
    """Public keys, built once. `text` is the set as JSON, to be kept and parsed again."""

    keys: tuple[RSAPublicKey, ...] = ()
    text: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class PublicKeys:
    """An organization whose messages are signed with RSA; any key of the set will do."""

    keys: KeySet


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An organization whose messages are signed with a shared key."""

    key: SecretStr


def verify(
    method: PublicKeys | SigningKey, headers: HeaderValues, body: bytes, *, now_ms: int, tolerance_s: float
) -> None:
    """Return if the message is authentic and fresh. Raises Refused.

    One RSA-2048 key costs about 30 µs; the newest key, which is last, is tried first.
    """
    wanted, other = (
        (RSA_SIGNATURE, HMAC_SIGNATURE) if isinstance(method, PublicKeys) else (HMAC_SIGNATURE, RSA_SIGNATURE)
    )
    if headers(other):
        raise Refused("signature-other-kind")
    signature = _only(headers(wanted), "signature")
    timestamp = _only(headers(TIMESTAMP), "timestamp")
    if not _DIGITS.fullmatch(timestamp):
        raise Refused("timestamp-malformed")
    # Before the signature: what is too old to be acted on shall not cost a look for newer keys.
    if abs(now_ms - int(timestamp)) > tolerance_s * 1_000:
        raise Refused("timestamp-stale")
    signed = timestamp.encode() + b":" + body
    match method:
        case PublicKeys(keys=keys):
            _verify_rsa(keys, signature, signed)
        case SigningKey(key=key):
            _verify_hmac(key.get_secret_value(), signature, signed)


def parse_keys(answer: bytes | str) -> KeySet:
    """The keys of an answer: a JSON string that holds JSON, or the object itself.

    Keys that we cannot use are left out, so the set may be empty.
    """
    document = _json(answer)
    if isinstance(document, str):
        document = _json(document)
    listed = document.get("keys") if isinstance(document, dict) else None
    keys: list[RSAPublicKey] = []
    kept: list[dict[str, str]] = []
    # The newest stands last.
    for member in listed[-MAX_KEYS:] if isinstance(listed, list) else []:
        key = _key(member)
        if key is not None:
            keys.append(key)
            kept.append({"kty": "RSA", "n": member["n"], "e": member["e"]})
    return KeySet(tuple(keys), json.dumps({"keys": kept}))


def _only(values: Sequence[str], what: str) -> str:
    if not values or not values[0]:
        raise Refused(f"{what}-missing")
    if len(values) > 1:
        raise Refused(f"{what}-twice")
    return values[0]


def _verify_rsa(keys: KeySet, signature: str, signed: bytes) -> None:
    try:
        if len(signature) > _MAX_SIGNATURE_CHARS:
            raise ValueError
        raw = base64.b64decode(signature, validate=True)
    except (ValueError, binascii.Error):
        raise Refused("signature-malformed") from None
    for key in reversed(keys.keys):
        try:
            key.verify(raw, signed, PKCS1v15(), SHA512())
            return
        except InvalidSignature:
            continue
    raise Refused("signature-wrong" if keys.keys else "keys-missing", keys_may_be_old=True)


def _verify_hmac(key: str, signature: str, signed: bytes) -> None:
    if not key:
        raise Refused("keys-missing")
    expected = hmac.new(key.encode(), signed, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")):
        raise Refused("signature-wrong")


def _json(text: bytes | str) -> object:
    try:
        document: object = json.loads(text)
        return document
    except (ValueError, RecursionError):
        return None


def _key(parts: object) -> RSAPublicKey | None:
    if not isinstance(parts, dict):
        return None
    modulus, exponent = _number(parts.get("n"), _MAX_BITS), _number(parts.get("e"), _MAX_EXPONENT_BITS)
    if modulus is None or exponent is None or modulus.bit_length() < _MIN_BITS:
        return None
    try:
        return RSAPublicNumbers(exponent, modulus).public_key()
    except (ValueError, UnsupportedAlgorithm):
        return None


def _number(text: object, max_bits: int) -> int | None:
    """A base64url number without padding, None if it is none or is larger than we take."""
    if not isinstance(text, str) or len(text) > max_bits // 6 + 4:
        return None
    try:
        raw = base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        return None
    number = int.from_bytes(raw, "big")
    return number if number.bit_length() <= max_bits else None
