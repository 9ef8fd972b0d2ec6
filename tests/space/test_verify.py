"""Only what Space signed, with the one method of the organization, just now, is accepted."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256, SHA512
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from tests.space.judge import sample
from unfurler.space.verify import KeySet, PublicKeys, Refused, SigningKey, parse_keys, verify

RSA = sample("vector.public-key-signature")
HMAC = sample("vector.signing-key-signature")
NOW_MS = int(RSA["timestamp"])
KEYS = parse_keys(RSA["publicKeysResponse"])
SHARED = SigningKey(SecretStr(HMAC["signingKey"]))


def refusal(
    method: PublicKeys | SigningKey,
    headers: dict[str, Any],
    body: bytes,
    *,
    now_ms: int = NOW_MS,
    tolerance_s: float = 300,
) -> str | None:
    def values(name: str) -> list[str]:
        found = headers.get(name, [])
        return found if isinstance(found, list) else [found]

    try:
        verify(method, values, body, now_ms=now_ms, tolerance_s=tolerance_s)
    except Refused as error:
        assert str(error) == error.reason
        return error.reason
    return None


CASES = [
    pytest.param(PublicKeys(KEYS), RSA, "X-Space-Public-Key-Signature", id="public-key"),
    pytest.param(SHARED, HMAC, "X-Space-Signature", id="signing-key"),
]


@pytest.mark.parametrize(("method", "vector", "header"), CASES)
class TestBothMethods:
    def test_the_vector_is_accepted(self, method: Any, vector: Any, header: str) -> None:
        assert refusal(method, vector["headers"], vector["body"].encode()) is None

    @pytest.mark.parametrize(
        ("headers", "reason"),
        [
            ({"X-Space-Timestamp": []}, "timestamp-missing"),
            ({"X-Space-Timestamp": ""}, "timestamp-missing"),
            ({"X-Space-Timestamp": [RSA["timestamp"], RSA["timestamp"]]}, "timestamp-twice"),
            ({"X-Space-Timestamp": f"{RSA['timestamp']},{RSA['timestamp']}"}, "timestamp-malformed"),
            ({"X-Space-Timestamp": f"+{RSA['timestamp']}"}, "timestamp-malformed"),
            ({"X-Space-Timestamp": f"{RSA['timestamp']} "}, "timestamp-malformed"),
            ({"X-Space-Timestamp": f"{RSA['timestamp']}\n"}, "timestamp-malformed"),
            ({"X-Space-Timestamp": "1_716_310_893_767"}, "timestamp-malformed"),
            ({"X-Space-Timestamp": "١٧١٦٣١٠٨٩٣٧٦٧"}, "timestamp-malformed"),
            ({"X-Space-Timestamp": "9" * 5_000}, "timestamp-malformed"),
            ({"X-Space-Timestamp": str(NOW_MS + 1)}, "signature-wrong"),
            ({"X-Space-Timestamp": f"0{NOW_MS}"}, "signature-wrong"),
        ],
    )
    def test_the_timestamp_is_digits_and_signed(
        self, method: Any, vector: Any, header: str, headers: dict[str, Any], reason: str
    ) -> None:
        assert refusal(method, vector["headers"] | headers, vector["body"].encode()) == reason

    def test_a_signature_is_there_once(self, method: Any, vector: Any, header: str) -> None:
        right, body = vector["signature"], vector["body"].encode()
        headers = vector["headers"]
        assert refusal(method, headers | {header: []}, body) == "signature-missing"
        assert refusal(method, headers | {header: ""}, body) == "signature-missing"
        assert refusal(method, headers | {header: [right, right]}, body) == "signature-twice"
        assert refusal(method, headers | {header: [right, "x"]}, body) == "signature-twice"
        assert refusal(method, headers | {header: ["x", right]}, body) == "signature-twice"
        assert refusal(method, headers | {header: f"{right},{right}"}, body) in (
            "signature-malformed",
            "signature-wrong",
        )

    def test_a_second_kind_of_signature_is_refused(self, method: Any, vector: Any, header: str) -> None:
        both = RSA["headers"] | HMAC["headers"]
        assert refusal(method, both, vector["body"].encode()) == "signature-other-kind"

    def test_an_altered_body_is_refused(self, method: Any, vector: Any, header: str) -> None:
        body = vector["body"].encode()
        for altered in [b"", body + b" ", body[:-1], body.replace(b"f6df", b"f6de"), b" " + body]:
            assert refusal(method, vector["headers"], altered) == "signature-wrong"

    @pytest.mark.parametrize(("skew_ms", "reason"), [(0, None), (300_000, None), (300_001, "timestamp-stale")])
    @pytest.mark.parametrize("direction", [1, -1])
    def test_five_minutes_are_the_limit(
        self, method: Any, vector: Any, header: str, skew_ms: int, reason: str | None, direction: int
    ) -> None:
        now_ms = NOW_MS + direction * skew_ms
        assert refusal(method, vector["headers"], vector["body"].encode(), now_ms=now_ms) == reason

    @pytest.mark.parametrize("signature", ["x", "é", "AAAA", "=" * 10, "A" * 100_000, " ", "\ud800"])
    def test_an_odd_signature_is_refused(self, method: Any, vector: Any, header: str, signature: str) -> None:
        reason = refusal(method, vector["headers"] | {header: signature}, vector["body"].encode())
        assert reason in ("signature-malformed", "signature-wrong")


def test_only_lower_case_hexadecimal_is_a_shared_signature() -> None:
    headers = HMAC["headers"] | {"X-Space-Signature": HMAC["signature"].upper()}
    assert refusal(SHARED, headers, HMAC["body"].encode()) == "signature-wrong"


def test_an_empty_key_never_verifies() -> None:
    body = b"{}"
    signature = hmac.new(b"", f"{NOW_MS}:".encode() + body, hashlib.sha256).hexdigest()
    headers = {"X-Space-Timestamp": str(NOW_MS), "X-Space-Signature": signature}
    assert refusal(SigningKey(SecretStr("")), headers, body) == "keys-missing"


def test_a_public_key_is_no_shared_key() -> None:
    body = b"{}"
    text = RSA["publicKeysResponse"]
    signature = hmac.new(text.encode(), f"{NOW_MS}:".encode() + body, hashlib.sha256).hexdigest()
    headers = {"X-Space-Timestamp": str(NOW_MS), "X-Space-Signature": signature}
    assert refusal(PublicKeys(KEYS), headers, body) == "signature-other-kind"


def test_without_keys_nothing_verifies_and_newer_keys_could_help() -> None:
    with pytest.raises(Refused) as error:
        verify(
            PublicKeys(KeySet()),
            lambda name: [RSA["headers"][name]] if name in RSA["headers"] else [],
            b"",
            now_ms=NOW_MS,
            tolerance_s=300,
        )
    assert (error.value.reason, error.value.keys_may_be_old) == ("keys-missing", True)


class Signer:
    def __init__(self, bits: int = 2_048, exponent: int = 65_537) -> None:
        self.key = rsa.generate_private_key(exponent, bits)

    def member(self, **others: Any) -> dict[str, Any]:
        numbers = self.key.public_key().public_numbers()
        return {"kty": "RSA", "n": base64url(numbers.n), "e": base64url(numbers.e)} | others

    def headers(self, body: bytes, *, scheme: Any = None, digest: Any = None) -> dict[str, str]:
        raw = self.key.sign(f"{NOW_MS}:".encode() + body, scheme or padding.PKCS1v15(), digest or SHA512())
        return {
            "X-Space-Timestamp": str(NOW_MS),
            "X-Space-Public-Key-Signature": base64.b64encode(raw).decode(),
        }


def base64url(number: int) -> str:
    return base64.urlsafe_b64encode(number.to_bytes((number.bit_length() + 7) // 8, "big")).decode().rstrip("=")


@pytest.fixture(scope="module")
def signers() -> list[Signer]:
    return [Signer(), Signer(), Signer(3_072)]


def test_any_key_of_the_set_will_do_and_no_other(signers: list[Signer]) -> None:
    keys = parse_keys(json.dumps({"keys": [signer.member() for signer in signers[:2]]}))
    assert refusal(PublicKeys(keys), signers[0].headers(b"{}"), b"{}") is None
    assert refusal(PublicKeys(keys), signers[1].headers(b"{}"), b"{}") is None
    assert refusal(PublicKeys(keys), signers[2].headers(b"{}"), b"{}") == "signature-wrong"


def test_no_other_algorithm_will_do(signers: list[Signer]) -> None:
    keys = PublicKeys(parse_keys(json.dumps({"keys": [signers[0].member()]})))
    pss = padding.PSS(padding.MGF1(SHA512()), padding.PSS.DIGEST_LENGTH)
    assert refusal(keys, signers[0].headers(b"{}", digest=SHA256()), b"{}") == "signature-wrong"
    assert refusal(keys, signers[0].headers(b"{}", scheme=pss), b"{}") == "signature-wrong"


def test_keys_come_in_a_string_or_plainly_and_only_n_and_e_are_needed(signers: list[Signer]) -> None:
    member = signers[2].member()
    plain = {"keys": [{"n": member["n"], "e": member["e"], "kid": 7, "alg": None, "x5c": ["…"]}]}
    for answer in [json.dumps(plain), json.dumps(json.dumps(plain)), json.dumps(plain, indent=1).encode()]:
        assert refusal(PublicKeys(parse_keys(answer)), signers[2].headers(b"{}"), b"{}") is None
    padded = {"keys": [{"n": member["n"] + "=" * (-len(member["n"]) % 4), "e": "AQAB"}]}
    assert len(parse_keys(json.dumps(padded)).keys) == 1
    assert len(parse_keys(json.dumps(sample("resp.Response.PublicKeys"))).keys) == 2
    assert len(parse_keys(json.dumps(sample("resp.PublicKeySet"))).keys) == 2


def test_a_kept_set_is_the_same_set(signers: list[Signer]) -> None:
    assert parse_keys(KEYS.text).text == KEYS.text
    assert len(parse_keys(KEYS.text).keys) == 2
    assert "keys" not in repr(KeySet((), "secret-less but long keys")).replace("keys=", "")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"null",
        b"[]",
        b"7",
        b"{}",
        b'{"keys":null}',
        b'{"keys":{}}',
        b'{"keys":[null,7,"x",[],{}]}',
        b'{"keys":[{"kty":"EC","x":"AA","y":"AA"}]}',
        b'{"keys":[{"n":"AQAB","e":"AQAB"}]}',
        b'{"keys":[{"n":"!","e":"AQAB"}]}',
        b'{"keys":[{"n":7,"e":"AQAB"}]}',
        b'{"keys":[{"n":"' + b"_" * 342 + b'","e":"AQ"}]}',
        b'{"keys":[{"n":"' + b"_" * 342 + b'","e":""}]}',
        b'{"keys":[{"n":"' + b"_" * 342 + b'","e":"' + b"_" * 342 + b'"}]}',
        b'{"keys":[{"n":"' + b"_" * 1_000_000 + b'","e":"AQAB"}]}',
        b'"not json"',
        b'"\\ud800"',
        b"\xff",
        b"[" * 100_000,
        b'"' + b"[" * 100_000 + b'"',
    ],
)
def test_keys_that_cannot_be_used_are_left_out(answer: bytes) -> None:
    assert parse_keys(answer).keys == ()


def test_a_key_that_cannot_be_used_leaves_the_others(signers: list[Signer]) -> None:
    keys = [{"kty": "EC"}, signers[0].member(), None, signers[1].member(e="AQ")]
    assert len(parse_keys(json.dumps({"keys": keys})).keys) == 1


def test_a_flood_of_keys_is_bounded_and_the_newest_stay(signers: list[Signer]) -> None:
    keys = parse_keys(json.dumps({"keys": [signers[0].member()] * 1_000 + [signers[1].member()]}))
    assert len(keys.keys) == 16
    assert refusal(PublicKeys(keys), signers[1].headers(b"{}"), b"{}") is None


def test_weak_keys_are_not_used() -> None:
    assert parse_keys(json.dumps({"keys": [Signer(1_024).member()]})).keys == ()


@given(st.binary(max_size=300), st.text(max_size=40), st.text(max_size=20))
def test_nothing_else_is_accepted(body: bytes, signature: str, timestamp: str) -> None:
    headers = {"X-Space-Timestamp": timestamp, "X-Space-Public-Key-Signature": signature}
    assert refusal(PublicKeys(KEYS), headers, body) is not None
    headers = {"X-Space-Timestamp": timestamp, "X-Space-Signature": signature}
    assert refusal(SHARED, headers, body) is not None


def test_verifying_costs_little() -> None:
    def values(name: str) -> list[str]:
        return [RSA["headers"][name]] if name in RSA["headers"] else []

    body = RSA["body"].encode()
    before = time.thread_time()
    for _ in range(200):
        verify(PublicKeys(KEYS), values, body, now_ms=NOW_MS, tolerance_s=300)
    assert (time.thread_time() - before) / 200 < 0.002
