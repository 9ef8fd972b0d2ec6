"""An organization arrives, is set up, changes its secret or its address, and leaves (PROTOCOL 3.5, 8.4, 2.4)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import structlog
from pydantic import SecretStr

from unfurler.engine.ports import HostTrouble
from unfurler.engine.work import Work
from unfurler.space.client import RIGHT, SpaceClient
from unfurler.space.clients import Clients, MakeClient
from unfurler.space.door import Door, KeyRing
from unfurler.space.errors import NotAuthorized, SpaceError
from unfurler.space.hosts import ServerRefused, SpaceHosts
from unfurler.space.payloads import ChangeClientSecretPayload, ChangeServerUrlPayload, InitPayload
from unfurler.space.tokens import ClientCredentials
from unfurler.space.verify import HeaderValues, KeySet, Refused
from unfurler.store.organizations import Organization, Organizations

log = structlog.get_logger(__name__)

_AT_ONCE = 4
_RETRY_S = 30.0
_APPROVAL_S = 600.0
NAMES_RIGHT = "Profile.View.Basic"
WAITING = "waits for an administrator's approval"


@dataclass(frozen=True, slots=True)
class Installer:
    """Everything that changes what we know of an organization."""

    organizations: Organizations
    clients: Clients
    # Makes clients that give up in the time that a person waits in an installation dialog.
    probe: MakeClient
    keys: KeyRing
    door: Door
    hosts: SpaceHosts
    setups: Work
    drains: Work
    clock: Callable[[], float]
    # Each waits some seconds for a server that is not proved yet; more at once are asked to come back.
    places: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(_AT_ONCE))

    def install(self, payload: InitPayload, headers: HeaderValues, body: bytes) -> None:
        """Prove the payload by the server it names, if that server is one we may ask; then keep the organization.

        Raises ServerRefused, Refused, or HostTrouble where it cannot be decided now. Nothing is stored then.
        """
        server_url = self.hosts.judge(payload.server_url)
        try:
            self.door.verify_with(KeySet(), headers, body)
        except Refused as refused:
            if not refused.keys_may_be_old:
                raise
        if not self.places.acquire(blocking=False):
            raise HostTrouble("too-many-installations")
        try:
            keys = self._prove(server_url, payload.client_id, payload.client_secret)
            self.door.verify_with(keys, headers, body)
        finally:
            self.places.release()
        # Only now is it looked up: before the proof, nobody learns from the answer who has installed us.
        known = self.organizations.find(payload.client_id)
        secret = payload.client_secret.get_secret_value()
        if not self.organizations.install(
            payload.client_id, server_url, secret=secret, keys=keys.text, by=payload.user_id, now=self.clock()
        ):
            raise ServerRefused("this application belongs to another server")
        log.info("organization.installed", organization=payload.client_id, again=known is not None)
        self._changed(payload.client_id)

    def keep_manual(self, id: str, server_url: str) -> None:
        """The organization that configuration names is there like an installed one."""
        known = self.organizations.find(id)
        if known is None or known.server_url != server_url:
            self.organizations.install(id, server_url, secret=None, keys=None, by=None, now=self.clock())

    def uninstall(self, organization: Organization) -> None:
        """Everything of the organization goes."""
        self.organizations.erase(organization.id)
        self.clients.forget(organization.id)
        self.keys.forget(organization.id)
        log.info("organization.uninstalled", organization=organization.id)

    def change_secret(self, organization: Organization, payload: ChangeClientSecretPayload) -> None:
        """Keep the new secret beside the old one, which stays in use until Space accepts the new one."""
        self.organizations.offer_secret(organization.id, payload.new_client_secret.get_secret_value())
        log.info("organization.secret-offered", organization=organization.id)
        self._changed(organization.id)

    def change_server(self, organization: Organization, payload: ChangeServerUrlPayload) -> None:
        """Move to another address, if it is one we may call and our credentials are accepted there.

        Raises ServerRefused, or HostTrouble where the server does not answer now.
        """
        server_url = self.hosts.judge(payload.new_server_url)
        keys = None
        for secret in organization.secrets:
            try:
                keys = self._prove(server_url, organization.id, SecretStr(secret))
                break
            except Refused:
                continue
        if keys is None:
            raise ServerRefused("the new server does not accept our credentials")
        self.organizations.move(organization.id, server_url, keys.text)
        log.info("organization.moved", organization=organization.id)
        self._changed(organization.id)

    def _prove(self, server_url: str, client_id: str, secret: SecretStr) -> KeySet:
        """The server's keys, fetched with these credentials. Raises Refused where it does not accept them."""
        client = self.probe(server_url, ClientCredentials(client_id, secret))
        try:
            client.try_credentials()
            return client.public_keys()
        except NotAuthorized:
            raise Refused("credentials-refused") from None
        except SpaceError as error:
            if error.retry:
                raise HostTrouble(error.reason) from error
            raise Refused("keys-unavailable") from error

    def _changed(self, id: str) -> None:
        self.clients.forget(id)
        self.setups.ask(id)
        self.drains.ask(id)


@dataclass(frozen=True, slots=True)
class SetUp:
    """The calls that make an organization deliver links to us: each by itself, remembered, and repeated until done."""

    organizations: Organizations
    clients: Clients
    domains: Sequence[str]
    homepage_path: str
    # Where people can sign in, the page that asks them to confirm calls them by their names.
    asks_for_names: bool
    clock: Callable[[], float]
    # Called with the organization's id once links may come that could not come before.
    ready: Callable[[str], None]

    def run(self, id: str) -> float | None:
        """Do every step; after how many seconds to do it again, None where all is done."""
        organization = self.organizations.find(id)
        if organization is None:
            return None
        results = {name: self._do(organization, name, step) for name, step in self._steps().items()}
        delay_s = None
        if any(results.values()):
            waits_only = all(result in (None, WAITING) for result in results.values())
            delay_s = _APPROVAL_S if waits_only else _RETRY_S
        self.organizations.remember_setup(id, results, None if delay_s is None else self.clock() + delay_s)
        log.info("organization.set-up", organization=id, undone={name: why for name, why in results.items() if why})
        if organization.setup.get("approval") and not results["approval"]:
            self.ready(id)
        return delay_s

    def _steps(self) -> Mapping[str, Callable[[SpaceClient], str | None]]:
        names = {"names": lambda client: client.request_rights((NAMES_RIGHT,))} if self.asks_for_names else {}
        return {
            "rights": lambda client: client.request_rights(),
            "domains": lambda client: client.set_domains(self.domains),
            "pages": self._extend,
            **names,
            "approval": lambda client: None if client.check_permission("application:me", RIGHT) else WAITING,
        }

    def _extend(self, client: SpaceClient) -> str | None:
        """Homepage and chat; the homepage alone where the server takes not both."""
        homepage = {"className": "ApplicationHomepageUiExtensionIn", "iframeUrl": self.homepage_path}
        try:
            client.set_ui_extensions([homepage, {"className": "ChatBotUiExtensionIn"}])
        except SpaceError as error:
            if error.retry:
                raise
            client.set_ui_extensions([homepage])
            return f"chat: {error.code}"
        return None

    def _do(self, organization: Organization, name: str, step: Callable[[SpaceClient], str | None]) -> str | None:
        try:
            return step(self.clients.of(organization))
        except SpaceError as error:
            log.warning("organization.set-up-failed", organization=organization.id, step=name, code=error.code)
            return error.code
