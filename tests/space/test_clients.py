"""The client of an organization, with the secret that works."""

from __future__ import annotations

import json

import pytest
from pydantic import SecretStr

from tests.space.signing import TOKEN, vouches
from unfurler.engine.ports import HostTrouble, ItemId, Preview, RecordId, Verdict
from unfurler.fetch import Allow, Guard, Outbound
from unfurler.limits import Limits
from unfurler.sdk.card import Card
from unfurler.sdk.link import Link
from unfurler.space.client import SpaceClient
from unfurler.space.clients import Clients
from unfurler.space.errors import InvalidClient, SpaceError
from unfurler.space.host import SpaceHost
from unfurler.space.server import Server
from unfurler.space.tokens import PermanentToken


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def made():
    return []


@pytest.fixture
def clients(site, made, organizations):
    guard = Guard.make(Allow.parse("127.0.0.1"), own_origin="https://us.example")
    outbound = Outbound(Limits(), guard, user_agent="test")

    def make(server_url, credentials):
        made.append(credentials)
        return SpaceClient(Server(site.url, outbound, sleep=lambda _: None), credentials)

    return Clients(make, organizations, {}, Clock())


def secret(client) -> str:
    return client.credentials.secret.get_secret_value()


def test_it_is_made_once(clients, organizations, made):
    first = clients.of(organizations.find("acme"))
    assert clients.of(organizations.find("acme")) is first
    assert len(made) == 1


def test_a_new_address_or_secret_makes_a_new_one(clients, organizations):
    first = clients.of(organizations.find("acme"))
    organizations.move("acme", "https://other.example", None)
    assert clients.of(organizations.find("acme")) is not first


def test_a_new_secret_that_works_takes_over_for_good(clients, organizations, site):
    vouches(site, 0)
    organizations.offer_secret("acme", "s2")
    assert secret(clients.of(organizations.find("acme"))) == "s2"
    assert organizations.find("acme").secrets == ("s2",)


@pytest.mark.parametrize(
    ("status", "error"), [(401, "invalid_client"), (400, "invalid_client"), (400, "invalid_request"), (403, "x")]
)
def test_a_new_secret_that_is_refused_in_any_way_leaves_the_old_one_in_use(clients, organizations, site, status, error):
    site.answers(TOKEN, method="POST", json_body={"error": error}, status=status)
    organizations.offer_secret("acme", "s2")
    assert secret(clients.of(organizations.find("acme"))) == "s1"
    assert organizations.find("acme").secrets == ("s2", "s1")


def test_a_refused_secret_is_tried_again_after_a_minute(clients, organizations, site):
    vouches(site, 0, token=401)
    organizations.offer_secret("acme", "s2")
    clients.of(organizations.find("acme"))
    vouches(site, 0)
    assert secret(clients.of(organizations.find("acme"))) == "s1"
    clients._monotonic.now += 61
    assert secret(clients.of(organizations.find("acme"))) == "s2"


def test_while_space_is_away_nothing_is_decided(clients, organizations, site):
    vouches(site, 0, token=503)
    organizations.offer_secret("acme", "s2")
    with pytest.raises(SpaceError):
        clients.of(organizations.find("acme"))
    assert organizations.find("acme").secrets == ("s2", "s1")


def test_an_organization_without_credentials_is_trouble_and_no_crash(clients, organizations):
    organizations.install("by-hand", "https://h.example", secret=None, keys=None, by=None, now=1.0)
    with pytest.raises(InvalidClient):
        clients.of(organizations.find("by-hand"))
    host = SpaceHost(lambda: clients.of(organizations.find("by-hand")))
    with pytest.raises(HostTrouble) as trouble:
        host.waiting(None, 10)
    assert trouble.value.blocked


def test_what_configuration_says_of_an_organization_goes_first(organizations, made):
    token = PermanentToken(SecretStr("t"))
    clients = Clients(lambda url, credentials: made.append(credentials), organizations, {"acme": token}, Clock())
    clients.of(organizations.find("acme"))
    assert made == [token]


def test_nothing_is_kept_of_an_organization_that_left(clients, organizations):
    clients.of(organizations.find("acme"))
    clients.forget("acme")
    assert clients._made == {}


def test_a_card_that_cannot_be_rendered_holds_back_no_other(clients, organizations, site):
    vouches(site, 0)
    said = [{"className": "PostUnfurlContentResult.Success", "queueItemId": "good"}]
    site.answers(
        "/api/http/applications/unfurls/queue/content?%24fields=className%2C%2A", method="POST", json_body=said
    )
    host = SpaceHost(lambda: clients.of(organizations.find("acme")))
    link = Link.parse("https://tracker.example/a")
    cards = {"bad": Card(title=None), "good": Card(title="x")}
    previews = {ItemId(item): Preview(card, "compact", link, RecordId("r")) for item, card in cards.items()}
    assert host.answer(previews) == {"bad": Verdict.REFUSED, "good": Verdict.SHOWN}
    (posted,) = [json.loads(asked.body) for asked in site.asked if "content" in asked.path]
    assert [unfurl["queueItemId"] for unfurl in posted["unfurls"]] == ["good"]
