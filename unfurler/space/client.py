"""The calls of Space's API that we make for one installation, each with its types (PROTOCOL 4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar
from urllib.parse import quote, urlencode

from pydantic import SecretStr

from unfurler.engine.ports import ItemId, PersonId, QueueItem, Verdict
from unfurler.fetch import RawReply
from unfurler.space import identifiers
from unfurler.space.answers import Person, read_boolean, read_list, read_nothing, read_person
from unfurler.space.content import JsonObject
from unfurler.space.errors import SpaceError
from unfurler.space.portions import Portion, post_in_portions
from unfurler.space.queue_items import parse_queue, parse_verdicts
from unfurler.space.server import Server
from unfurler.space.tokens import Credentials, PermanentToken, Tokens
from unfurler.space.verify import KeySet, parse_keys

Answer = TypeVar("Answer")

RIGHT = "Unfurl.App.ProvideAttachment"


class SpaceClient:
    """Typed calls for one installation. Every call may raise SpaceError; threads may share a client."""

    def __init__(self, server: Server, credentials: Credentials) -> None:
        self._server = server
        self._tokens = Tokens(server, credentials)

    @property
    def credentials(self) -> Credentials:
        """What this installation proves itself with."""
        return self._tokens.credentials

    # What the application is

    def try_credentials(self) -> None:
        """Return if Space accepts the credentials now. Raises InvalidClient or NotAuthorized where it does not."""
        if isinstance(self.credentials, PermanentToken):
            self._call(read_nothing, "GET", "applications/me", query={"$fields": "id"})
        else:
            self._tokens.renew(self.credentials, self._server.patience_ends())

    def public_keys(self) -> KeySet:
        """The keys that Space signs with for this installation; empty where none is usable."""
        return self._call(lambda reply: parse_keys(reply.body), "GET", "applications/me/public-keys")

    def request_rights(self, codes: Sequence[str] = (RIGHT,)) -> None:
        """Ask the administrators for rights in the whole organization. May be repeated."""
        self._call(
            read_nothing,
            "PATCH",
            "applications/me/authorizations/authorized-rights/request-rights",
            body={"contextIdentifier": "global", "rightCodes": list(codes)},
        )

    def check_permission(self, principal: str, code: str, *, token: SecretStr | None = None) -> bool:
        """Has `principal` this right everywhere? Asked with a user's own `token` where given."""
        body = {"principal": principal, "uniqueRightCode": code, "target": {"className": "GlobalPermissionTarget"}}
        return self._call(read_boolean, "POST", "permissions/check-permission", body=body, token=token)

    def set_domains(self, domains: Sequence[str]) -> None:
        """These are all the hosts whose links we want. May be repeated."""
        self._call(read_nothing, "PATCH", "applications/unfurls/domains", body={"domains": list(domains)})

    def set_ui_extensions(self, extensions: Sequence[JsonObject]) -> None:
        """This is all that we add to Space's pages. May be repeated."""
        body = {"contextIdentifier": "global", "extensions": list(extensions)}
        self._call(read_nothing, "PATCH", "applications/ui-extensions", body=body)

    # The queue

    def queue(self, after: int | None, batch: int) -> list[QueueItem]:
        """Queue items beyond `after`, oldest first. An author whom Space does not find for us is none."""
        query = {"batchSize": str(batch), "$fields": "*"}
        if after is not None:
            query = {"fromEtag": str(after), **query}
        path = "applications/unfurls/queue"
        waiting = self._call(lambda reply: parse_queue(read_list(reply)), "GET", path, query=query)
        found: dict[str, PersonId | None] = {}

        def find(name: str) -> PersonId | None:
            if name not in found:
                found[name] = self._find(name)
            return found[name]

        return [link.item(find) for link in waiting]

    def post_content(self, contents: Mapping[ItemId, JsonObject]) -> dict[ItemId, Verdict]:
        """Show contents; a verdict for each item that Space spoke of. May be repeated.

        All of it together takes no longer than one call may. Raises SpaceError only if nothing is known of any item.
        """
        until = self._server.patience_ends()
        return post_in_portions(contents, lambda portion: self._post(portion, until))

    def _post(self, portion: Portion, until: float) -> dict[ItemId, Verdict]:
        return self._call(
            lambda reply: parse_verdicts(read_list(reply)),
            "POST",
            "applications/unfurls/queue/content",
            query={"$fields": "className,*"},
            body={"unfurls": [{"queueItemId": item, "content": content} for item, content in portion]},
            until=until,
        )

    # Sign-in to external systems

    def request_external_auth(self, item: ItemId, message: JsonObject) -> None:
        """Ask the author of an item, and nobody else, by a message with buttons."""
        body = {"queueItemId": item, "message": message}
        self._call(read_nothing, "POST", "applications/unfurls/queue/request-external-auth", body=body)

    def reset_external_auth_requests(self, person: PersonId) -> None:
        """Take every such message to this person away."""
        body = {"userId": identifiers.profile(person)}
        self._call(read_nothing, "POST", "applications/unfurls/queue/reset-external-auth-requests", body=body)

    # People

    def send_message(self, person: PersonId, content: JsonObject) -> None:
        """A direct message (a `ChatMessage`). Not repeated where the first try may have arrived."""
        body = {"channel": identifiers.direct_channel(person), "content": content, "unfurlLinks": False}
        path, fewest = "chats/messages/send-message", {"$fields": "id"}
        self._call(read_nothing, "POST", path, query=fewest, body=body, repeat=False)

    def profile(self, identifier: str) -> Person:
        """The member with this identifier in its sent form. Raises NotFound, PermissionDenied."""
        path = "team-directory/profiles/" + quote(identifier, safe=":")
        return self._call(read_person, "GET", path, query={"$fields": "id,username"})

    def _find(self, name: str) -> PersonId | None:
        try:
            return self.profile(identifiers.username(name)).id
        except SpaceError:
            # One author who cannot be found must not hold up the queue: the link is treated as nobody's.
            return None

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
        """What `read` makes of the answer to one call, asked with `token`, or else with one of ours."""
        path = f"/api/http/{path}" + (f"?{urlencode(query)}" if query else "")
        until = self._server.patience_ends() if until is None else until

        def ask(bearer: str) -> Answer:
            return self._server.persist(
                lambda: read(self._server.exchange(method, path, f"Bearer {bearer}", until=until, body=body)),
                repeat=repeat,
                until=until,
            )

        return self._tokens.lend(ask, until) if token is None else ask(token.get_secret_value())
