"""Who is at the door: a body and its headers become a payload of a known organization, or are refused.

The order of the checks is PROTOCOL 3.4. Nothing is written, and nobody outside is asked but for an organization's
keys, once a minute at the most, when none of those we know fits.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from pydantic import SecretStr

from unfurler.limits import Limits
from unfurler.space.errors import SpaceError
from unfurler.space.payloads import (
    AppPublicationCheckPayload,
    Envelope,
    InitPayload,
    MalformedPayload,
    Payload,
    parse_payload,
    peek,
)
from unfurler.space.verify import (
    TIMESTAMP,
    HeaderValues,
    KeySet,
    PublicKeys,
    Refused,
    SigningKey,
    parse_keys,
    verify,
)
from unfurler.store.cache import Memory
from unfurler.store.organizations import Organization, Organizations
from unfurler.store.secrets import fingerprint


@dataclass(frozen=True, slots=True)
class Admitted:
    """A payload that may be acted on; `repeated` where the very same bytes were taken before.

    `organization` is None for what comes before there is one: `InitPayload`, still to be proved, and the publication
    check.
    """

    payload: Payload
    organization: Organization | None
    repeated: bool = False


class KeyRing:
    """The public keys of organizations: as stored, parsed once, and fetched anew when none fits."""

    def __init__(
        self,
        organizations: Organizations,
        fetch: Callable[[Organization], KeySet],
        refetch_s: float,
        monotonic: Callable[[], float],
    ) -> None:
        self._organizations = organizations
        self._fetch = fetch
        self._refetch_s = refetch_s
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._parsed: dict[str, KeySet] = {}
        self._fetched_at: dict[str, float] = {}

    def known(self, organization: Organization) -> KeySet:
        """The stored set; empty where none was fetched yet."""
        parsed = self._parsed.get(organization.id)
        if parsed is None or parsed.text != (organization.keys or ""):
            parsed = parse_keys((organization.keys or "").encode())
            self._parsed[organization.id] = parsed
        return parsed

    def newer(self, organization: Organization) -> KeySet | None:
        """A set fetched right now; None where that was done within the last minute, or does not succeed."""
        with self._lock:
            now = self._monotonic()
            if now - self._fetched_at.get(organization.id, -self._refetch_s) < self._refetch_s:
                return None
            self._fetched_at[organization.id] = now
        try:
            keys = self._fetch(organization)
        except SpaceError:
            return None
        if not keys.keys:
            return None
        self._organizations.remember_keys(organization.id, keys.text)
        self._parsed[organization.id] = keys
        return keys

    def forget(self, id: str) -> None:
        """The organization is gone."""
        with self._lock:
            self._parsed.pop(id, None)
            self._fetched_at.pop(id, None)


class Door:
    """Lets in what Space sent, and nothing else."""

    def __init__(
        self,
        organizations: Organizations,
        keys: KeyRing,
        signing_keys: dict[str, SecretStr],
        replays: Memory,
        limits: Limits,
        clock: Callable[[], float],
    ) -> None:
        self._organizations = organizations
        self._keys = keys
        self._signing_keys = signing_keys
        self._replays = replays
        self._limits = limits
        self._clock = clock

    def admit(self, headers: HeaderValues, body: bytes) -> Admitted:
        """Raises MalformedPayload for what is no payload, Refused for everything that Space did not send just now."""
        envelope = peek(body)
        if envelope.class_name == AppPublicationCheckPayload.__name__:
            return Admitted(parse_payload(envelope), None)
        if envelope.client_id is None:
            raise MalformedPayload("there is no clientId")
        if envelope.class_name == InitPayload.__name__:
            return Admitted(parse_payload(envelope), None)
        organization = self._organizations.find(envelope.client_id)
        if organization is None:
            raise Refused("unknown-organization")
        self._verify(organization, headers, body)
        payload = parse_payload(envelope)
        return Admitted(payload, organization, self._seen(envelope, headers, body))

    def verify_with(self, keys: KeySet, headers: HeaderValues, body: bytes) -> None:
        """Whether these keys vouch for a message. Raises Refused."""
        verify(PublicKeys(keys), headers, body, now_ms=self._now_ms(), tolerance_s=self._limits.timestamp_tolerance_s)

    def _verify(self, organization: Organization, headers: HeaderValues, body: bytes) -> None:
        signing_key = self._signing_keys.get(organization.id)
        if signing_key is not None:
            tolerance_s = self._limits.timestamp_tolerance_s
            verify(SigningKey(signing_key), headers, body, now_ms=self._now_ms(), tolerance_s=tolerance_s)
            return
        try:
            self.verify_with(self._keys.known(organization), headers, body)
        except Refused as refused:
            if not refused.keys_may_be_old:
                raise
            keys = self._keys.newer(organization)
            if keys is None:
                raise
            self.verify_with(keys, headers, body)

    def _seen(self, envelope: Envelope, headers: HeaderValues, body: bytes) -> bool:
        stamp = "".join(headers(TIMESTAMP))
        key = "replay:" + fingerprint(envelope.client_id or "", stamp, body.decode("utf-8", "surrogateescape"))
        return not self._replays.add(key, b"1", self._limits.replay_memory_s)

    def _now_ms(self) -> int:
        return int(self._clock() * 1000)
