"""Who is at the door: a body and its headers become a payload of a known organization, or are refused.

The order of the checks is PROTOCOL 3.4. Nothing is written, and nobody outside is asked but for an organization's
keys, once a minute at the most, when none of those we know fits.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
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

# How long a message waits for keys that somebody else is fetching: the webhook answers within three seconds.
_PATIENCE_S = 2.5


@dataclass(frozen=True, slots=True)
class Admitted:
    """A payload that may be acted on; `repeated` where the very same bytes were taken before.

    `organization` is None for what comes before there is one: `InitPayload`, still to be proved, and the publication
    check. `trace` is what the bytes are remembered by.
    """

    payload: Payload
    organization: Organization | None
    repeated: bool = False
    trace: str | None = None


class KeyRing:
    """The public keys of organizations: as stored, parsed once, and fetched anew when none fits."""

    def __init__(
        self,
        organizations: Organizations,
        fetch: Callable[[Organization], KeySet],
        refetch_s: float,
        monotonic: Callable[[], float],
        *,
        patience_s: float = _PATIENCE_S,
    ) -> None:
        self._organizations = organizations
        self._fetch = fetch
        self._patience_s = patience_s
        self._refetch_s = refetch_s
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._parsed: dict[str, KeySet] = {}
        self._fetched_at: dict[str, float] = {}
        self._newest: dict[str, KeySet] = {}
        self._under_way: dict[str, Future[KeySet | None]] = {}

    def known(self, organization: Organization) -> KeySet:
        """The stored set; empty where none was fetched yet."""
        parsed = self._parsed.get(organization.id)
        if parsed is None or parsed.text != (organization.keys or ""):
            parsed = parse_keys((organization.keys or "").encode())
            self._parsed[organization.id] = parsed
        return parsed

    def newer(self, organization: Organization) -> KeySet | None:
        """A set that was fetched just now; None where there is none that the organization does not have already.

        Nobody asks more than once a minute. One asks, and who comes meanwhile waits a moment for the same answer:
        right after a change of keys, several messages arrive at once.
        """
        id = organization.id
        with self._lock:
            under_way = self._under_way.get(id)
            if under_way is None:
                newest = self._newest.get(id)
                if newest is not None and newest.text != organization.keys:
                    return newest
                now = self._monotonic()
                if now - self._fetched_at.get(id, -self._refetch_s) < self._refetch_s:
                    return None
                self._fetched_at[id] = now
                mine = self._under_way[id] = Future()
        if under_way is not None:
            try:
                return under_way.result(self._patience_s)
            except TimeoutError:
                return None
        keys = None
        try:
            keys = self._look_up(organization)
        finally:
            with self._lock:
                self._under_way.pop(id, None)
                if keys is not None:
                    self._newest[id] = keys
            mine.set_result(keys)
        return keys

    def _look_up(self, organization: Organization) -> KeySet | None:
        try:
            keys = self._fetch(organization)
        except SpaceError:
            return None
        if not keys.keys or keys.text == organization.keys:
            return None
        self._organizations.remember_keys(organization.id, keys.text)
        return keys

    def forget(self, id: str) -> None:
        """The organization is gone."""
        with self._lock:
            self._parsed.pop(id, None)
            self._fetched_at.pop(id, None)
            self._newest.pop(id, None)


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
        trace = _trace(envelope, headers, body)
        repeated = not self._replays.add(trace, b"1", self._limits.replay_memory_s)
        return Admitted(payload, organization, repeated, trace)

    def forget(self, admitted: Admitted) -> None:
        """Nothing came of it: the same bytes, should they come again, are to be acted on."""
        if admitted.trace is not None and not admitted.repeated:
            self._replays.forget(admitted.trace)

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

    def _now_ms(self) -> int:
        return int(self._clock() * 1000)


def _trace(envelope: Envelope, headers: HeaderValues, body: bytes) -> str:
    stamp = "".join(headers(TIMESTAMP))
    return "replay:" + fingerprint(envelope.client_id or "", stamp, body.decode("utf-8", "surrogateescape"))
