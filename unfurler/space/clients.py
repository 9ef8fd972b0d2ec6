"""The client of each organization, made when it is first needed, with the secret that works."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pydantic import SecretStr

from unfurler.space.client import SpaceClient
from unfurler.space.errors import InvalidClient, SpaceError
from unfurler.space.tokens import ClientCredentials, Credentials
from unfurler.store.organizations import Organization, Organizations

MakeClient = Callable[[str, Credentials], SpaceClient]
_RECHECK_S = 60.0


@dataclass(frozen=True, slots=True)
class _Made:
    organization: tuple[str, tuple[str, ...]]
    client: SpaceClient
    until: float | None


class Clients:
    """One client an organization; an offered secret takes over as soon as Space accepts it."""

    def __init__(
        self,
        make: MakeClient,
        organizations: Organizations,
        manual: Mapping[str, Credentials],
        monotonic: Callable[[], float],
    ) -> None:
        self._make = make
        self._organizations = organizations
        self._manual = manual
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._made: dict[str, _Made] = {}

    def of(self, organization: Organization) -> SpaceClient:
        """The organization's client. Raises SpaceError where two secrets are to be tried and Space is away."""
        form = (organization.server_url, organization.secrets)
        with self._lock:
            made = self._made.get(organization.id)
        if made is not None and made.organization == form and (made.until is None or self._monotonic() < made.until):
            return made.client
        client, until = self._choose(organization)
        with self._lock:
            self._made[organization.id] = _Made(form, client, until)
        return client

    def forget(self, id: str) -> None:
        """The next one who asks gets a new client, with a new token."""
        with self._lock:
            self._made.pop(id, None)

    def _choose(self, organization: Organization) -> tuple[SpaceClient, float | None]:
        manual = self._manual.get(organization.id)
        if manual is not None:
            return self._make(organization.server_url, manual), None
        clients = [self._with(organization, secret) for secret in organization.secrets]
        if not clients:
            # Registered by hand once, and not in the configuration any more.
            raise InvalidClient("no-credentials")
        if len(clients) == 1:
            return clients[0], None
        try:
            clients[0].try_credentials()
        except SpaceError as error:
            if error.retry:
                raise
            # The server may not have switched yet: the old one stays in use, and the new one is tried again soon.
            return clients[-1], self._monotonic() + _RECHECK_S
        self._organizations.settle_secret(organization.id, organization.secrets[0])
        return clients[0], None

    def _with(self, organization: Organization, secret: str) -> SpaceClient:
        return self._make(organization.server_url, ClientCredentials(organization.id, SecretStr(secret)))
