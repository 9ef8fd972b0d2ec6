"""GitHub and GitHub Enterprise: where they are, how people sign in, whose account it is.

Source: https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps,
https://docs.github.com/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps, https://docs.github.com/rest/users/users,
https://docs.github.com/rest/apps/oauth-applications
"""

from __future__ import annotations

from datetime import timedelta

from providers.github.models import Account
from unfurler.sdk import Api, Identity, OAuth2, Provider, Sites

SLOW = timedelta(minutes=30)

github = Provider(
    "github",
    title="GitHub",
    icon="github",
    version="2",
    sites=Sites(
        "github.com",
        "www.github.com",
        api="https://api.github.com",
        instance_api="/api/v3",
        headers={"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"},
    ),
    sign_in=OAuth2(
        authorize="/login/oauth/authorize",
        token="/login/oauth/access_token",
        read=("repo",),
        revoke_api=("applications", "{client_id}", "token"),
        note=(
            "GitHub has one permission for private repositories, for reading and writing alike, so it is asked for at "
            "once. Nothing is changed but by a button that you press. The permission can be withdrawn at GitHub, under "
            "Settings, Applications."
        ),
    ),
)


@github.account
def me(api: Api) -> Identity:
    """Whose account it is."""
    found = fetch_account(api)
    return Identity(str(found.id), found.login)


def fetch_account(api: Api) -> Account:
    """The account that `api` works with."""
    return api.get("user").parse(Account)
