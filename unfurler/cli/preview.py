"""`preview`: one link's card on the terminal."""

from __future__ import annotations

import json
import sys

import click

from unfurler.cli.reading import read
from unfurler.engine.registry import Match, RegistryConflict
from unfurler.limits import Limits
from unfurler.sdk.card import Card
from unfurler.sdk.errors import NothingToShow, UnfurlError
from unfurler.sdk.link import Link
from unfurler.sdk.provider import Provider
from unfurler.space.why import in_lines
from unfurler.web.build import build_service
from unfurler.web.meters import Meters
from unfurler.web.previews import Preview, as_text, preview_of, told
from unfurler.web.reading import Reading, build_reading
from unfurler.web.service import Service


@click.command()
@click.argument("url")
@click.option("--as-user", metavar="CLIENT_ID/USER_ID", help="Fetch with this person's account.")
@click.option("--json", "as_json", is_flag=True, help="Print the ApplicationUnfurlContent that Space would get.")
@click.option("--why", is_flag=True, help="Print, step by step, how its card comes about, or why there is none.")
def preview(url: str, as_user: str | None, as_json: bool, why: bool) -> None:
    """Unfurl one URL and print its card."""
    loaded, configuration = read(needs_keys=as_user is not None)

    def make() -> Preview:
        reading = build_reading(configuration, Limits(), Meters())
        match = _match(reading, loaded.any_page, url)
        if as_user is None:
            return preview_of(match, reading.systems.usable(match, reading.resolver.resolve(match).card))
        return preview_of(match, _seen_by(as_user, build_service(configuration, loaded), match))

    try:
        if why:
            found = told(make, configuration.providers)
            click.echo(in_lines(found.steps))
            sys.exit(0 if found.preview else 1)
        shown = make()
    except (UnfurlError, RegistryConflict) as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    if as_json:
        click.echo(json.dumps(shown.content, indent=2, ensure_ascii=False))
    else:
        click.echo(as_text(shown))


commands = (preview,)


def _seen_by(as_user: str, service: Service, match: Match) -> Card:
    """The card as this person sees it with their own accounts. Raises UnfurlError."""
    client_id, _, person = as_user.partition("/")
    organization = service.organizations.find(client_id)
    if organization is None:
        raise NothingToShow(f"No organization {client_id} has installed the application.")
    entrance = service.people.systems.of(match)
    if entrance is None or service.people.accounts(client_id).find(person, entrance.system) is None:
        click.echo(f"Nobody is signed in as {as_user} there; this is what everyone sees.", err=True)
    return service.people.members(organization).eyes.see(match, person).card


def _match(reading: Reading, any_page: Provider | None, url: str) -> Match:
    try:
        return reading.resolver.match(url)
    except NothingToShow as nothing:
        if nothing.reason != "no-provider" or any_page is None:
            raise
    link = Link.parse(url)
    click.echo(
        f"Space would not ask for this link: no configured domain covers {link.host}. "
        f"To change that, add {link.host} to UNFURLER_DOMAINS.",
        err=True,
    )
    return reading.registry.as_page(link, any_page)
