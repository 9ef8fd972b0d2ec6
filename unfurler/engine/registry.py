"""Which provider owns a link: host first, then path, in constant time however many providers there are.

One Werkzeug map holds every rule of every site. A rule's part after `?` is matched by ourselves, since Werkzeug does
not look at the query. Nothing here does I/O.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule, ValidationError

from unfurler.sdk.link import Link
from unfurler.sdk.provider import ANY, Action, LinkRule, Provider, ProviderFault, Site

_QUERY_VALUE = re.compile(r"<(?:(?P<converter>[a-z]+):)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)>")
_PORT = re.compile(r":[0-9]+$")
_VARIABLE = re.compile(r"<(?:([^<>:]+):)?[A-Za-z_][A-Za-z0-9_]*>")


class RegistryConflict(Exception):
    """Two providers claim one shape of link on one host: nobody could say which is right."""


@dataclass(frozen=True, slots=True)
class Installed:
    """A provider with the sites it runs for here; `domains` only for the one that reads any page."""

    provider: Provider
    sites: tuple[Site, ...]
    domains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """A link with its owner: the site it belongs to, the function that makes its card, and the arguments it takes."""

    link: Link
    provider: Provider
    site: Site
    rule: LinkRule
    arguments: Mapping[str, Any]

    def arguments_of(self, action: Action) -> dict[str, Any] | None:
        """What the action takes, from the link; None where this kind of link does not give all of it."""
        if not set(action.arguments) <= set(self.arguments):
            return None
        return {name: self.arguments[name] for name in action.arguments}


@dataclass(frozen=True, slots=True)
class _Candidate:
    """One rule of one site: what its query must hold, by name of the query parameter."""

    installed: Installed
    site: Site
    rule: LinkRule
    query: Mapping[str, tuple[str, str] | str]

    @property
    def demands(self) -> dict[str, str]:
        """Query parameter → the text that it must have, "" where any will do."""
        return {name: wanted if isinstance(wanted, str) else "" for name, wanted in self.query.items()}


@dataclass(frozen=True, slots=True)
class _Owner:
    """Who has one shape of path on one host; several rules where they differ in the query, the most demanding first."""

    provider: Provider
    path: str
    candidates: list[_Candidate]


@dataclass(slots=True)
class Registry:
    """Everything that can be unfurled here. Raises RegistryConflict when built of providers that contradict."""

    installed: Sequence[Installed]
    _map: Map = field(init=False)
    _owners: dict[tuple[str, str], _Owner] = field(default_factory=dict, init=False)
    _any: dict[str, Installed] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self._map = Map(
            host_matching=True,
            strict_slashes=False,
            merge_slashes=False,
            redirect_defaults=False,
            sort_parameters=False,
        )
        for installed in self.installed:
            for domain in installed.domains:
                self._any[domain] = installed
            for site in installed.sites:
                for host, prefix in _places(installed.provider, site):
                    for rule in installed.provider.links:
                        self._add(installed, site, host, prefix, rule)

    @property
    def providers(self) -> list[Provider]:
        """Those that run here."""
        return [installed.provider for installed in self.installed]

    @property
    def domains(self) -> list[str]:
        """Every host name that the chat side has to know, lower case, without ports, sorted."""
        hosts = {rule.host for rule in self._map.iter_rules() if rule.host}
        return sorted({_PORT.sub("", host) for host in hosts | set(self._any)})

    def match(self, link: Link) -> Match | None:
        """The owner of a link, None where nobody covers it. The provider of any page comes last."""
        try:
            key, arguments = self._map.bind(link.authority).match(link.path, method="GET")
            candidates = self._owners[key].candidates
        except (HTTPException, UnicodeError):
            candidates, arguments = [], {}
        for candidate in candidates:
            values = _query_arguments(candidate.query, link)
            if values is not None:
                return Match(
                    link, candidate.installed.provider, candidate.site, candidate.rule, {**arguments, **values}
                )
        return self._any_match(link)

    def near(self, link: Link, at_most: int = 3) -> list[tuple[Provider, str]]:
        """Rules of the link's host that fit its path furthest, for who wants to know why none fits whole."""
        there = [rule for rule in self._map.iter_rules() if rule.host == link.authority]
        segments = link.path.strip("/").split("/")
        there.sort(key=lambda rule: _distance(rule.rule, segments))
        return [(self._owners[rule.endpoint].provider, rule.rule) for rule in there[:at_most]]

    def as_page(self, link: Link, provider: Provider) -> Match:
        """The link read by the provider of any page, whether or not a domain covers it."""
        return Match(link, provider, Site(link.origin, link.origin), provider.links[0], {})

    def _any_match(self, link: Link) -> Match | None:
        labels = link.host.split(".")
        port = link.port or (443 if link.scheme == "https" else 80)
        for start in range(len(labels)):
            domain = ".".join(labels[start:])
            installed = self._any.get(f"{domain}:{port}") or self._any.get(domain)
            if installed is not None:
                return self.as_page(link, installed.provider)
        return None

    def _add(self, installed: Installed, site: Site, host: str, prefix: str, rule: LinkRule) -> None:
        if rule.rule == ANY:
            return
        provider = installed.provider
        path, _, query = rule.rule.partition("?")
        candidate = _Candidate(installed, site, rule, _query_rule(provider, query))
        key = (host, _shape(prefix + path))
        owner = self._owners.get(key)
        if owner is None:
            self._owners[key] = _Owner(provider, path, [candidate])
            self._map.add(Rule(prefix + path, host=host, endpoint=key, methods=["GET"]))
            return
        if owner.provider is not provider:
            raise RegistryConflict(
                f"{owner.provider.name} and {provider.name} both claim {rule.rule} on {host}; "
                f"switch one off with UNFURLER_DISABLED_PROVIDERS"
            )
        if path != owner.path or any(known.demands == candidate.demands for known in owner.candidates):
            raise ProviderFault(f"{provider.name}: two rules have the shape of {rule.rule!r} on {host}{prefix}")
        owner.candidates.append(candidate)
        owner.candidates.sort(key=lambda known: (-len(known.query), -len([*filter(None, known.demands.values())])))


def check_alone(provider: Provider) -> None:
    """Whether a provider's rules can be matched at all. Raises ProviderFault, or what Werkzeug says of a rule."""
    provider.check()
    site = provider.sites.public or Site("https://instance.example", "https://instance.example")
    Registry([Installed(provider, (site,))])


def _places(provider: Provider, site: Site) -> Iterable[tuple[str, str]]:
    """Host with port, and path, under which links of a site stand: the public site has several host names."""
    link = Link.parse(site.url)
    prefix = link.path.rstrip("/")
    if not prefix and link.host in provider.sites.hosts:
        return [(host, "") for host in provider.sites.hosts]
    return [(link.authority, prefix)]


def _shape(path: str) -> str:
    """A rule with the names of its arguments taken out: equal shapes match the same links."""
    plain = ("string", "default")
    shape = _VARIABLE.sub(lambda variable: f"<{'' if variable[1] in plain else variable[1] or ''}>", path)
    return shape.rstrip("/")


def _distance(rule: str, segments: Sequence[str]) -> tuple[int, int]:
    """How far a path is from a rule: by leading parts that fit, then by how many parts there are."""
    parts = rule.strip("/").split("/")
    fitting = 0
    for part, segment in zip(parts, segments, strict=False):
        if part != segment and "<" not in part:
            break
        fitting += 1
    return -fitting, abs(len(parts) - len(segments))


def _query_rule(provider: Provider, query: str) -> dict[str, tuple[str, str] | str]:
    """`id=<int:item_id>&tab=all` → {"id": ("int", "item_id"), "tab": "all"}."""
    parts: dict[str, tuple[str, str] | str] = {}
    for pair in filter(None, query.split("&")):
        name, _, value = pair.partition("=")
        variable = _QUERY_VALUE.fullmatch(value)
        if variable is None and "<" in value:
            raise ProviderFault(f"{provider.name}: {pair!r} in a rule's query is neither name=text nor name=<argument>")
        if variable and variable["converter"] not in (None, *_CONVERTERS.converters):
            raise ProviderFault(f"{provider.name}: there is no converter {variable['converter']!r} for {pair!r}")
        parts[name] = (variable["converter"] or "default", variable["name"]) if variable else value
    return parts


def _query_arguments(rule: Mapping[str, tuple[str, str] | str], link: Link) -> dict[str, Any] | None:
    found: dict[str, Any] = {}
    for name, wanted in rule.items():
        value = link.param(name)
        if value is None or (isinstance(wanted, str) and value != wanted):
            return None
        if not isinstance(wanted, str):
            converter = _CONVERTERS.converters[wanted[0]](_CONVERTERS)
            if not re.fullmatch(converter.regex, value):
                return None
            try:
                found[wanted[1]] = converter.to_python(value)
            except (ValidationError, ValueError):
                return None
    return found


_CONVERTERS = Map()
