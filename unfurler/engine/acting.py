"""Doing what a button says, in the other system, as the one who pressed it: once, and recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from unfurler.engine.cards import Viewer
from unfurler.engine.hands import SILENT
from unfurler.engine.ports import PersonId, Press
from unfurler.engine.registry import Match
from unfurler.engine.replies import Done, Replies
from unfurler.engine.resolve import Apis
from unfurler.engine.tokens import SignedOut
from unfurler.sdk.api import Api, Click
from unfurler.sdk.errors import AccessDenied, NotFound, UnfurlError
from unfurler.sdk.provider import Action
from unfurler.store.accounts import Account
from unfurler.store.records import Record
from unfurler.store.secrets import fingerprint

log = structlog.get_logger(__name__)

_SILENT = (
    "{} did not come back in time. It may have happened, or not: look at it, or press Refresh, before you press again."
)


@dataclass(slots=True)
class _Attempt:
    """One try of an action: the id of its record, the account it is done with, and every way it had to do something."""

    click: str
    account: Account | None = None
    apis: tuple[Api, ...] = ()

    @property
    def did_nothing(self) -> bool:
        """Certainly: whatever was sent was refused."""
        return not any(api.changed for api in self.apis)


@dataclass(frozen=True, slots=True)
class Acting:
    """Acts for one organization's people."""

    replies: Replies
    apis: Apis

    def act(
        self, press: Press, record: Record, match: Match, action: Action, *, text: str | None = None
    ) -> tuple[str, str]:
        """Claim the click, act as the one who pressed, show what came of it; outcome and sentence."""
        replies, now = self.replies, self.replies.clock()
        attempt = _Attempt(press.id or replies.new_id())
        # What was written on a page is sent once by itself.
        same_for_s = 0.0 if text is not None else replies.limits.same_click_s
        claimed = replies.clicks.claim(
            attempt.click, record.id, press.person, action.id, now=now, same_for_s=same_for_s
        )
        if not claimed:
            return "repeated", ""
        try:
            said = self._do(attempt, press.person, match, action, text)
        except UnfurlError as error:
            if error.reason == SILENT:
                error = UnfurlError(_SILENT.format(match.provider.title), reason=SILENT)
            return self._failed(attempt, press, record, match, error)
        except Exception:
            log.exception("action.failed", provider=match.provider.name, action=action.id)
            sentence = f"{match.provider.title} could not do that: the provider failed."
            return self._failed(attempt, press, record, match, UnfurlError(sentence, reason="provider-failed"))
        replies.members.eyes.forget(match, attempt.account)
        done = Done(said, attempt.account, match.provider.actions.get(action.undo) if action.undo else None)
        self._ended(attempt, "done", said, record.state, None)
        replies.show(press, record, match, done=done)
        found = replies.items.find(record.id)
        self._ended(attempt, "done", said, record.state, None if found is None else found.state)
        return "done", said

    def _do(self, attempt: _Attempt, person: PersonId, match: Match, action: Action, text: str | None) -> str:
        """Call the provider's function; what it says. Raises whatever that raises."""
        who = Click(self._opaque(person), datetime.fromtimestamp(self.replies.clock(), UTC))
        arguments = (match.arguments_of(action) or {}) | ({} if text is None else {"text": text})

        def call(viewer: Viewer) -> str:
            api = self.apis(match, viewer)
            attempt.apis = (*attempt.apis, api)
            done = self.replies.ask(match, lambda: action.function(who, api, **arguments))
            return str(done or "Done.")

        attempt.account = self._account_of(person, match)
        if attempt.account is None:
            return call(Viewer(self._opaque(person)))
        return self.replies.members.eyes.with_account(attempt.account, call)

    def _account_of(self, person: PersonId, match: Match) -> Account | None:
        """The account of the one who pressed, None where nobody has one; never anybody else's. Raises SignedOut."""
        entrance = self.replies.members.systems.of(match)
        if match.provider.sign_in is None or entrance is None:
            return None
        account = self.replies.members.accounts.find(person, entrance.system)
        if account is None:
            raise SignedOut("Sign in first.")
        return account

    def _failed(
        self, attempt: _Attempt, press: Press, record: Record, match: Match, error: UnfurlError
    ) -> tuple[str, str]:
        """Tell the person, and only them, in a sentence; ask for another sign-in where theirs is not accepted."""
        replies, sentence = self.replies, str(error)
        if attempt.did_nothing and error.reason != SILENT:
            replies.clicks.allow_again(attempt.click, replies.clock() + replies.limits.same_failed_click_s)
        entrance = replies.members.systems.of(match)
        if isinstance(error, SignedOut) and entrance is not None:
            replies.invite(press.person, record, match, entrance, again=attempt.account is not None)
        else:
            if isinstance(error, AccessDenied | NotFound):
                sentence = f"{match.provider.title} does not let this account do that."
            replies.tell(press.person, sentence)
        self._ended(attempt, error.reason, sentence, record.state, None)
        return error.reason, sentence

    def _opaque(self, person: str) -> str:
        return fingerprint(self.replies.organization, person)[:32]

    def _ended(self, attempt: _Attempt, outcome: str, sentence: str, before: str | None, after: str | None) -> None:
        # No database takes a NUL or half a character.
        kept = sentence[:500].replace("\0", "").encode("utf-8", "replace").decode()
        account, replies = attempt.account, self.replies
        who = None if account is None else f"{account.system.provider}:{account.name}"[:192]
        replies.clicks.end(attempt.click, outcome[:32], kept, replies.clock(), account=who, before=before, after=after)
