"""An installation is proved before anything is kept, in the order of PROTOCOL 3.5 and 8.4."""

from __future__ import annotations

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from werkzeug.datastructures import Headers

from tests.space.signing import KEYS, TOKEN, payload, public, signed, vouches
from tests.world.space import wait_for
from unfurler.engine.ports import HostTrouble
from unfurler.engine.work import LocalWork
from unfurler.fetch import Allow, Guard, Outbound
from unfurler.limits import Limits
from unfurler.space.client import SpaceClient
from unfurler.space.clients import Clients
from unfurler.space.door import Door, KeyRing
from unfurler.space.hosts import ServerRefused, SpaceHosts
from unfurler.space.install import Installer, SetUp
from unfurler.space.payloads import parse_payload, peek
from unfurler.space.server import Server
from unfurler.space.verify import Refused
from unfurler.store.cache import LocalMemory


@pytest.fixture
def make(site):
    guard = Guard.make(Allow.parse("127.0.0.1"), own_origin="https://us.example")
    outbound = Outbound(Limits(), guard, user_agent="test")
    return lambda server_url, credentials: SpaceClient(
        Server(server_url, outbound, sleep=lambda _: None, patience_s=2), credentials
    )


@pytest.fixture
def installer(organizations, site, make):
    clients = Clients(make, organizations, {}, time.monotonic)
    keys = KeyRing(organizations, lambda one: clients.of(one).public_keys(), 60.0, time.monotonic)
    replays = LocalMemory(max_entries=100, max_bytes=10_000, clock=time.monotonic)
    door = Door(organizations, keys, {}, replays, Limits(), time.time)
    pool = ThreadPoolExecutor(2)
    works = [LocalWork(lambda id: None, pool, time.monotonic) for _ in range(2)]
    yield Installer(organizations, clients, make, keys, door, SpaceHosts.parse([site.url]), *works, time.time)
    pool.shutdown()


def init(server: str, client: str = "new", secret: str = "s-new") -> bytes:
    return payload("InitPayload", client, clientSecret=secret, serverUrl=server)


def install(installer, body: bytes, headers=None, number: int = 0) -> None:
    sent = signed(body, number=number) if headers is None else headers
    installer.install(parse_payload(peek(body)), sent.getlist, body)


def test_a_proved_installation_is_kept_with_its_keys(installer, organizations, site):
    vouches(site, 0)
    install(installer, init(site.url))
    kept = organizations.find("new")
    assert (kept.server_url, kept.secrets, json.loads(kept.keys)) == (site.url, ("s-new",), json.loads(public(0)))


def test_a_server_that_is_not_allowed_is_not_asked(installer, organizations, site):
    with pytest.raises(ServerRefused):
        install(installer, init("https://evil.example"))
    assert (site.asked, organizations.find("new")) == ([], None)


@pytest.mark.parametrize("headers", [{}, {"X-Space-Timestamp": "1"}, {"X-Space-Public-Key-Signature": "AAAA"}])
def test_what_carries_no_fresh_signature_asks_nobody(installer, organizations, site, headers):
    with pytest.raises(Refused):
        install(installer, init(site.url), Headers(headers))
    assert (site.asked, organizations.find("new")) == ([], None)


@pytest.mark.parametrize(
    ("numbers", "more", "error"),
    [
        ([1], {}, Refused),
        ([], {}, Refused),
        ([0], {"token": 401}, Refused),
        ([0], {"token": 400}, Refused),
        ([0], {"keys": 403}, Refused),
        ([0], {"token": 503}, HostTrouble),
        ([0], {"keys": 500}, HostTrouble),
    ],
)
def test_what_the_server_does_not_vouch_for_is_not_kept(installer, organizations, site, numbers, more, error):
    vouches(site, *numbers, **more)
    with pytest.raises(error):
        install(installer, init(site.url))
    assert organizations.find("new") is None


def test_wrong_credentials_get_the_same_answer_whether_the_application_is_known_or_not(installer, site):
    """`acme` belongs to another server; nobody learns so before the proof."""
    vouches(site, 0, token=401)
    for client in ("acme", "new"):
        with pytest.raises(Refused, match="credentials-refused"):
            install(installer, init(site.url, client))


def test_an_application_of_another_server_is_not_overwritten(installer, organizations, site):
    vouches(site, 0)
    before = organizations.find("acme")
    with pytest.raises(ServerRefused):
        install(installer, init(site.url, "acme"))
    assert organizations.find("acme") == before


def test_a_replayed_old_installation_brings_no_old_secret_back(installer, organizations, site):
    vouches(site, 0)
    body = init(site.url, secret="old")
    headers = signed(body)
    install(installer, body, headers)
    organizations.settle_secret("new", "newer")
    vouches(site, 0, token=401)
    with pytest.raises(Refused):
        install(installer, body, headers)
    assert organizations.find("new").secrets == ("newer",)


def test_too_many_at_once_are_asked_to_come_back(installer, site):
    vouches(site, 0, delay_s=1.5)
    threads = [threading.Thread(target=install, args=(installer, init(site.url, f"n{n}"))) for n in range(4)]
    for thread in threads:
        thread.start()
    assert wait_for(lambda: site.at_once == 4)
    with pytest.raises(HostTrouble, match="too-many-installations"):
        install(installer, init(site.url))
    for thread in threads:
        thread.join()


def change_server(installer, organizations, to: str) -> None:
    body = payload("ChangeServerUrlPayload", newServerUrl=to)
    installer.change_server(organizations.find("acme"), parse_payload(peek(body)))


def test_an_organization_moves_where_its_credentials_are_accepted(installer, organizations, site):
    vouches(site, 1)
    change_server(installer, organizations, site.url)
    moved = organizations.find("acme")
    assert (moved.server_url, json.loads(moved.keys)) == (site.url, json.loads(public(1)))


@pytest.mark.parametrize(("more", "error"), [({"token": 401}, ServerRefused), ({"token": 503}, HostTrouble)])
def test_an_organization_stays_where_it_is_otherwise(installer, organizations, site, more, error):
    vouches(site, 1, **more)
    before = organizations.find("acme")
    with pytest.raises(error):
        change_server(installer, organizations, site.url)
    assert organizations.find("acme") == before


def test_either_secret_may_prove_a_move(installer, organizations, site):
    organizations.offer_secret("acme", "s2")
    vouches(site, 1)
    change_server(installer, organizations, site.url)
    assert sum(asked.path == TOKEN for asked in site.asked) == 1


def test_after_leaving_nothing_is_left(installer, organizations, site):
    installer.uninstall(organizations.find("acme"))
    assert (organizations.find("acme"), installer.clients._made) == (None, {})


@pytest.mark.parametrize("status", [400, 403, 404, 500])
def test_a_refused_step_blocks_no_other_and_is_remembered(organizations, site, make, status):
    vouches(site, 0)
    site.answers("*", method="PATCH", status=200)
    site.answers("/api/http/applications/unfurls/domains", method="PATCH", status=status)
    site.answers("/api/http/permissions/check-permission", method="POST", json_body=True)
    organizations.move("acme", site.url, None)
    clients = Clients(make, organizations, {}, time.monotonic)
    again_s = SetUp(organizations, clients, ["a.example"], "/home", False, time.time, lambda id: None).run("acme")
    undone = {step: why for step, why in organizations.find("acme").setup.items() if why}
    assert (list(undone), again_s) == (["domains"], 30.0)
    assert {asked.path.rpartition("/")[2] for asked in site.asked if asked.method == "PATCH"} >= {
        "request-rights",
        "ui-extensions",
    }


def test_the_keys_are_asked_for_with_the_token_of_the_payloads_own_credentials(installer, site):
    vouches(site, 0)
    install(installer, init(site.url))
    asked = [request for request in site.asked if request.path in (TOKEN, KEYS)]
    assert [request.path for request in asked] == [TOKEN, KEYS]
    assert asked[1].headers["authorization"] == "Bearer t"
