"""The pages a person sees: what this is, and the playground."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, render_template, request

from unfurler.sdk.errors import UnfurlError
from unfurler.space.install_link import install_link
from unfurler.web.previews import Preview, preview_of
from unfurler.web.service import service

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
def start() -> str:
    """What this is, which links it covers, and how to add it."""
    desk = service(current_app)
    install = install_link(desk.configuration.settings.base_url)
    domains = desk.resolver.registry.domains
    return render_template("start.html", providers=desk.configuration.providers, domains=domains, install=install)


@blueprint.get("/playground")
def playground() -> str:
    """A URL in, its card out; not there unless switched on."""
    desk = service(current_app)
    if desk.configuration.settings.playground == "off":
        abort(404)
    url = request.args.get("url", "").strip()
    shown: Preview | None = None
    why: str | None = None
    if url:
        try:
            match = desk.resolver.match(url)
            shown = preview_of(match, desk.people.systems.usable(match, desk.resolver.resolve(match).card))
        except UnfurlError as error:
            why = str(error)
    return render_template("playground.html", url=url, shown=shown, why=why)
