"""Builds the ways in to external systems: our OAuth application at each site, or a page for a token."""

from __future__ import annotations

from unfurler.config import Configuration, Instance, ProviderState
from unfurler.engine.systems import Entrance, Systems
from unfurler.fetch.oauth import OAuthClient
from unfurler.sdk.sign_in import OAuth2, PersonalToken
from unfurler.web.reach import Apis, Behind


def build_systems(configuration: Configuration, apis: Apis) -> Systems:
    """Every site where people can sign in, as configured."""
    found = []
    for state in configuration.providers:
        for instance in state.instances if state.reason is None else ():
            entrance = _entrance(state, instance, apis, configuration.settings.base_url)
            if entrance is not None:
                found.append(entrance)
    return Systems(found)


def _entrance(state: ProviderState, instance: Instance, apis: Apis, base_url: str) -> Entrance | None:
    provider, site = state.provider, instance.site
    match provider.sign_in:
        case PersonalToken():
            return Entrance(provider, site, None)
        case OAuth2() as declared if instance.client is not None:
            client_id, secret = instance.client
            way = Behind(apis.outbound, apis.guard_of(provider, site), "sign-in")
            redirect_uri = f"{base_url}/oauth/{provider.name}/callback"
            oauth = OAuthClient(declared, site.url, client_id, secret, redirect_uri, way, api_url=site.api_url)
            return Entrance(provider, site, oauth)
        case _:
            return None
