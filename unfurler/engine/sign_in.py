"""An account arrives: from a link that one person got, through the system's own page, to a confirmation here.

A flow completes only in the browser that opened the link, and only after the person saw on our page which
organization, which person and which external account are to be linked. Nothing is linked before that. Where the chat
side has a login of its own, it comes first, and must prove the very person whom the link was made for.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import structlog
from pydantic import SecretStr

from unfurler.engine.cards import Viewer
from unfurler.engine.systems import Entrance, Systems
from unfurler.engine.tokens import TokenKeeper, kept
from unfurler.fetch.oauth import OAuthClient
from unfurler.sdk.api import Api
from unfurler.sdk.errors import AccessDenied, UnfurlError
from unfurler.store.accounts import Account, Accounts, System, Tokens
from unfurler.store.sign_ins import Flow, SignIn, SignIns

log = structlog.get_logger(__name__)

LINK_S = 3_600.0
FLOW_S = 600.0
_NOT_THIS_ONE = "This sign-in is too old, was used, or was begun in another browser."


class NoSuchSignIn(UnfurlError):
    """The link, or its continuation, is unknown, used, too old, or belongs to another browser."""

    reason = "no-such-sign-in"


class AnotherPerson(UnfurlError):
    """Who followed the link is not the one whom it was made for."""

    reason = "another-person"


class Login(Protocol):
    """The chat side's own login. Raises UpstreamDown where it does not answer now."""

    def offered(self, organization: str) -> bool:
        """Whether people of this organization can prove by it who they are."""
        ...

    def url(self, organization: str, state: str, verifier: str) -> str:
        """Where the browser goes to log in."""
        ...

    def person(self, organization: str, code: str, verifier: str) -> str:
        """Whose login a code is from. Raises AccessDenied for a code that is not accepted."""
        ...


@dataclass(frozen=True, slots=True)
class Opened:
    """A link was opened: where the browser goes next, None where a page of ours asks for a token."""

    state: str
    entrance: Entrance
    sign_in: SignIn
    go_to: str | None


@dataclass(frozen=True, slots=True)
class Gained:
    """What is to be confirmed: whose account in which system would belong to which person."""

    flow: Flow
    entrance: Entrance
    identity: str
    name: str


ApiFor = Callable[[Entrance, Viewer], Api]


@dataclass(frozen=True, slots=True)
class Entry:
    """Sign-in, from the link to the account."""

    sign_ins: SignIns
    systems: Systems
    accounts: Callable[[str], Accounts]
    keeper: TokenKeeper
    api_for: ApiFor
    login: Login
    clock: Callable[[], float]

    def invite(self, organization: str, person: str, system: System, *, writes: bool, shown: bool = True) -> str:
        """The id of a link for this one person, to be sent to nobody else; `shown` where the chat shows it to them."""
        id = secrets.token_urlsafe(32)
        expires_at = self.clock() + LINK_S
        self.sign_ins.open(id, SignIn(organization, person, system, writes, expires_at, shown))
        return id

    def open(self, provider: str, id: str, browser: str, back_url: str | None) -> Opened:
        """Each opening has a state of its own, so that reloads do no harm. Raises NoSuchSignIn, UpstreamDown."""
        now = self.clock()
        sign_in = self.sign_ins.find(id, now)
        entrance = None if sign_in is None else self.systems.find(sign_in.system)
        if sign_in is None or entrance is None or entrance.provider.name != provider:
            raise NoSuchSignIn(
                "This link to sign in is too old, or was used. Ask for a new one with a click on a card."
            )
        state, verifier = _secrets()
        proves = self.login.offered(sign_in.organization)
        self.sign_ins.begin(
            state,
            id,
            browser=browser,
            verifier=verifier,
            back_url=back_url,
            expires_at=now + FLOW_S,
            login="asked" if proves else "none",
        )
        if proves:
            return Opened(state, entrance, sign_in, self.login.url(sign_in.organization, state, verifier))
        return _onward(state, verifier, sign_in, entrance)

    def login_came_back(self, state: str, browser: str) -> Flow:
        """The chat side's login sent the browser back: the flow that it belongs to. Raises NoSuchSignIn."""
        flow = self.sign_ins.take(state, browser, self.clock(), login=True)
        if flow is None:
            raise NoSuchSignIn(_NOT_THIS_ONE)
        return flow

    def prove(self, flow: Flow, state: str, code: str) -> Opened:
        """On to the system, if the code is the login of the person whom the link was made for.

        Raises AnotherPerson, AccessDenied, UpstreamDown, NoSuchSignIn.
        """
        sign_in = flow.sign_in
        entrance = self.systems.find(sign_in.system)
        if entrance is None:
            raise NoSuchSignIn("Nobody can sign in there any more.")
        if self.login.person(sign_in.organization, code, flow.verifier) != sign_in.person:
            log.warning("sign-in.another-person", organization=sign_in.organization)
            raise AnotherPerson("This link to sign in was made for somebody else than you are in Space.")
        onward, verifier = _secrets()
        self.sign_ins.go_on(state, onward, verifier=verifier, expires_at=self.clock() + FLOW_S)
        return _onward(onward, verifier, sign_in, entrance)

    def came_back(
        self,
        provider: str,
        state: str,
        code: str,
        browser: str,
        *,
        issuer: str | None = None,
        referrer: str | None = None,
    ) -> Gained:
        """The system sent the browser back with a code. Raises NoSuchSignIn, AccessDenied, and upstream errors.

        `issuer` is how the answer names the system it is from, `referrer` the page that the browser comes from.
        """
        flow, entrance = self._take(provider, state, browser)
        if entrance.oauth is None:
            raise NoSuchSignIn("This sign-in takes no code.")
        if self._is_of_another(entrance, entrance.oauth, issuer, referrer):
            # The code is another system's: it is not to be shown to this one.
            raise NoSuchSignIn("The answer comes from another system than the one that was asked.")
        asked = entrance.oauth.scopes(writes=flow.sign_in.writes)
        return self._gain(
            state, flow, entrance, kept(entrance.oauth.exchange(code, flow.verifier), self.clock(), asked)
        )

    def token_entered(self, provider: str, state: str, token: str, browser: str) -> Gained:
        """A person entered a token that they made in the system. Raises NoSuchSignIn, AccessDenied."""
        flow, entrance = self._take(provider, state, browser)
        if entrance.oauth is not None or not token or not (token.isascii() and token.isprintable()):
            raise NoSuchSignIn("This is no token.")
        return self._gain(state, flow, entrance, Tokens(token))

    def refused(self, provider: str, state: str, browser: str) -> Flow:
        """The system sent the browser back with an error: the flow ends. Raises NoSuchSignIn."""
        return self._take(provider, state, browser)[0]

    def confirm(self, state: str, browser: str) -> tuple[Flow, Account]:
        """The person confirmed: the account is linked, in place of an earlier one. Raises NoSuchSignIn."""
        flow = self.sign_ins.confirm(state, browser, self.clock())
        if flow is None or flow.gained is None:
            raise NoSuchSignIn("There is nothing to confirm any more. Begin again with a click on a card.")
        gained = json.loads(flow.gained)
        sign_in = flow.sign_in
        account = Account(
            id=secrets.token_urlsafe(16),
            person=sign_in.person,
            system=sign_in.system,
            identity=gained["identity"],
            name=gained["name"],
            tokens=_tokens(gained),
            signed_in_at=self.clock(),
        )
        accounts = self.accounts(sign_in.organization)
        earlier = accounts.find(sign_in.person, sign_in.system)
        accounts.keep(account)
        self.sign_ins.close(sign_in.organization, sign_in.person, sign_in.system)
        if earlier is not None and earlier.tokens.access != account.tokens.access:
            self.keeper.revoke(earlier.system, earlier.tokens)
        log.info("account.signed-in", provider=sign_in.system.provider)
        return flow, account

    def sign_out(self, organization: str, person: str, id: str) -> bool:
        """End one account of this person; whether there was one."""
        accounts = self.accounts(organization)
        account = accounts.by_id(id)
        if account is None or account.person != person:
            return False
        accounts.erase(id)
        self.keeper.revoke(account.system, account.tokens)
        log.info("account.signed-out", provider=account.system.provider, by="person")
        return True

    def _is_of_another(self, entrance: Entrance, oauth: OAuthClient, issuer: str | None, referrer: str | None) -> bool:
        """Whether an answer is another instance's (mix-up, RFC 9700 4.4): all of a provider have one redirect address.

        Where it does not name its issuer, the page on which the person agreed tells: it is not one of another instance.
        """
        if issuer is not None:
            return not oauth.may_be_from(issuer)
        if referrer is None or oauth.may_be_from(referrer):
            return False
        others = (one for one in self.systems.all() if one.provider.name == entrance.provider.name)
        return any(one.oauth is not None and one.oauth.may_be_from(referrer) for one in others)

    def _take(self, provider: str, state: str, browser: str) -> tuple[Flow, Entrance]:
        flow = self.sign_ins.take(state, browser, self.clock())
        entrance = None if flow is None else self.systems.find(flow.sign_in.system)
        if flow is None or entrance is None or entrance.provider.name != provider:
            raise NoSuchSignIn(_NOT_THIS_ONE)
        return flow, entrance

    def _gain(self, state: str, flow: Flow, entrance: Entrance, tokens: Tokens) -> Gained:
        """Ask whose account the token is; what comes of it waits for the confirmation."""
        assert entrance.provider.who is not None
        viewer = Viewer(f"sign-in/{secrets.token_urlsafe(8)}", SecretStr(tokens.access))
        try:
            found = entrance.provider.who(self.api_for(entrance, viewer))
        except UnfurlError as error:
            self.keeper.revoke(entrance.system, tokens)
            if isinstance(error, AccessDenied):
                raise AccessDenied(f"{entrance.title} does not accept this.") from None
            raise
        identity, name = found.id[:128], found.name[:128]
        self.sign_ins.gain(state, json.dumps({"identity": identity, "name": name, "tokens": asdict(tokens)}))
        return Gained(flow, entrance, identity, name)

    def decline(self, state: str, browser: str) -> None:
        """The person does not want it: what the system gave is given back. Raises NoSuchSignIn."""
        flow = self.sign_ins.confirm(state, browser, self.clock())
        if flow is None or flow.gained is None:
            raise NoSuchSignIn("There is nothing to decline any more.")
        self.keeper.revoke(flow.sign_in.system, _tokens(json.loads(flow.gained)))

    def forget_old(self, before: float) -> None:
        """Flows that ended before that go; what they gained and nobody confirmed is given back."""
        for system, gained in self.sign_ins.unconfirmed(before):
            self.keeper.revoke(system, _tokens(json.loads(gained)))
        self.sign_ins.forget_old(before)


def _secrets() -> tuple[str, str]:
    """A state and a verifier, for one step of one opening."""
    return secrets.token_urlsafe(32), secrets.token_urlsafe(48)


def _onward(state: str, verifier: str, sign_in: SignIn, entrance: Entrance) -> Opened:
    """To the system, or to our page that asks for a token."""
    if entrance.oauth is None:
        return Opened(state, entrance, sign_in, None)
    return Opened(state, entrance, sign_in, entrance.oauth.authorization_url(state, verifier, writes=sign_in.writes))


def _tokens(gained: Mapping[str, Any]) -> Tokens:
    said = gained["tokens"]
    return Tokens(**{**said, "scopes": tuple(said["scopes"])})
