"""Tokens of accounts: renewed by one at a time, ended when they are refused, given back when nobody needs them."""

from __future__ import annotations

import shutil
import threading
import time

import pytest
from cryptography.fernet import Fernet

from tests.engine.conftest import NoLogin
from unfurler.engine.sign_in import FLOW_S, LINK_S, Entry, NoSuchSignIn
from unfurler.engine.systems import Entrance, Systems
from unfurler.engine.tokens import SignedOut, TokenKeeper
from unfurler.fetch.oauth import Token
from unfurler.sdk.api import Api
from unfurler.sdk.errors import AccessDenied, UpstreamDown, UpstreamOdd
from unfurler.sdk.provider import Provider, Sites
from unfurler.sdk.sign_in import Identity, OAuth2
from unfurler.store.accounts import Account, Accounts, System, Tokens
from unfurler.store.database import Database
from unfurler.store.organizations import Organizations
from unfurler.store.secrets import Vault
from unfurler.store.sign_ins import SignIns

PLACE = System("tracker", "https://tracker.example")


class Application:
    """Our application at the system, as far as a test says."""

    def __init__(self) -> None:
        self.renewals: list[str] = []
        self.revoked: list[str] = []
        self.trouble: Exception | None = None
        self.before = lambda: None
        self.life_s: float | None = 3_600.0

    def authorization_url(self, state, verifier, *, writes):
        return f"https://tracker.example/authorize?state={state}"

    def may_be_from(self, issuer):
        return issuer == PLACE.site

    def scopes(self, *, writes):
        return ("read", "write") if writes else ("read",)

    def exchange(self, code, verifier):
        return Token(f"access-{code}", f"refresh-{code}", self.life_s, ())

    def renew(self, refresh):
        self.before()
        self.renewals.append(refresh)
        if self.trouble is not None:
            raise self.trouble
        return Token(f"access-{len(self.renewals)}", f"refresh-{len(self.renewals)}", self.life_s, ())

    def revoke(self, token):
        self.revoked.append(token)


class World:
    """Accounts of one organization in a real database, with a clock."""

    def __init__(self, path) -> None:
        self.now = 1_000.0
        self.database = Database(f"sqlite:///{path}")
        self.vault = Vault([Fernet.generate_key().decode()])
        Organizations(self.database, self.vault).install(
            "acme", "https://acme.example", secret="s", keys=None, by=None, now=0.0
        )
        self.application = Application()
        self.provider = Provider(
            "tracker", title="Tracker", sites=Sites("tracker.example"), sign_in=OAuth2("/a", "/t", ["read"], ["write"])
        )
        self.who: list[object] = [Identity("7", "ann")]
        self.provider.account(self.ask)
        entrance = Entrance(self.provider, self.provider.sites.public, self.application)
        systems = Systems([entrance])
        self.accounts = Accounts(self.database, self.vault, "acme")
        self.keeper = TokenKeeper(systems, self.clock, lambda seconds: time.sleep(0.01))
        self.sign_ins = SignIns(self.database, self.vault)
        self.entry = Entry(
            self.sign_ins,
            systems,
            lambda id: self.accounts,
            self.keeper,
            lambda entrance, viewer: None,
            NoLogin(),
            self.clock,
        )

    def clock(self) -> float:
        return self.now

    def ask(self, api: Api) -> Identity:
        said = self.who[0]
        if isinstance(said, Exception):
            raise said
        return said

    def keep(self, **tokens) -> Account:
        made = Tokens(**{"access": "access-0", "refresh": "refresh-0", "expires_at": 1_010.0, **tokens})
        account = Account("a1", "ann", PLACE, "7", "ann", made, 0.0)
        self.accounts.keep(account)
        return account

    def token(self, account: Account) -> str:
        return self.keeper.token(self.accounts, account).get_secret_value()

    def open(self, **more) -> tuple[str, str]:
        """A link that was opened: its id and its state."""
        id = self.entry.invite("acme", "ann", PLACE, writes=False)
        return id, self.entry.open("tracker", id, "browser", None).state


@pytest.fixture
def world(tmp_path, migrated):
    shutil.copy(migrated, tmp_path / "tokens.db")
    made = World(tmp_path / "tokens.db")
    yield made
    made.database.close()


# Renewing


def test_a_token_is_renewed_before_it_runs_out(world):
    account = world.keep(expires_at=2_000.0)
    assert world.token(account) == "access-0"
    world.now = 1_941.0
    assert world.token(account) == "access-1"
    assert world.accounts.by_id("a1").tokens == Tokens("access-1", "refresh-1", 1_941.0 + 3_600, ())
    assert world.token(world.accounts.by_id("a1")) == "access-1"
    assert world.application.renewals == ["refresh-0"]


@pytest.mark.parametrize("threads", [2, 8])
def test_one_renews_for_all(world, threads):
    account, ready = world.keep(), threading.Barrier(threads)
    world.application.before = lambda: time.sleep(0.1)
    got: list[str] = []

    def use() -> None:
        ready.wait()
        got.append(world.token(account))

    running = [threading.Thread(target=use) for _ in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    assert got == ["access-1"] * threads
    assert world.application.renewals == ["refresh-0"]


def test_who_comes_late_with_old_tokens_does_not_send_the_used_one_again(world):
    """With rotation that would end the account."""
    old = world.keep()
    assert world.token(old) == "access-1"
    assert world.token(old) == "access-1"
    assert world.application.renewals == ["refresh-0"]


def test_a_refused_renewal_signs_out(world):
    account = world.keep()
    world.application.trouble = AccessDenied("no")
    with pytest.raises(SignedOut):
        world.token(account)
    assert world.accounts.all() == []


@pytest.mark.parametrize("trouble", [UpstreamDown("down"), UpstreamOdd("our application is not accepted")])
def test_trouble_that_says_nothing_of_the_account_does_not(world, trouble):
    account = world.keep()
    world.application.trouble = trouble
    assert world.token(account) == "access-0"
    world.now = 1_011.0
    with pytest.raises(type(trouble)):
        world.token(account)
    world.application.trouble = None
    assert world.token(account).startswith("access-")
    assert [account.id for account in world.accounts.all()] == ["a1"]


def test_signing_out_while_it_is_renewed_leaves_nothing(world):
    account = world.keep()
    world.application.before = lambda: world.accounts.erase("a1")
    with pytest.raises(SignedOut):
        world.token(account)
    assert world.application.revoked == ["refresh-1", "access-1"]


def test_a_refused_token_is_renewed_once(world):
    account = world.keep(expires_at=9_000.0)
    used = world.keeper.token(world.accounts, account)
    assert world.keeper.instead_of(used, world.accounts, account).get_secret_value() == "access-1"
    # Somebody else with the old one gets the new one, and nothing is renewed for it.
    assert world.keeper.instead_of(used, world.accounts, account).get_secret_value() == "access-1"
    assert world.application.renewals == ["refresh-0"]


def test_a_refused_token_without_another_ends_the_account(world):
    account = world.keep(refresh=None, expires_at=None)
    with pytest.raises(SignedOut):
        world.keeper.instead_of(world.keeper.token(world.accounts, account), world.accounts, account)
    assert world.accounts.all() == []


# The life of links and flows


def test_a_link_lives_for_an_hour(world):
    id = world.entry.invite("acme", "ann", PLACE, writes=False)
    world.now += LINK_S - 1
    assert world.sign_ins.is_open("acme", "ann", PLACE, world.now)
    world.entry.open("tracker", id, "browser", None)
    world.now += 1
    assert not world.sign_ins.is_open("acme", "ann", PLACE, world.now)
    with pytest.raises(NoSuchSignIn):
        world.entry.open("tracker", id, "browser", None)


@pytest.mark.parametrize("step", ["callback", "confirm"])
def test_a_flow_lives_for_ten_minutes(world, step):
    _, state = world.open()
    if step == "confirm":
        world.entry.came_back("tracker", state, "c", "browser")
    world.now += FLOW_S
    with pytest.raises(NoSuchSignIn):
        if step == "callback":
            world.entry.came_back("tracker", state, "c", "browser")
        else:
            world.entry.confirm(state, "browser")
    assert world.accounts.all() == []


@pytest.mark.parametrize(
    ("provider", "browser", "issuer"),
    [("other", "browser", None), ("tracker", "another", None), ("tracker", "browser", "https://evil.example")],
)
def test_what_does_not_belong_to_the_flow_is_refused(world, provider, browser, issuer):
    _, state = world.open()
    with pytest.raises(NoSuchSignIn):
        world.entry.came_back(provider, state, "c", browser, issuer=issuer)


def test_what_travels_is_not_in_the_database(world, tmp_path):
    id, state = world.open()
    world.entry.came_back("tracker", state, "CANARYCODE", "browser")
    world.entry.confirm(state, "browser")
    world.database.close()
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("tokens.db*"))
    for secret in (id, state, "access-CANARYCODE", "refresh-CANARYCODE"):
        assert secret.encode() not in kept


# Given back


def test_an_earlier_account_is_given_back_after_the_new_one_works(world):
    world.keep()
    _, state = world.open()
    world.entry.came_back("tracker", state, "c", "browser")
    assert world.application.revoked == []
    world.entry.confirm(state, "browser")
    assert world.application.revoked == ["refresh-0", "access-0"]
    (account,) = world.accounts.all()
    assert account.tokens.access == "access-c"


def test_a_token_that_is_given_again_is_not_taken_away(world):
    world.keep(access="access-c")
    _, state = world.open()
    world.entry.came_back("tracker", state, "c", "browser")
    world.entry.confirm(state, "browser")
    assert world.application.revoked == []


def test_a_token_of_nobody_is_given_back(world):
    world.keep()
    world.who[0] = AccessDenied("no")
    _, state = world.open()
    with pytest.raises(AccessDenied, match="Tracker does not accept this"):
        world.entry.came_back("tracker", state, "c", "browser")
    assert world.application.revoked == ["refresh-c", "access-c"]
    assert world.accounts.all()[0].tokens.access == "access-0"


def test_what_nobody_confirms_is_given_back_and_forgotten(world):
    _, state = world.open()
    world.entry.came_back("tracker", state, "c", "browser")
    world.entry.forget_old(world.now)
    assert world.application.revoked == []
    world.now += LINK_S + 1
    world.entry.forget_old(world.now)
    world.entry.forget_old(world.now)
    assert world.application.revoked == ["refresh-c", "access-c"]
    with world.database.read() as connection:
        assert connection.exec_driver_sql("select count(*) from flows").scalar_one() == 0
        assert connection.exec_driver_sql("select count(*) from sign_ins").scalar_one() == 0


def test_declining_gives_back(world):
    _, state = world.open()
    world.entry.came_back("tracker", state, "c", "browser")
    with pytest.raises(NoSuchSignIn):
        world.entry.decline(state, "another")
    world.entry.decline(state, "browser")
    assert world.application.revoked == ["refresh-c", "access-c"]
    with pytest.raises(NoSuchSignIn):
        world.entry.confirm(state, "browser")
