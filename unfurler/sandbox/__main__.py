"""`python -m unfurler.sandbox`: starts the emulated Space alone."""

from __future__ import annotations

from typing import Literal

import click

from .sandbox import Settings
from .server import run


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=9000, show_default=True, help="0 takes a free one.")
@click.option("--server-url", help="This server's origin as the application sees it; http://HOST:PORT by default.")
@click.option("--token-life", "token_life_s", default=600, show_default=True, help="Seconds an access token lives.")
@click.option(
    "--github",
    type=click.Choice(["recorded", "live"]),
    default="recorded",
    show_default=True,
    help="What the page says about where GitHub links are read.",
)
@click.option("--sample", "samples", multiple=True, help="A link to offer on the page; may be repeated.")
@click.option("--install", "endpoint", help="Endpoint of the application; installs it as soon as it answers.")
@click.option("--organization", "names", multiple=True, default=["Acme", "Globex"], help="With --install; repeatable.")
def main(
    host: str,
    port: int,
    server_url: str | None,
    token_life_s: int,
    github: Literal["recorded", "live"],
    samples: tuple[str, ...],
    endpoint: str | None,
    names: tuple[str, ...],
) -> None:
    """Starts an emulated Space with a chat page."""
    settings = Settings(host, port, server_url, token_life_s, github, samples)
    run(settings, endpoint=endpoint, names=names)


if __name__ == "__main__":
    main()
