"""Calls of Space for one installation: tokens, limits, another try where one may help (PROTOCOL 4)."""

from __future__ import annotations

import base64
import json
import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, TypeVar
from urllib.parse import quote, urlencode

from pydantic import SecretStr

from unfurler.engine.ports import ItemId, PersonId, QueueItem, Verdict
from unfurler.limits import Limits
from unfurler.sdk.errors import UnfurlError, Upstream
from unfurler.space import identifiers
from unfurler.space.errors import (
    InvalidClient,
    NotAuthorized,
    OddAnswer,
    RateLimited,
    Rejected,
    SpaceError,
    TokenRevoked,
    TooLarge,
    Unavailable,
    error_of,
)
from unfurler.space.queue_items import parse_queue, parse_verdicts
from unfurler.space.verify import KeySet, parse_keys

JsonObject: TypeAlias = Mapping[str, Any]
Answer = TypeVar("Answer")

RIGHT = "Unfurl.App.ProvideAttachment"
MAX_UNFURLS = 100
TRIES = 5
FIRST_WAIT_S = 0.5
WAIT_GROWTH = 1.5
MAX_WAIT_S = 15.0
PARALLEL = 2
EARLY_S = 60.0


class RawReply(Protocol):
    """An answer as it came; `headers` has lower-case names."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def body(self) -> bytes: ...


class Outbound(Protocol):
    """The guarded way out. Follows no redirect and judges no status; raises errors of `unfurler.sdk.errors`."""

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None,
        json: object | None = None,
        data: Mapping[str, str] | None = None,
        timeout_s: float,
        max_bytes: int,
    ) -> RawReply: ...


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """What an installation proves itself with: tokens are asked for as needed."""

    client_id: str
    secret: SecretStr


@dataclass(frozen=True, slots=True)
class PermanentToken:
    """A token that an administrator of a single organization made by hand."""

    token: SecretStr


@dataclass(frozen=True, slots=True)
class Person:
    """A member of the organization."""

    id: PersonId
    username: str


@dataclass(frozen=True, slots=True)
class _Token:
    value: str
    renew_at: float

    def __repr__(self) -> str:
        return "_Token(***)"


class SpaceClient:
    """Typed calls for one installation. Every call may raise SpaceError; threads may share a client.

    `server_url` must have been judged before (PROTOCOL 3.5). `clock` is monotonic, in seconds. A call, with its
    waiting and its further tries, takes at most `patience_s`.
    """

    def __init__(
        self,
        server_url: str,
        credentials: ClientCredentials | PermanentToken,
        outbound: Outbound,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
        limits: Limits | None = None,
        patience_s: float = 60.0,
    ) -> None:
        self.server_url = server_url.rstrip("/")
        self._credentials = credentials
        self._outbound = outbound
        self._clock = clock
        self._sleep = sleep
        self._jitter = jitter
        self._limits = limits or Limits()
        self._patience_s = patience_s
        self._token: _Token | None = None
        self._token_lock = threading.Lock()
        self._epoch = 0
        self._epoch_lock = threading.Lock()
        self._places = threading.BoundedSemaphore(PARALLEL)

    def __repr__(self) -> str:
        return f"SpaceClient({self.server_url!r})"

    @property
    def credentials(self) -> ClientCredentials | PermanentToken:
        """What this installation proves itself with."""
        return self._credentials

    # What the application is

    def try_credentials(self) -> None:
        """Return if Space accepts the credentials now. Raises InvalidClient or NotAuthorized where it does not."""
        if isinstance(self._credentials, PermanentToken):
            self._call(_nothing, "GET", "applications/me", query={"$fields": "id"})
            return
        with self._token_lock:
            self._token = self._fetch_token(self._credentials, self._clock() + self._patience_s)

    def public_keys(self) -> KeySet:
        """The keys that Space signs with for this installation; empty where none is usable."""
        return self._call(lambda reply: parse_keys(reply.body), "GET", "applications/me/public-keys")

    def request_rights(self, codes: Sequence[str] = (RIGHT,)) -> None:
        """Ask the administrators for rights in the whole organization. May be repeated."""
        self._call(
            _nothing,
            "PATCH",
            "applications/me/authorizations/authorized-rights/request-rights",
            body={"contextIdentifier": "global", "rightCodes": list(codes)},
        )

    def check_permission(self, principal: str, code: str, *, token: SecretStr | None = None) -> bool:
        """Has `principal` this right everywhere? Asked with a user's own `token` where given."""
        body = {"principal": principal, "uniqueRightCode": code, "target": {"className": "GlobalPermissionTarget"}}
        return self._call(_boolean, "POST", "permissions/check-permission", body=body, token=token)

    def set_domains(self, domains: Sequence[str]) -> None:
        """These are all the hosts whose links we want. May be repeated."""
        self._call(_nothing, "PATCH", "applications/unfurls/domains", body={"domains": list(domains)})

    def set_ui_extensions(self, extensions: Sequence[JsonObject]) -> None:
        """This is all that we add to Space's pages. May be repeated."""
        body = {"contextIdentifier": "global", "extensions": [dict(extension) for extension in extensions]}
        self._call(_nothing, "PATCH", "applications/ui-extensions", body=body)

    # The queue

    def queue(self, after: int | None, batch: int) -> list[QueueItem]:
        """Queue items beyond `after`, oldest first. An author whom Space does not find for us is none."""
        query = {"batchSize": str(batch), "$fields": "*"}
        if after is not None:
            query = {"fromEtag": str(after), **query}
        waiting = self._call(lambda reply: parse_queue(_list(reply)), "GET", "applications/unfurls/queue", query=query)
        found: dict[str, PersonId | None] = {}

        def find(name: str) -> PersonId | None:
            if name not in found:
                found[name] = self._find(name)
            return found[name]

        return [link.item(find) for link in waiting]

    def post_content(self, contents: Mapping[ItemId, JsonObject]) -> dict[ItemId, Verdict]:
        """Show contents; a verdict for each item that Space spoke of. May be repeated.

        What is too much at once is sent in halves, so that one content that Space does not take holds back none of
        the others. All of it together takes no longer than one call may. Raises SpaceError only if nothing is known of
        any item.
        """
        until = self._clock() + self._patience_s
        verdicts: dict[ItemId, Verdict] = {}
        waiting = _portions(list(contents.items()), MAX_UNFURLS)
        while waiting:
            portion = waiting.pop()
            try:
                verdicts |= self._post(portion, until)
            except (TooLarge, Rejected):
                if len(portion) == 1:
                    verdicts[portion[0][0]] = Verdict.REFUSED
                else:
                    waiting += _portions(portion, (len(portion) + 1) // 2)
            except SpaceError:
                if not verdicts:
                    raise
                break
        return verdicts

    def _post(self, portion: Sequence[tuple[ItemId, JsonObject]], until: float) -> dict[ItemId, Verdict]:
        return self._call(
            lambda reply: parse_verdicts(_list(reply)),
            "POST",
            "applications/unfurls/queue/content",
            query={"$fields": "className,*"},
            body={"unfurls": [{"queueItemId": item, "content": dict(content)} for item, content in portion]},
            until=until,
        )

    # Sign-in to external systems

    def request_external_auth(self, item: ItemId, message: JsonObject) -> None:
        """Ask the author of an item, and nobody else, by a message with buttons."""
        body = {"queueItemId": item, "message": dict(message)}
        self._call(_nothing, "POST", "applications/unfurls/queue/request-external-auth", body=body)

    def reset_external_auth_requests(self, person: PersonId) -> None:
        """Take every such message to this person away."""
        body = {"userId": identifiers.profile(person)}
        self._call(_nothing, "POST", "applications/unfurls/queue/reset-external-auth-requests", body=body)

    # People

    def send_message(self, person: PersonId, content: JsonObject) -> None:
        """A direct message (a `ChatMessage`). Not repeated where the first try may have arrived."""
        body = {"channel": identifiers.direct_channel(person), "content": dict(content), "unfurlLinks": False}
        return self._call(
            _nothing, "POST", "chats/messages/send-message", query={"$fields": "id"}, body=body, repeat=False
        )

    def profile(self, identifier: str) -> Person:
        """The member with this identifier in its sent form. Raises NotFound, PermissionDenied."""
        path = "team-directory/profiles/" + quote(identifier, safe=":")
        return self._call(_person, "GET", path, query={"$fields": "id,username"})

    def _find(self, name: str) -> PersonId | None:
        try:
            return self.profile(identifiers.username(name)).id
        except SpaceError:
            # One author who cannot be found must not hold up the queue: the link is treated as nobody's.
            return None

    # One call

    def _call(
        self,
        read: Callable[[RawReply], Answer],
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: object | None = None,
        token: SecretStr | None = None,
        repeat: bool = True,
        until: float | None = None,
    ) -> Answer:
        """What `read` makes of the answer; once more with a new token where ours is not accepted."""
        url = f"{self.server_url}/api/http/{path}" + (f"?{urlencode(query)}" if query else "")
        until = self._clock() + self._patience_s if until is None else until

        def ask(bearer: str) -> Answer:
            headers = {"Authorization": f"Bearer {bearer}"}
            if body is not None:
                headers["Content-Type"] = "application/json; charset=utf-8"
            return self._try(
                lambda: read(self._exchange(method, url, headers, until, body=body)), repeat=repeat, until=until
            )

        if token is not None:
            return ask(token.get_secret_value())
        bearer = self._bearer(until)
        try:
            return ask(bearer)
        except TokenRevoked:
            raise
        except NotAuthorized:
            if isinstance(self._credentials, PermanentToken):
                raise
        return ask(self._bearer(until, instead_of=bearer))

    def _try(self, attempt: Callable[[], Answer], *, repeat: bool, until: float) -> Answer:
        """The answer of the first attempt that gives one; `repeat` allows an effect to happen twice."""
        wait_s = FIRST_WAIT_S
        for tried in range(1, TRIES + 1):
            try:
                return attempt()
            except (RateLimited, Unavailable) as error:
                # A refused request had no effect; a lost answer may have had one.
                may_repeat = repeat or isinstance(error, RateLimited)
                pause_s = max(min(wait_s * (1 + self._jitter() / 2), MAX_WAIT_S), error.retry_after_s or 0.0)
                if not may_repeat or tried == TRIES or pause_s > MAX_WAIT_S or self._clock() + pause_s >= until:
                    raise
            self._sleep(pause_s)
            wait_s = min(wait_s * WAIT_GROWTH, MAX_WAIT_S)
        raise AssertionError("the last try returns or raises")

    def _exchange(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        until: float,
        *,
        body: object | None = None,
        form: Mapping[str, str] | None = None,
    ) -> RawReply:
        common = {"Accept": "application/json"}
        if self._epoch:
            common["epoch"] = str(self._epoch)
        try:
            with self._places:
                reply = self._outbound.request(
                    method,
                    url,
                    headers=common | dict(headers),
                    json=body,
                    data=form,
                    timeout_s=max(0.1, min(self._limits.space_call_s, until - self._clock())),
                    max_bytes=self._limits.api_bytes,
                )
        except Upstream as error:
            raise Unavailable(error.reason) from error
        except UnfurlError as error:
            raise SpaceError(error.reason) from error
        self._note_epoch(reply.headers.get("epoch", ""))
        if not 200 <= reply.status < 300:
            raise error_of(reply.status, reply.headers, reply.body)
        return reply

    def _note_epoch(self, text: str) -> None:
        if text.isascii() and text.isdigit() and len(text) < 20:
            with self._epoch_lock:
                self._epoch = max(self._epoch, int(text))

    # Tokens

    def _bearer(self, until: float, *, instead_of: str | None = None) -> str:
        """A token that should be accepted; another one than `instead_of`. One thread asks, the others wait for it."""
        if isinstance(self._credentials, PermanentToken):
            return self._credentials.token.get_secret_value()
        with self._token_lock:
            token = self._token
            if token is None or token.value == instead_of or self._clock() >= token.renew_at:
                token = self._token = self._fetch_token(self._credentials, until)
            return token.value

    def _fetch_token(self, credentials: ClientCredentials, until: float) -> _Token:
        pair = f"{credentials.client_id}:{credentials.secret.get_secret_value()}"
        headers = {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
        form = {"grant_type": "client_credentials", "scope": "**"}
        url = f"{self.server_url}/oauth/token"

        def ask() -> _Token:
            asked_at = self._clock()
            return _token(self._exchange("POST", url, headers, until, form=form), asked_at)

        try:
            return self._try(ask, repeat=True, until=until)
        except NotAuthorized as error:
            raise InvalidClient(error.code, status=error.status) from error


def _token(reply: RawReply, asked_at: float) -> _Token:
    answer = _object(reply)
    value, life_s = answer.get("access_token"), answer.get("expires_in")
    # It goes into a header: a line break in it would be another header.
    if not isinstance(value, str) or not value or not value.isascii() or not value.isprintable():
        raise OddAnswer("no-token", status=reply.status)
    known_s = float(life_s) if isinstance(life_s, int | float) and 0 < life_s < 10**9 else 0.0
    return _Token(value, asked_at + max(known_s - EARLY_S, known_s / 2))


def _portions(items: Sequence[tuple[ItemId, JsonObject]], size: int) -> list[Sequence[tuple[ItemId, JsonObject]]]:
    """Cut up, the first portion last, where it is taken from."""
    return [items[start : start + size] for start in range(0, len(items), size)][::-1]


# What answers say


def _nothing(_: RawReply) -> None:
    """A success is all there is to know."""


def _json(reply: RawReply) -> object:
    try:
        answer: object = json.loads(reply.body)
        return answer
    except (ValueError, RecursionError) as error:
        raise OddAnswer("not-json", status=reply.status) from error


def _list(reply: RawReply) -> list[dict[str, Any]]:
    answer = _json(reply)
    if not isinstance(answer, list):
        raise OddAnswer("not-a-list", status=reply.status)
    return [member for member in answer if isinstance(member, dict)]


def _object(reply: RawReply) -> dict[str, Any]:
    answer = _json(reply)
    if not isinstance(answer, dict):
        raise OddAnswer("not-an-object", status=reply.status)
    return answer


def _boolean(reply: RawReply) -> bool:
    answer = _json(reply)
    if not isinstance(answer, bool):
        raise OddAnswer("not-a-boolean", status=reply.status)
    return answer


def _person(reply: RawReply) -> Person:
    answer = _object(reply)
    person, name = answer.get("id"), answer.get("username")
    if not isinstance(person, str) or not identifiers.is_id(person):
        raise OddAnswer("no-profile", status=reply.status)
    return Person(PersonId(person), name if isinstance(name, str) else "")
