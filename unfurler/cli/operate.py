"""What an operator runs: `check`, `db upgrade`, `install-url`, `new-key`, `worker`."""

from __future__ import annotations

import base64
import os
import secrets
import signal
import sys
import threading

import click

from unfurler.cli.reading import read
from unfurler.config import Configuration
from unfurler.engine.loading import Loaded
from unfurler.engine.registry import RegistryConflict
from unfurler.limits import Limits
from unfurler.space.install_link import install_link
from unfurler.store.database import Database
from unfurler.store.organizations import Organizations
from unfurler.store.reseal import reseal
from unfurler.store.secrets import CannotOpen, Vault
from unfurler.store.upgrade import upgrade
from unfurler.web.meters import Meters
from unfurler.web.reading import build_reading


@click.command()
def check() -> None:
    """Check configuration, database, keys and providers; exit 0, or list what to mend."""
    loaded, configuration = read(needs_keys=True)
    faults, warnings = _judge(loaded, configuration)
    for line in (*faults, *warnings):
        click.echo(line, err=True)
    if faults:
        sys.exit(1)
    running = [state.provider.name for state in configuration.providers if state.reason is None]
    click.echo(f"All is well. Providers that run: {', '.join(running) or 'none'}.")


def _judge(loaded: Loaded, configuration: Configuration) -> tuple[list[str], list[str]]:
    """What to mend, and what only has to be known."""
    faults = [f"provider {broken.name}: {broken.reason}" for broken in loaded.broken]
    try:
        build_reading(configuration, Limits(), Meters())
    except RegistryConflict as conflict:
        faults.append(str(conflict))
    warnings = [f"{variable}: no such setting" for variable in configuration.unknown]
    settings = configuration.settings
    if settings.redis_url is not None:
        # Here, as in `build_sharing`: most commands need none of its libraries.
        from unfurler.web.shared import build_redis

        if build_redis(settings.redis_url.get_secret_value(), Limits()).trouble():
            faults.append("UNFURLER_REDIS_URL: Redis cannot be reached")
    database = Database(settings.database_url.get_secret_value())
    trouble = database.trouble()
    if trouble is not None:
        return [*faults, f"UNFURLER_DATABASE_URL: {trouble}"], warnings
    try:
        organizations = Organizations(database, _vault(configuration)).all()
    except CannotOpen as error:
        return [*faults, f"UNFURLER_SECRET_KEYS: {error}"], warnings
    tokens = {state.provider.name for state in configuration.providers for one in state.instances if one.token}
    if len(organizations) > 1 and tokens:
        names, count = ", ".join(sorted(tokens)), len(organizations)
        warnings.append(f"{names}: what the service account can read is shown in each of {count} organizations")
    return faults, warnings


def _vault(configuration: Configuration) -> Vault:
    return Vault([key.get_secret_value() for key in configuration.settings.secret_keys])


@click.group()
def db() -> None:
    """The database."""


@db.command("upgrade")
def upgrade_command() -> None:
    """Bring the database to the current schema; does nothing where it is."""
    _, configuration = read()
    upgrade(Database(configuration.settings.database_url.get_secret_value()))
    click.echo("The database is at the current schema.")


@db.command("reseal")
def reseal_command() -> None:
    """Encrypt every stored secret under the first of UNFURLER_SECRET_KEYS; older keys can be dropped then."""
    _, configuration = read(needs_keys=True)
    try:
        count = reseal(Database(configuration.settings.database_url.get_secret_value()), _vault(configuration))
    except CannotOpen as error:
        click.echo(f"UNFURLER_SECRET_KEYS: {error}", err=True)
        sys.exit(1)
    click.echo(f"{count} stored secrets are under the first key now.")


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


@click.command(context_settings={"ignore_unknown_options": True})
@click.option("--processes", default=1, show_default=True, help="How many processes work.")
@click.option("--threads", default=32, show_default=True, help="How many organizations each works on at once.")
@click.argument("options", nargs=-1, type=click.UNPROCESSED, metavar="[OPTIONS OF DRAMATIQ]")
def worker(processes: int, threads: int, options: tuple[str, ...]) -> None:
    """Work beside the web processes; needed only with Redis. It is Dramatiq's worker, and takes its options too."""
    _, configuration = read(needs_keys=True)
    if configuration.settings.redis_url is not None:
        from unfurler.web.worker import command, environment

        os.execve(sys.executable, command(processes, threads, options), environment(os.environ, threads))
    click.echo("UNFURLER_REDIS_URL is not set: the web process does the work itself. Waiting until stopped.", err=True)
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    stopped.wait()


commands = (check, db, install_url, new_key, worker)
