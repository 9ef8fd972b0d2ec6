"""`providers` and `new-provider`: what there is, and the start of something new."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from unfurler.cli.reading import read
from unfurler.cli.template import provider_file, recorded_file, test_file
from unfurler.config import ProviderState
from unfurler.sdk.errors import BadLink
from unfurler.sdk.link import Link
from unfurler.sdk.provider import Provider, ProviderFault, Sites
from unfurler.sdk.sign_in import OAuth2, PersonalToken
from unfurler.version import VERSION


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def providers(as_json: bool) -> None:
    """List the providers: their links, their actions, and whether they run here."""
    loaded, configuration = read()
    rows = [_row(state) for state in configuration.providers]
    rows += [
        {"name": broken.name, "version": None, "domains": [], "patterns": [], "actions": [], "sign_in": None}
        | {"configured": False, "reason": broken.reason}
        for broken in loaded.broken
    ]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        click.echo(f"{row['name']}  {'runs' if row['configured'] else row['reason']}")
        if row["sign_in"]:
            click.echo(f"    sign-in  {row['sign_in']}")
        for label in ("domains", "patterns", "actions"):
            for value in row[label]:
                click.echo(f"    {label[:-1]}  {value}")


@click.command("new-provider")
@click.argument("name")
@click.option("--domain", required=True, help="The host name of the site, such as tracker.example.com.")
def new_provider(name: str, domain: str) -> None:
    """Write a provider file and its test; both pass at once."""
    try:
        Provider(name, title=name, sites=Sites(domain))
        if Link.parse(f"https://{domain}").origin != f"https://{domain.lower()}":
            raise BadLink("")
    except ProviderFault as fault:
        raise click.BadParameter(str(fault), param_hint="NAME") from None
    except BadLink:
        sentence = f'"{domain}" is no host name; write tracker.example.com'
        raise click.BadParameter(sentence, param_hint="--domain") from None
    module = name.replace("-", "_")
    files = {
        Path("providers") / f"{module}.py": provider_file(name, module, domain.lower()),
        Path("tests/providers") / f"test_{module}.py": test_file(name, module, domain.lower()),
        Path("tests/providers") / module / "recorded.json": recorded_file(domain.lower()),
    }
    for path in files:
        if path.exists():
            click.echo(f"{path} is there already; nothing was written", err=True)
            sys.exit(1)
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        click.echo(f"wrote {path}")


commands = (providers, new_provider)


def _row(state: ProviderState) -> dict[str, Any]:
    provider = state.provider
    domains = [Link.parse(instance.site.url).host for instance in state.instances] or list(state.domains)
    return {
        "name": provider.name,
        "version": f"{VERSION}/{provider.version}",
        "domains": domains or list(provider.sites.hosts),
        "patterns": [rule.rule for rule in provider.links],
        "actions": sorted(provider.actions),
        "sign_in": _sign_in(state),
        "configured": state.reason is None,
        "reason": state.reason,
    }


def _sign_in(state: ProviderState) -> str | None:
    """How people sign in, where they can; why they cannot, otherwise."""
    match state.provider.sign_in:
        case None:
            return None
        case PersonalToken():
            return "personal token"
        case OAuth2():
            on = any(instance.client for instance in state.instances)
            variable = f"UNFURLER_{state.provider.name.upper().replace('-', '_')}_CLIENT_ID"
            return "OAuth 2" if on else f"off: no application in {variable}"
