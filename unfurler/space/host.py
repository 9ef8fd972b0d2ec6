"""Space as the engine sees it: `engine.ports.Host` for one organization, on top of its client."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import structlog

from unfurler.engine.ports import HostTrouble, ItemId, PersonId, Preview, QueueItem, Verdict
from unfurler.space.client import SpaceClient
from unfurler.space.content import JsonObject, render, render_message, render_text
from unfurler.space.errors import SpaceError

log = structlog.get_logger(__name__)


class SpaceHost:
    """One organization's queue, previews and direct messages.

    The client is made at the first call, so that trouble with it is trouble of that call.
    """

    def __init__(self, client: Callable[[], SpaceClient]) -> None:
        self._client = client

    def waiting(self, after: int | None, at_most: int) -> Sequence[QueueItem]:
        """Queue items beyond `after`, oldest first."""
        with _as_trouble():
            return self._client().queue(after, at_most)

    def answer(self, previews: Mapping[ItemId, Preview]) -> Mapping[ItemId, Verdict]:
        """Post previews; a verdict for each item that Space spoke of."""
        contents: dict[ItemId, JsonObject] = {}
        verdicts: dict[ItemId, Verdict] = {}
        for item, preview in previews.items():
            try:
                contents[item] = render(preview)
            except Exception:  # a card that we fail to render must not hold back the others
                log.exception("card.not-rendered")
                verdicts[item] = Verdict.REFUSED
        if contents:
            with _as_trouble():
                verdicts |= self._client().post_content(contents)
        return verdicts

    def ask_to_sign_in(self, item: ItemId, preview: Preview) -> None:
        """Ask the author of an item, and nobody else, to sign in."""
        with _as_trouble():
            self._client().request_external_auth(item, render(preview))

    def stop_asking(self, person: PersonId) -> None:
        """Take every such request to this person away."""
        with _as_trouble():
            self._client().reset_external_auth_requests(person)

    def tell(self, person: PersonId, message: str | Preview) -> None:
        """A direct message to one person."""
        content = render_text(message) if isinstance(message, str) else render_message(message)
        with _as_trouble():
            self._client().send_message(person, content)


@contextmanager
def _as_trouble() -> Iterator[None]:
    try:
        yield
    except SpaceError as error:
        refused = not error.retry and not error.blocked
        raise HostTrouble(
            error.reason, retry_after_s=error.retry_after_s, blocked=error.blocked, refused=refused
        ) from error
