"""The page that says what this is."""

from __future__ import annotations

from flask import Blueprint, current_app, render_template

from unfurler.space.install_link import install_link
from unfurler.web.service import service

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
def start() -> str:
    """What this is, which links it covers, and how to add it."""
    desk = service(current_app)
    install = install_link(desk.configuration.settings.base_url)
    domains = desk.resolver.registry.domains
    return render_template(
        "start.html",
        providers=desk.configuration.providers,
        domains=domains,
        install=install,
        playground=desk.configuration.settings.playground == "on",
    )
