"""The environment, read once into one frozen value; every fault is reported, not only the first.

Nothing else reads the environment. What each variable means is in README.md, which a test compares with this file.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from unfurler.engine.registry import Installed
from unfurler.fetch import Allow, Proxy
from unfurler.sdk.errors import BadLink
from unfurler.sdk.link import Link
from unfurler.sdk.provider import Provider, Site
from unfurler.space.hosts import SpaceHosts

PREFIX = "UNFURLER_"
_LOOPBACK = re.compile(r"localhost|\[::1\]|127(?:\.[0-9]+){3}")
PER_PROVIDER = ("URL", "API_URL", "TOKEN", "CLIENT_ID", "CLIENT_SECRET")


class WrongSettings(Exception):
    """Settings that cannot be used: one line a fault, each naming the variable and what would be right."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = list(faults)


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _origin(text: str) -> str:
    link = _link(text, f'"{_without_user(text)}" is no origin; write https://unfurl.example.com')
    if link.raw_path != "/" or link.raw_query or link.fragment:
        raise ValueError(f'"{text}" has a path; write {link.origin}')
    if link.scheme == "http" and not _LOOPBACK.fullmatch(link.host):
        raise ValueError(f'"{text}" is plain http, which is for loopback only; write https://{link.authority}')
    return link.origin


def _space_origin(text: str) -> str:
    link = _link(text.rstrip("/"), f'"{_without_user(text)}" is no server address; write https://space.example.org')
    if link.raw_path != "/" or link.raw_query or link.fragment:
        raise ValueError(f'"{text}" has a path; write {link.origin}')
    return link.origin


def _keys(text: str) -> list[SecretStr]:
    if not _parts(text):
        raise ValueError("has no key in it; make one with: python -m unfurler new-key")
    for key in _parts(text):
        try:
            raw = base64.urlsafe_b64decode(key)
        except (binascii.Error, ValueError):
            raw = b""
        if len(raw) != 32:
            raise ValueError("a key is not URL-safe base64 of 32 bytes; make one with: python -m unfurler new-key")
    return [SecretStr(key) for key in _parts(text)]


def _domains(text: str) -> list[str]:
    domains, faults = [], []
    for entry in _parts(text.lower()):
        try:
            link = _link(f"https://{entry}", f'"{entry}" is no host; write docs.example.com or docs.example.com:8443')
            if link.raw_path != "/" or link.raw_query or link.fragment:
                raise ValueError(f'"{entry}" is more than a host; write {link.authority}')
            # The usual port, written out, means that port alone.
            domains.append(f"{link.host}:443" if entry.endswith(":443") else link.authority)
        except ValueError as error:
            faults.append(str(error))
    if faults:
        raise ValueError("\n".join(faults))
    return domains


def _database(text: str) -> SecretStr:
    try:
        driver = make_url(text).drivername
    except ArgumentError:
        driver = ""
    if driver not in ("sqlite", "sqlite+pysqlite", "postgresql", "postgresql+psycopg"):
        raise ValueError(
            "is no SQLAlchemy URL of SQLite or PostgreSQL; write postgresql+psycopg://user:password@host/name"
        )
    return SecretStr(text)


def _redis(text: str) -> SecretStr:
    if not re.fullmatch(r"(rediss?://|unix:///)[^\s]+", text):
        raise ValueError("is no address of a Redis server; write redis://user:password@host:6379/0")
    return SecretStr(text)


def _proxy(text: str) -> SecretStr:
    Proxy.parse(text)
    return SecretStr(text)


def _without_user(url: str) -> str:
    """Fit to be quoted: a user name in an address may come with a password."""
    return re.sub(r"[^/]*@", "", url)


def _link(text: str, sentence: str) -> Link:
    try:
        return Link.parse(text)
    except BadLink:
        raise ValueError(sentence) from None


class Settings(BaseModel):
    """What the operator decided. Field names are the variables' without `UNFURLER_`, in lower case."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True, arbitrary_types_allowed=True)

    base_url: Annotated[str, BeforeValidator(_origin)]
    secret_keys: Annotated[list[SecretStr], BeforeValidator(_keys)] = Field(default=[])
    database_url: Annotated[SecretStr, BeforeValidator(_database)] = SecretStr("sqlite:///var/unfurler.db")
    redis_url: Annotated[SecretStr, BeforeValidator(_redis)] | None = None
    space_hosts: Annotated[SpaceHosts, BeforeValidator(lambda text: SpaceHosts.parse(_parts(text)))] = Field(
        default=SpaceHosts.parse(["*.jetbrains.space"])
    )
    space_server_url: Annotated[str, BeforeValidator(_space_origin)] | None = None
    space_client_id: str | None = None
    space_client_secret: SecretStr | None = None
    space_signing_key: SecretStr | None = None
    space_token: SecretStr | None = None
    fetch_allow: Annotated[Allow, BeforeValidator(Allow.parse)] = Field(default=Allow())
    fetch_proxy: Annotated[SecretStr, BeforeValidator(_proxy)] | None = None
    domains: Annotated[list[str], BeforeValidator(_domains)] = Field(default=[])
    disabled_providers: Annotated[list[str], BeforeValidator(_parts)] = Field(default=[])
    cache_ttl: Annotated[int, Field(ge=0, le=86_400)] | None = None
    playground: Literal["on", "off"] = "off"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["json", "console"] | None = None

    @property
    def space_servers(self) -> SpaceHosts:
        """Every Space server that may talk to us: those listed, and the one registered by hand."""
        return self.space_hosts.with_origin(self.space_server_url) if self.space_server_url else self.space_hosts


@dataclass(frozen=True, slots=True)
class Instance:
    """One site of a provider with what the operator gave for it, and for nothing else: token, OAuth application."""

    site: Site
    token: SecretStr | None = None
    client: tuple[str, SecretStr] | None = None


@dataclass(frozen=True, slots=True)
class ProviderState:
    """A provider as it is configured here: its instances, or the reason why it does not run."""

    provider: Provider
    instances: tuple[Instance, ...] = ()
    domains: tuple[str, ...] = ()
    reason: str | None = None

    @property
    def installed(self) -> Installed:
        """What the registry needs to know."""
        return Installed(self.provider, tuple(instance.site for instance in self.instances), self.domains)


@dataclass(frozen=True, slots=True)
class Configuration:
    """Everything the environment says, for the providers that there are; `unknown` variables are named in a warning."""

    settings: Settings
    providers: tuple[ProviderState, ...]
    unknown: tuple[str, ...] = ()


def read_configuration(
    environ: Mapping[str, str], providers: Sequence[Provider], *, needs_keys: bool = True
) -> Configuration:
    """Read and judge the environment. Raises WrongSettings with every fault there is."""
    given = {name: value.strip() for name, value in environ.items() if name.startswith(PREFIX) and value.strip()}
    faults: list[str] = []
    own = {name: value for name, value in given.items() if name[len(PREFIX) :].lower() in Settings.model_fields}
    settings = _settings(own, environ.get("PORT") or "8080", faults)
    disabled = set(_parts(given.get("UNFURLER_DISABLED_PROVIDERS", "")))
    domains = tuple(settings.domains) if settings else ()
    states = tuple(_state(provider, given, disabled, domains, faults) for provider in providers)
    for name in sorted(disabled - {provider.name for provider in providers}):
        faults.append(f'UNFURLER_DISABLED_PROVIDERS: there is no provider "{name}"; see: python -m unfurler providers')
    faults += _together(given, needs_keys=needs_keys)
    if faults or settings is None:
        raise WrongSettings(sorted(set(faults)))
    known = set(own) | {_variable(provider, suffix) for provider in providers for suffix in PER_PROVIDER}
    return Configuration(settings, states, tuple(sorted(set(given) - known)))


def _settings(given: Mapping[str, str], port: str, faults: list[str]) -> Settings | None:
    values: dict[str, Any] = {"base_url": f"http://localhost:{port}"}
    values |= {name[len(PREFIX) :].lower(): value for name, value in given.items()}
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        for fault in error.errors(include_input=False, include_url=False):
            variable = PREFIX + str(fault["loc"][0]).upper()
            sentences = fault["msg"].removeprefix("Value error, ").splitlines()
            faults += [f"{variable}: {sentence}" for sentence in sentences]
        return None


def _together(given: Mapping[str, str], *, needs_keys: bool) -> list[str]:
    """What is wrong only in company."""
    faults = []
    if needs_keys and "UNFURLER_SECRET_KEYS" not in given:
        faults.append("UNFURLER_SECRET_KEYS: is required; make a key with: python -m unfurler new-key")
    manual = "UNFURLER_SPACE_SERVER_URL" in given
    for name in ("CLIENT_ID", "CLIENT_SECRET", "SIGNING_KEY", "TOKEN"):
        if f"UNFURLER_SPACE_{name}" in given and not manual:
            faults.append(f"UNFURLER_SPACE_{name}: goes with UNFURLER_SPACE_SERVER_URL, which is missing")
    if manual and "UNFURLER_SPACE_CLIENT_ID" not in given:
        faults.append("UNFURLER_SPACE_CLIENT_ID: is required with UNFURLER_SPACE_SERVER_URL")
    if manual and not {"UNFURLER_SPACE_CLIENT_SECRET", "UNFURLER_SPACE_TOKEN"} & set(given):
        faults.append(
            "UNFURLER_SPACE_CLIENT_SECRET: is required with UNFURLER_SPACE_SERVER_URL, or UNFURLER_SPACE_TOKEN"
        )
    return faults


def _variable(provider: Provider, suffix: str) -> str:
    return f"{PREFIX}{provider.name.upper().replace('-', '_')}_{suffix}"


def _state(
    provider: Provider, given: Mapping[str, str], disabled: set[str], domains: tuple[str, ...], faults: list[str]
) -> ProviderState:
    if provider.name in disabled:
        return ProviderState(provider, reason="switched off by UNFURLER_DISABLED_PROVIDERS")
    if provider.sites.any_domain:
        return ProviderState(provider, domains=domains, reason=None if domains else "no domain in UNFURLER_DOMAINS")
    urls = _parts(given.get(_variable(provider, "URL"), ""))
    public = provider.sites.public
    if not urls and public is None:
        return ProviderState(provider, reason=f"no address in {_variable(provider, 'URL')}")
    count = max(1, len(urls))
    values = {suffix: _per_instance(provider, suffix, given, count, faults) for suffix in PER_PROVIDER[1:]}
    instances = []
    if len({_place(provider, url) for url in urls}) < len(urls):
        faults.append(f"{_variable(provider, 'URL')}: names one address twice; write it once")
    for index in range(count):
        api_url = values["API_URL"][index] or None
        if api_url:
            _judge_base(api_url, _variable(provider, "API_URL"), faults)
        if urls:
            _judge_base(urls[index], _variable(provider, "URL"), faults)
            site = provider.sites.instance(urls[index], api_url)
        else:
            assert public is not None
            site = Site(public.url, api_url.rstrip("/")) if api_url else public
        token = values["TOKEN"][index]
        client_id, secret = values["CLIENT_ID"][index], values["CLIENT_SECRET"][index]
        if bool(client_id) != bool(secret):
            missing = "CLIENT_SECRET" if client_id else "CLIENT_ID"
            faults.append(f"{_variable(provider, missing)}: is missing for {site.url}; an application has both")
        client = (client_id, SecretStr(secret)) if client_id and secret else None
        instances.append(Instance(site, SecretStr(token) if token else None, client))
    return ProviderState(provider, tuple(instances))


def _per_instance(
    provider: Provider, suffix: str, given: Mapping[str, str], count: int, faults: list[str]
) -> list[str]:
    """As many values as there are instances, "" for none: a credential never goes where it was not given for."""
    variable = _variable(provider, suffix)
    text = given.get(variable, "")
    values = [value.strip() for value in text.split(",")] if text else []
    if len(values) > count:
        faults.append(f"{variable}: has {len(values)} values for {count} address{'es' if count > 1 else ''}")
    return (values + [""] * count)[:count]


def _place(provider: Provider, url: str) -> str:
    """Where the links of an instance stand: its scheme makes no difference, the public site's names are one place."""
    try:
        link = Link.parse(url)
    except BadLink:
        return url
    place = link.authority + link.path.rstrip("/")
    return provider.sites.hosts[0] if place in provider.sites.hosts else place


def _judge_base(url: str, variable: str, faults: list[str]) -> None:
    try:
        link = Link.parse(url)
    except BadLink:
        shown = _without_user(url)
        faults.append(f'{variable}: "{shown}" is not a URL; write https://{shown.partition("//")[2] or shown}')
        return
    if link.raw_query or link.fragment:
        faults.append(f'{variable}: "{url}" has a query or a fragment; write {link.origin}{link.raw_path}')
