"""What tests of providers stand on: links matched as the service matches them, an API that answers what was recorded.

A test file of a provider has two tables. CLAIMS: address, name of the function, its arguments. REFUSES: addresses
that match nothing, or whose function raises NothingToShow before it asks for anything.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from unfurler.engine.registry import Installed, Match, Registry
from unfurler.sdk import Card, Click, Document, Link, Provider
from unfurler.sdk.provider import Action
from unfurler.sdk.recorded import Recorded, RecordedApi

__all__ = ["Recorded", "RecordedApi", "as_json", "assert_golden", "card_of", "claims_of", "match", "press"]

DOMAINS = ("example.com", "example.org")
CLICK = Click("person", datetime(2026, 10, 1, 12, 0, tzinfo=UTC))
# `UNFURLER_GOLDEN=write python -m pytest tests/providers` writes the golden cards anew; read the diff.
_WRITES_GOLDEN = os.environ.get("UNFURLER_GOLDEN") == "write"

_registries: dict[tuple[int, str | None], Registry] = {}


def match(provider: Provider, url: str, site_url: str | None = None) -> Match | None:
    """How the service reads the address when this provider alone is there."""
    return _registry(provider, site_url).match(Link.parse(url))


def card_of(
    provider: Provider,
    url: str,
    replies: Mapping[str, Recorded] | None = None,
    *,
    pages: Mapping[str, Document | str | Exception] | None = None,
    api: RecordedApi | None = None,
    site_url: str | None = None,
) -> Card:
    """The card of an address, from recorded replies. Raises what the provider raises."""
    found = match(provider, url, site_url)
    assert found is not None, f"{provider.name} does not claim {url}"
    api = api or RecordedApi(replies or {}, pages or {})
    api.site_url = found.site.url
    return found.rule.function(found.link, api, **found.arguments)


def press(provider: Provider, action: Action, url: str, api: RecordedApi, **more: str) -> str:
    """What the action says that the button of the address's card asks for. Raises what the action raises."""
    found = match(provider, url)
    assert found is not None, f"{provider.name} does not claim {url}"
    arguments = found.arguments_of(action)
    assert arguments is not None, f"{url} does not give all of {action.arguments}"
    return action.function(CLICK, api, **arguments, **more)


def as_json(card: Card) -> dict[str, Any]:
    """A card as JSON: what is empty left out, times in ISO 8601."""
    bare: dict[str, Any] = json.loads(json.dumps(_bare(asdict(card)), default=lambda when: when.isoformat()))
    return bare


def assert_golden(card: Card, path: Path) -> None:
    """The card is the one that was agreed on; UNFURLER_GOLDEN=write agrees on the new one."""
    written = json.dumps(as_json(card), indent=2, ensure_ascii=False) + "\n"
    if _WRITES_GOLDEN:
        path.write_text(written, encoding="utf-8")
    assert written == path.read_text(encoding="utf-8"), f"{path.name} is another card"


def claims_of(module: ModuleType) -> list[tuple[str, str, dict[str, Any]]]:
    """The table CLAIMS of a provider's test file."""
    return list(module.CLAIMS)


def _registry(provider: Provider, site_url: str | None) -> Registry:
    key = (id(provider), site_url)
    if key not in _registries:
        if provider.sites.any_domain:
            _registries[key] = Registry([Installed(provider, (), DOMAINS)])
        else:
            site = provider.sites.instance(site_url) if site_url else provider.sites.public
            assert site is not None, f"{provider.name} has no public site; give site_url"
            _registries[key] = Registry([Installed(provider, (site,))])
    return _registries[key]


def _bare(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _bare(item) for key, item in value.items() if item not in (None, "", (), [], False)}
    return [_bare(item) for item in value] if isinstance(value, list | tuple) else value
