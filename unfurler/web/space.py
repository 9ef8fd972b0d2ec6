"""Builds what speaks with Space, and what proves who speaks to us."""

from __future__ import annotations

import time
from dataclasses import dataclass

from unfurler.config import Settings
from unfurler.fetch import Outbound
from unfurler.limits import Limits
from unfurler.space.client import SpaceClient
from unfurler.space.clients import Clients, MakeClient
from unfurler.space.door import Door, KeyRing
from unfurler.space.login import SpaceLogin
from unfurler.space.people import Reception
from unfurler.space.server import Server
from unfurler.space.tokens import ClientCredentials, Credentials, PermanentToken
from unfurler.store.organizations import Organizations
from unfurler.web.reach import SPACE, Behind
from unfurler.web.sharing import Sharing

# Proving an installation takes two calls, which share the time a person waits.
_OF_TWO_CALLS = 0.45


@dataclass(frozen=True, slots=True)
class Space:
    """Both directions; `probe` makes clients for servers that are not proved yet."""

    clients: Clients
    probe: MakeClient
    keys: KeyRing
    door: Door
    reception: Reception
    login: SpaceLogin


def build_space(
    settings: Settings, limits: Limits, outbound: Outbound, organizations: Organizations, sharing: Sharing
) -> Space:
    """Everything about Space."""
    way = Behind(outbound, outbound.guard.also(settings.space_servers.named_in_full), SPACE)
    clients = _clients(settings, _make_client(way, limits, patience_s=limits.posting_s), organizations)
    probe = _make_client(way, limits, patience_s=limits.init_s * _OF_TWO_CALLS)
    keys = KeyRing(organizations, lambda one: clients.of(one).public_keys(), limits.key_refetch_s, time.monotonic)
    reception = Reception(organizations, clients, sharing.small_memory(), time.time)
    return Space(
        clients=clients,
        probe=probe,
        keys=keys,
        door=_door(settings, organizations, keys, sharing),
        reception=reception,
        login=SpaceLogin(organizations, clients, reception, way, settings.base_url, sharing.small_memory()),
    )


def _make_client(way: Behind, limits: Limits, patience_s: float) -> MakeClient:
    def make(server_url: str, credentials: Credentials) -> SpaceClient:
        return SpaceClient(Server(server_url, way, limits=limits, patience_s=patience_s), credentials)

    return make


def _clients(settings: Settings, make: MakeClient, organizations: Organizations) -> Clients:
    manual: dict[str, Credentials] = {}
    if settings.space_client_id is not None:
        if settings.space_token is not None:
            manual[settings.space_client_id] = PermanentToken(settings.space_token)
        elif settings.space_client_secret is not None:
            manual[settings.space_client_id] = ClientCredentials(settings.space_client_id, settings.space_client_secret)
    return Clients(make, organizations, manual, time.monotonic)


def _door(settings: Settings, organizations: Organizations, keys: KeyRing, sharing: Sharing) -> Door:
    signing_keys = {}
    if settings.space_client_id is not None and settings.space_signing_key is not None:
        signing_keys[settings.space_client_id] = settings.space_signing_key
    return Door(organizations, keys, signing_keys, sharing.small_memory(), sharing.limits, time.time)
