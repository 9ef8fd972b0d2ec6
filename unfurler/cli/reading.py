"""What every command begins with: the providers that there are, and the environment."""

from __future__ import annotations

import os
import sys

import click

from unfurler.config import Configuration, WrongSettings, read_configuration
from unfurler.engine.loading import Loaded, load_providers
from unfurler.web.logs import set_up_logs


def read(*, needs_keys: bool = False) -> tuple[Loaded, Configuration]:
    """Both, or the end of the command with one line a fault."""
    loaded = load_providers()
    set_up_logs("ERROR", None)
    try:
        return loaded, read_configuration(os.environ, loaded.providers, needs_keys=needs_keys)
    except WrongSettings as wrong:
        for fault in wrong.faults:
            click.echo(fault, err=True)
        sys.exit(1)
