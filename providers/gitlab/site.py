"""GitLab: where it is, how people sign in, whose account it is.

Source: https://docs.gitlab.com/api/rest/, https://docs.gitlab.com/api/oauth2/,
https://docs.gitlab.com/integration/oauth_provider/ (scopes), https://docs.gitlab.com/api/users/
"""

from __future__ import annotations

from datetime import timedelta

from providers.gitlab.models import Account
from unfurler.sdk import Api, Identity, OAuth2, Provider, Sites

SLOW = timedelta(minutes=30)

gitlab = Provider(
    "gitlab",
    title="GitLab",
    icon="gitlab",
    sites=Sites("gitlab.com", instance_api="/api/v4"),
    sign_in=OAuth2(
        authorize="/oauth/authorize",
        token="/oauth/token",
        revoke="/oauth/revoke",
        read=("read_api",),
        write=("api",),
    ),
)


@gitlab.account
def me(api: Api) -> Identity:
    """Whose account it is."""
    found = fetch_account(api)
    return Identity(str(found.id), found.username)


def fetch_account(api: Api) -> Account:
    """The account that `api` works with."""
    return api.get("user").parse(Account)
