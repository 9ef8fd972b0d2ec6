"""`dev`: a provider's cards on a local page that follows every save."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import click
from flask import Flask, Response, render_template
from werkzeug.serving import WSGIRequestHandler, make_server

from unfurler.cli.ports import free_port
from unfurler.cli.recording import RecordingApi, cleaner
from unfurler.cli.samples import Place, Samples, read_samples, write_recorded
from unfurler.cli.sheet import draw_sheet, fault_of, match_of
from unfurler.config import Configuration, WrongSettings, read_configuration
from unfurler.engine.cards import EVERYONE
from unfurler.engine.loading import load_anew
from unfurler.limits import Limits
from unfurler.sdk.errors import UnfurlError
from unfurler.sdk.link import Link
from unfurler.sdk.provider import Provider
from unfurler.web import drawing
from unfurler.web.headers import content_policy
from unfurler.web.logs import set_up_logs
from unfurler.web.meters import Meters
from unfurler.web.reading import build_reading


@click.command()
@click.argument("provider", type=click.Path(exists=True, path_type=Path))
@click.option("--record", is_flag=True, help="First record what the real system answers, with secrets removed.")
@click.option("--link", "links", multiple=True, metavar="URL", help="With --record: this link too; repeatable.")
@click.option("--port", default=8090, show_default=True, help="The page's; another one where it is taken.")
def dev(provider: Path, record: bool, links: tuple[str, ...], port: int) -> None:
    """Show the cards of a provider's sample links on a local page that follows every save.

    PROVIDER is its file or folder in providers/. Its links and the replies to them are those of its test (the tables
    CLAIMS, REPLIES and PAGES) and of tests/providers/NAME/recorded.json, which --record writes.
    """
    # Saved twice within a second, a file of the same length would be taken for the one that is compiled already.
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(Path.cwd()))
    set_up_logs("ERROR", None)
    place = Place.of(provider)
    if record:
        _record(place, links)
    port = free_port(port)
    server = make_server("127.0.0.1", port, page_of(place), threaded=True, request_handler=_Quiet)
    click.echo(f"Open http://127.0.0.1:{port}: it follows every save of {place.short(str(place.provider))}.")
    with server:
        server.serve_forever()


commands = (dev,)


def page_of(place: Place) -> Flask:
    """The local page of a provider."""
    app = Flask("unfurler.web", static_folder="static")
    app.register_blueprint(drawing.blueprint)
    one_at_a_time = threading.Lock()

    @app.get("/")
    def page() -> str:
        with one_at_a_time:
            version, sheet = place.version, draw_sheet(place)
        return render_template("sheet.html", sheet=sheet, place=place, version=version)

    @app.get("/version")
    def version() -> str:
        return place.version

    @app.after_request
    def protect(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = content_policy(scripts=True)
        response.headers["Cache-Control"] = "no-store"
        return response

    return app


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


def _record(place: Place, links: tuple[str, ...]) -> None:
    """Ask the real system for every sample link; the end of the command where nobody answers."""
    try:
        provider = load_anew(place.provider)
        asked = tuple(dict.fromkeys([*read_samples(place).links, *links]))
        configuration = read_configuration(os.environ, [provider], needs_keys=False)
    except WrongSettings as wrong:
        raise click.ClickException("\n".join(wrong.faults)) from None
    except (Exception, SystemExit) as error:
        fault = fault_of(error, place)
        raise click.ClickException(f"{fault.file}, line {fault.line}: {fault.sentence}") from None
    if not asked:
        raise click.ClickException("there is nothing to record: give a link with --link, or write the table CLAIMS")
    recorded, trouble = _recorded(provider, asked, configuration)
    if trouble is not None and not recorded.replies and not recorded.pages:
        raise click.ClickException(f"--record needs a network: {trouble}")
    write_recorded(place, recorded)
    count = len(recorded.replies) + len(recorded.pages)
    click.echo(f"{place.short(str(place.recorded))}: {count} replies to {len(recorded.links)} links. Read them before")
    click.echo("you keep them: what looks like a secret was removed, but only you know what is one.")


def _recorded(
    provider: Provider, links: tuple[str, ...], configuration: Configuration
) -> tuple[Samples, Exception | None]:
    reading = build_reading(configuration, Limits(), Meters())
    instances = [instance for state in configuration.providers for instance in state.instances]
    secrets = [instance.token.get_secret_value() for instance in instances if instance.token]
    clean = cleaner(secrets)
    replies, pages, done, trouble = {}, {}, [], None
    for link in links:
        try:
            match = reading.registry.match(Link.parse(link)) or match_of(provider, link)
            if match is None:
                click.echo(f"{link}: no rule of this provider fits", err=True)
                continue
            api = RecordingApi(reading.apis(match, EVERYONE), clean)
            try:
                match.rule.function(match.link, api, **match.arguments)
            finally:
                replies.update(api.replies)
                pages.update(api.pages)
                trouble = api.trouble or trouble
        except UnfurlError as error:
            click.echo(f"{link}: {error}", err=True)
        except Exception as error:
            click.echo(f"{link}: {type(error).__name__}: {error}", err=True)
        done.append(link)
    return Samples(tuple(done), replies, pages), trouble
