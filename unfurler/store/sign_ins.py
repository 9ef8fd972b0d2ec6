"""Sign-ins under way: the one-person link that was sent, and each opening of it in a browser.

Ids that travel are kept as hashes: who reads the database cannot continue a flow.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import delete, insert, select, update

from unfurler.store.accounts import System
from unfurler.store.database import Database
from unfurler.store.models import FlowRow, SignInRow
from unfurler.store.secrets import CannotOpen, Vault, fingerprint


@dataclass(frozen=True, slots=True)
class SignIn:
    """A request to sign in that was sent to one person.

    `writes` where a button wants more than reading; `shown` while the person has it before their eyes.
    """

    organization: str
    person: str
    system: System
    writes: bool
    expires_at: float
    shown: bool = True


Login = Literal["none", "asked", "proved"]


@dataclass(frozen=True, slots=True)
class Flow:
    """One opening of a sign-in link, as far as it came.

    `gained` is what waits for the person's confirmation, as text; `login` how far it is with the chat side's own login.
    """

    sign_in: SignIn
    verifier: str = field(repr=False)
    back_url: str | None
    gained: str | None = field(repr=False)
    login: Login = "none"


_OF_A_FLOW = (
    SignInRow.organization,
    SignInRow.person,
    SignInRow.provider,
    SignInRow.site,
    SignInRow.writes,
    SignInRow.shown,
    SignInRow.expires_at,
    FlowRow.verifier_sealed,
    FlowRow.back_url,
    FlowRow.gained_sealed,
    FlowRow.login,
)


class SignIns:
    """All of them: a link has to be found before anybody knows whose it is."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    def is_open(self, organization: str, person: str, system: System, now: float) -> bool:
        """Whether the person has been asked, and may still answer."""
        with self._database.read() as connection:
            found = connection.execute(
                select(SignInRow.id_hash)
                .where(
                    SignInRow.organization == organization,
                    SignInRow.person == person,
                    SignInRow.provider == system.provider,
                    SignInRow.site == system.site,
                    SignInRow.expires_at > now,
                    SignInRow.closed.is_(False),
                    SignInRow.shown.is_(True),
                )
                .limit(1)
            ).first()
        return found is not None

    def open(self, id: str, sign_in: SignIn) -> None:
        """A link with this id was sent."""
        with self._database.write() as connection:
            connection.execute(
                insert(SignInRow).values(
                    id_hash=fingerprint(id),
                    organization=sign_in.organization,
                    person=sign_in.person,
                    provider=sign_in.system.provider,
                    site=sign_in.system.site,
                    writes=sign_in.writes,
                    shown=sign_in.shown,
                    expires_at=sign_in.expires_at,
                )
            )

    def find(self, id: str, now: float) -> SignIn | None:
        """The request of a link, while it may be answered."""
        with self._database.read() as connection:
            row = connection.execute(
                select(SignInRow).where(
                    SignInRow.id_hash == fingerprint(id), SignInRow.expires_at > now, SignInRow.closed.is_(False)
                )
            ).one_or_none()
        return None if row is None else _sign_in(row)

    def close(self, organization: str, person: str, system: System) -> None:
        """Nothing is asked of the person about this system any more, and no link to sign in there works."""
        mine = [SignInRow.organization == organization, SignInRow.person == person]
        mine += [SignInRow.provider == system.provider, SignInRow.site == system.site]
        with self._database.write() as connection:
            connection.execute(update(SignInRow).where(*mine).values(closed=True))

    def unshow(self, organization: str, person: str) -> None:
        """The chat side took every request to this person away; links that are followed just now still work."""
        mine = (SignInRow.organization == organization, SignInRow.person == person)
        with self._database.write() as connection:
            connection.execute(update(SignInRow).where(*mine).values(shown=False))

    def begin(
        self,
        state: str,
        id: str,
        *,
        browser: str,
        verifier: str,
        back_url: str | None,
        expires_at: float,
        login: Login = "none",
    ) -> None:
        """The link was opened: `state` and `browser` are the secrets of this opening."""
        with self._database.write() as connection:
            connection.execute(
                insert(FlowRow).values(
                    state_hash=fingerprint(state),
                    sign_in=fingerprint(id),
                    browser_hash=fingerprint(browser),
                    verifier_sealed=self._vault.seal(verifier),
                    back_url=back_url,
                    expires_at=expires_at,
                    login=login,
                )
            )

    def go_on(self, state: str, next_state: str, *, verifier: str, expires_at: float) -> None:
        """The login is proved: the same opening goes on to the system, with a state of its own for that."""
        with self._database.write() as connection:
            connection.execute(
                update(FlowRow)
                .where(FlowRow.state_hash == fingerprint(state), FlowRow.login == "asked")
                .values(
                    state_hash=fingerprint(next_state),
                    verifier_sealed=self._vault.seal(verifier),
                    expires_at=expires_at,
                    used=False,
                    login="proved",
                )
            )

    def take(self, state: str, browser: str, now: float, *, login: bool = False) -> Flow | None:
        """The opening with this state, once, and only in its own browser; at its `login`, or after it."""
        mine = [FlowRow.state_hash == fingerprint(state), FlowRow.browser_hash == fingerprint(browser)]
        mine.append(FlowRow.login == "asked" if login else FlowRow.login != "asked")
        with self._database.write() as connection:
            taken = connection.execute(
                update(FlowRow).where(*mine, FlowRow.used.is_(False), FlowRow.expires_at > now).values(used=True)
            )
        return self._flow(state, browser, now) if taken.rowcount == 1 else None

    def gain(self, state: str, gained: str) -> None:
        """What the system gave waits for a confirmation."""
        with self._database.write() as connection:
            connection.execute(
                update(FlowRow)
                .where(FlowRow.state_hash == fingerprint(state))
                .values(gained_sealed=self._vault.seal(gained))
            )

    def confirm(self, state: str, browser: str, now: float) -> Flow | None:
        """What waited for a confirmation, once, and only in its own browser."""
        found = self._flow(state, browser, now)
        if found is None or found.gained is None:
            return None
        with self._database.write() as connection:
            taken = connection.execute(
                update(FlowRow)
                .where(FlowRow.state_hash == fingerprint(state), FlowRow.gained_sealed.is_not(None))
                .values(gained_sealed=None)
            )
        return found if taken.rowcount == 1 else None

    def _flow(self, state: str, browser: str, now: float) -> Flow | None:
        with self._database.read() as connection:
            row = connection.execute(
                select(*_OF_A_FLOW)
                .join(SignInRow, SignInRow.id_hash == FlowRow.sign_in)
                .where(
                    FlowRow.state_hash == fingerprint(state),
                    FlowRow.browser_hash == fingerprint(browser),
                    FlowRow.expires_at > now,
                    SignInRow.closed.is_(False),
                )
            ).one_or_none()
        if row is None:
            return None
        return Flow(
            sign_in=_sign_in(row),
            verifier=self._vault.open(row.verifier_sealed),
            back_url=row.back_url,
            gained=None if row.gained_sealed is None else self._vault.open(row.gained_sealed),
            login=row.login,
        )

    def unconfirmed(self, before: float) -> list[tuple[System, str]]:
        """What systems gave in flows that expired before that and that nobody confirmed."""
        with self._database.read() as connection:
            rows = connection.execute(
                select(SignInRow.provider, SignInRow.site, FlowRow.gained_sealed)
                .join(SignInRow, SignInRow.id_hash == FlowRow.sign_in)
                .where(FlowRow.gained_sealed.is_not(None), FlowRow.expires_at < before)
            ).all()
        found = []
        for row in rows:
            # What no key opens any more cannot be given back; it still goes.
            with suppress(CannotOpen):
                found.append((System(row.provider, row.site), self._vault.open(row.gained_sealed)))
        return found

    def forget_old(self, before: float) -> int:
        """Delete what expired before that; how many links."""
        return forget_old_sign_ins(self._database, before)


def forget_old_sign_ins(database: Database, before: float) -> int:
    """Delete what expired before that; how many links."""
    with database.write() as connection:
        connection.execute(delete(FlowRow).where(FlowRow.expires_at < before))
        return connection.execute(delete(SignInRow).where(SignInRow.expires_at < before)).rowcount


def _sign_in(row: Any) -> SignIn:
    system = System(row.provider, row.site)
    return SignIn(row.organization, row.person, system, row.writes, row.expires_at, row.shown)
