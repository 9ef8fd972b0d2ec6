"""The link by which an organization adds us (PROTOCOL 8.2)."""

from __future__ import annotations

from urllib.parse import urlencode

from unfurler.space.login import LOGIN_PATH

NAME = "Link previews"
_ANY_ORGANIZATION = "https://jetbrains.com/space/app/install-app"


def install_link(base_url: str, space_url: str | None = None) -> str:
    """For one organization's server, or one that lets the person choose."""
    parameters = {
        "name": NAME,
        "pair": "true",
        "endpoint": f"{base_url}/api/space",
        "client-credentials-flow-enabled": "true",
        "code-flow-enabled": "true",
        "code-flow-redirect-uris": base_url + LOGIN_PATH,
        "pkce-required": "true",
        "has-public-key-signature": "true",
    }
    where = f"{space_url.rstrip('/')}/extensions/installedApplications/new" if space_url else _ANY_ORGANIZATION
    return f"{where}?{urlencode(parameters)}"
