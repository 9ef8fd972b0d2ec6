"""How payloads reach the application's endpoint."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import requests

from . import payloads
from .clock import real_ms
from .contract import JsonObject
from .organization import Organization
from .signing import KeyRing, hmac_signature

USER_AGENT = "Space (81383) Ktor http-client"
TIMEOUT_S = 30.0
SENT_KEPT = 2_000


@dataclass(frozen=True, slots=True)
class Letter:
    """One request to an endpoint, whole, so that the very same bytes can go out again."""

    endpoint: str
    body: bytes
    headers: dict[str, str]
    client_id: str = ""
    about: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Delivery:
    """What the endpoint answered; `status` is 0 where it did not."""

    status: int
    body: str
    headers: dict[str, str]
    ms: float

    @property
    def accepted(self) -> bool:
        return 200 <= self.status < 300

    def as_json(self) -> JsonObject:
        """`{status, body, headers, ms}`; the body parsed where it is JSON."""
        try:
            body = json.loads(self.body)
        except ValueError:
            body = self.body
        return {"status": self.status, "body": body, "headers": self.headers, "ms": self.ms}


def write_letter(
    organization: Organization,
    body: bytes,
    *,
    keys: KeyRing | None = None,
    timestamp: str | None = None,
    offset_ms: int = 0,
    sign: bool = True,
    about: tuple[str, ...] = (),
) -> Letter:
    """A payload with Space's headers, signed by real time plus `offset_ms` with the newest key of `keys`.

    `about`: the ids of what it concerns, for the inspector.
    """
    headers = {"Content-Type": "application/json", "User-Agent": USER_AGENT, "Accept": "*/*"}
    # An idle connection that the endpoint closes just now would lose a payload, and lose it at random.
    headers["Connection"] = "close"
    if sign:
        at = timestamp if timestamp is not None else str(real_ms() + offset_ms)
        headers["X-Space-Timestamp"] = at
        if organization.signing_key is not None:
            headers["X-Space-Signature"] = hmac_signature(organization.signing_key, at, body)
        else:
            headers["X-Space-Public-Key-Signature"] = (keys or organization.keys).sign(at, body)
    return Letter(organization.endpoint, body, headers, organization.client_id, about)


@dataclass(frozen=True, slots=True)
class Sent:
    """A letter that went out, with what came of it; `at_ms` is real time."""

    at_ms: int
    letter: Letter
    delivery: Delivery

    def as_json(self) -> JsonObject:
        """`{at_ms, className, payload, answer: {status, body, ms}}`."""
        try:
            payload = json.loads(self.letter.body)
        except ValueError:
            payload = self.letter.body.decode(errors="replace")
        name = payload.get("className") if isinstance(payload, dict) else None
        answer = self.delivery.as_json()
        del answer["headers"]
        return {"at_ms": self.at_ms, "className": name, "payload": payload, "answer": answer}


class Courier:
    """Sends letters; notifications in the background. `noticed` is called after each."""

    def __init__(self, senders: int = 8) -> None:
        self.noticed: Callable[[], None] = lambda: None
        self._sent: deque[Sent] = deque(maxlen=SENT_KEPT)
        self._lock = threading.Lock()
        self._local = threading.local()
        self._background = ThreadPoolExecutor(senders, thread_name_prefix="space-delivery")

    def deliver(self, letter: Letter) -> Delivery:
        """Sends and waits; never raises for a network fault."""
        started, at_ms = time.perf_counter(), real_ms()
        try:
            answer = self._session().post(
                letter.endpoint, data=letter.body, headers=letter.headers, timeout=TIMEOUT_S, allow_redirects=False
            )
            status, text, headers = answer.status_code, answer.text, dict(answer.headers)
        except requests.RequestException as error:
            status, text, headers = 0, f"{type(error).__name__}: no answer from {letter.endpoint}", {}
        delivery = Delivery(status, text, headers, round((time.perf_counter() - started) * 1000, 3))
        with self._lock:
            self._sent.append(Sent(at_ms, letter, delivery))
        self.noticed()
        return delivery

    def deliver_payload(self, organization: Organization, payload: JsonObject, about: tuple[str, ...] = ()) -> Delivery:
        return self.deliver(write_letter(organization, payloads.as_bytes(payload), about=about))

    def sent(self, client_id: str, about: str | None = None) -> list[Sent]:
        """What went to that application, oldest first; only what concerns `about` where that is given."""
        with self._lock:
            return [
                sent
                for sent in self._sent
                if sent.letter.client_id == client_id and (about is None or about in sent.letter.about)
            ]

    def deliver_together(self, letters: list[Letter]) -> list[Delivery]:
        """All at the same time."""
        with ThreadPoolExecutor(max(1, len(letters))) as senders:
            return list(senders.map(self.deliver, letters))

    def notify(self, organization: Organization, about: tuple[str, ...] = ()) -> None:
        """Tells the application, soon, that its queue holds something."""
        self.send_soon(organization, payloads.new_queue_items(organization), about)

    def send_soon(self, organization: Organization, payload: JsonObject, about: tuple[str, ...] = ()) -> None:
        """In the background."""
        self._background.submit(self.deliver_payload, organization, payload, about)

    def close(self) -> None:
        self._background.shutdown(wait=False, cancel_futures=True)

    def _session(self) -> requests.Session:
        if not hasattr(self._local, "session"):
            self._local.session = requests.Session()
            # The endpoint is on loopback: a proxy of the environment is not for it.
            self._local.session.trust_env = False
        session: requests.Session = self._local.session
        return session
