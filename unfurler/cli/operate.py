"""What an operator runs: `check`, `db upgrade`, `install-url`, `new-key`, `worker`."""

from __future__ import annotations

import base64
import secrets
import signal
import sys
import threading
from collections.abc import Iterator

import click

from unfurler.cli.reading import read
from unfurler.config import Configuration
from unfurler.engine.loading import Loaded
from unfurler.engine.registry import RegistryConflict
from unfurler.limits import Limits
from unfurler.space.install_link import install_link
from unfurler.store.database import Database
from unfurler.store.organizations import Organizations
from unfurler.store.secrets import CannotOpen, Vault
from unfurler.web.build import build_reading
from unfurler.web.meters import Meters


@click.command()
def check() -> None:
    """Check configuration, database, keys and providers; exit 0, or list what to mend."""
    loaded, configuration = read(needs_keys=True)
    faults = list(_faults(loaded, configuration))
    for fault in faults:
        click.echo(fault, err=True)
    if faults:
        sys.exit(1)
    running = [state.provider.name for state in configuration.providers if state.reason is None]
    click.echo(f"All is well. Providers that run: {', '.join(running) or 'none'}.")


def _faults(loaded: Loaded, configuration: Configuration) -> Iterator[str]:
    for broken in loaded.broken:
        yield f"provider {broken.name}: {broken.reason}"
    try:
        build_reading(configuration, Limits(), Meters())
    except RegistryConflict as conflict:
        yield str(conflict)
    for variable in configuration.unknown:
        yield f"{variable}: no such setting"
    settings = configuration.settings
    database = Database(settings.database_url.get_secret_value())
    trouble = database.trouble()
    if trouble is not None:
        yield f"UNFURLER_DATABASE_URL: {trouble}"
        return
    try:
        organizations = Organizations(database, Vault([key.get_secret_value() for key in settings.secret_keys])).all()
    except CannotOpen as error:
        yield f"UNFURLER_SECRET_KEYS: {error}"
        return
    tokens = [state.provider.name for state in configuration.providers for one in state.instances if one.token]
    if len(organizations) > 1 and tokens:
        names = ", ".join(sorted(set(tokens)))
        yield f"{names}: what the service account can read is shown in each of {len(organizations)} organizations"


@click.group()
def db() -> None:
    """The database."""


@db.command()
def upgrade() -> None:
    """Bring the database to the current schema; does nothing where it is."""
    _, configuration = read()
    Database(configuration.settings.database_url.get_secret_value()).upgrade()
    click.echo("The database is at the current schema.")


@click.command("install-url")
@click.option("--space", metavar="URL", help="The organization's server; without it the person chooses.")
def install_url(space: str | None) -> None:
    """Print the link that adds this application to a Space organization."""
    _, configuration = read()
    click.echo(install_link(configuration.settings.base_url, space))


@click.command("new-key")
def new_key() -> None:
    """Print a fresh key for UNFURLER_SECRET_KEYS."""
    click.echo(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())


@click.command()
def worker() -> None:
    """Work beside the web processes; needed only with Redis."""
    _, configuration = read(needs_keys=True)
    if configuration.settings.redis_url is None:
        reason = "UNFURLER_REDIS_URL is not set: the web process does the work itself."
    else:
        reason = "This version does not share work through Redis yet: the web process does it."
    click.echo(f"{reason} Waiting until stopped.", err=True)
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    stopped.wait()


commands = (check, db, install_url, new_key, worker)
