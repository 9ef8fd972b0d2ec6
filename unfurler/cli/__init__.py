"""The commands: parse, call, print."""

from __future__ import annotations

import click

from unfurler.cli import author, demo, dev, operate, preview
from unfurler.version import VERSION


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="unfurler")
def main() -> None:
    """Link previews with working buttons for JetBrains Space."""


for command in (*preview.commands, *author.commands, *dev.commands, *operate.commands, *demo.commands):
    main.add_command(command)
