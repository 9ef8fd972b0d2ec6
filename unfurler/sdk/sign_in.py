"""How a person signs in to a system, so that cards and buttons work with their own account there.

What is said here is data; the flows, the keeping and the renewing of tokens are not an author's job.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OAuth2:
    """An OAuth 2 authorization code flow (RFC 6749, with PKCE).

    `authorize`, `token` and `revoke` are paths under the site's URL, or whole addresses for the public site's; `read`
    the scopes that cards need, `write` those that buttons need in addition, asked for when a button first does:
    leave it empty where the system cannot tell the two apart, and say so in `note`, which stands on the page.
    A system that has no `revoke` of RFC 7009 but a path of its API that takes an `access_token` with the application's
    own credentials, as GitHub's, has it in `revoke_api`: segments after the API base, `{client_id}` where it stands.
    """

    authorize: str
    token: str
    read: Sequence[str]
    write: Sequence[str] = ()
    revoke: str | None = None
    revoke_api: Sequence[str] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class PersonalToken:
    """A token that a person makes in the system and enters on our page.

    `page` is the path under the site's URL where tokens are made; `note` says which rights it needs.
    """

    page: str
    note: str = ""


SignIn = OAuth2 | PersonalToken


@dataclass(frozen=True, slots=True)
class Identity:
    """Who an account belongs to in the system: an id that stays, and the name that people see there."""

    id: str
    name: str
