"""How other systems are reached: each kind of request under its own guard, each instance with its own credentials."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from pydantic import SecretStr

from unfurler.engine import story
from unfurler.engine.cards import Viewer
from unfurler.engine.registry import Match
from unfurler.fetch import Guard, Outbound, RawReply
from unfurler.fetch import Site as ReachedSite
from unfurler.sdk.api import Api
from unfurler.sdk.errors import NotFound
from unfurler.sdk.link import Link
from unfurler.sdk.provider import Provider, Site
from unfurler.web.meters import Meters

SPACE = "space"
"""The kind of every request to Space."""


@dataclass(frozen=True, slots=True)
class Behind:
    """The way out for one kind of request."""

    outbound: Outbound
    guard: Guard
    kind: str

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        json: object | None = None,
        data: bytes | Mapping[str, str] | None = None,
        timeout_s: float | None = None,
        max_bytes: int | None = None,
    ) -> RawReply:
        """One request under this guard."""
        return self.outbound.request(
            method,
            url,
            headers=headers,
            json=json,
            data=data,
            guard=self.guard,
            kind=self.kind,
            timeout_s=timeout_s,
            max_bytes=max_bytes,
        )


@dataclass(frozen=True, slots=True)
class Apis:
    """How a match's site is reached on a viewer's behalf, each instance with its own credentials."""

    outbound: Outbound
    guard: Guard
    tokens: dict[tuple[str, str], SecretStr]
    meters: Meters

    def __call__(self, match: Match, viewer: Viewer) -> Api:
        """The API of the match's site. The operator's token reads for everyone and acts for nobody."""
        return self.at(match.provider, match.site, viewer, match.link)

    def at(self, provider: Provider, site: Site, viewer: Viewer, link: Link | None = None) -> Api:
        """The API of a site, whether or not there is a link to it."""
        token = self.tokens.get((provider.name, site.url)) if viewer.is_everyone else viewer.token
        if viewer.is_everyone and token is not None:
            story.tell_service_account()
        return self.outbound.api(
            ReachedSite(
                site.url,
                site.api_url,
                self.guard_of(provider, site),
                viewer=viewer.key,
                authorization=f"Bearer {token.get_secret_value()}" if token else None,
                language=viewer.language,
                headers=provider.sites.headers,
                link=link,
                budget=self._budget(provider, site, viewer),
            )
        )

    def picture(self, provider: Provider, site: Site, viewer: Viewer, url: str, max_bytes: int) -> bytes:
        """A file of a site, with the viewer's account, which goes nowhere but to this site. Raises UnfurlError."""
        if Link.parse(url).origin not in {Link.parse(site.url).origin, Link.parse(site.api_url).origin}:
            raise NotFound("The picture is not on this site.")
        headers = {"Accept": "image/*"}
        if viewer.token is not None:
            headers["Authorization"] = f"Bearer {viewer.token.get_secret_value()}"
        reply = self.outbound.request(
            "GET", url, headers=headers, guard=self.guard_of(provider, site), kind="picture", max_bytes=max_bytes
        )
        if reply.status != 200:
            raise NotFound("The site does not give this picture.")
        return reply.body

    def _budget(self, provider: Provider, site: Site, viewer: Viewer) -> Callable[[float], None] | None:
        """Who is told what is left of the budget that everyone shares; what an account has left is its own matter."""
        if provider.sites.any_domain or not viewer.is_everyone:
            return None
        return partial(self.meters.left, provider.name, Link.parse(site.url).authority)

    def guard_of(self, provider: Provider, site: Site) -> Guard:
        """Opens the addresses of this site for its own provider alone."""
        return self.guard.also([] if provider.sites.any_domain else [site.url, site.api_url])
