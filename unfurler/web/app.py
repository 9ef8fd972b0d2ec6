"""The application factory."""

from __future__ import annotations

import os
import sys

import structlog
from flask import Flask, Response

from unfurler.config import WrongSettings, read_configuration
from unfurler.engine.loading import load_providers
from unfurler.engine.registry import RegistryConflict
from unfurler.sdk.provider import ProviderFault
from unfurler.store.secrets import CannotOpen
from unfurler.web import drawing, forms, health, homepage, login, oauth, pages, playground, problems, relay, webhook
from unfurler.web.build import build_service
from unfurler.web.headers import content_policy
from unfurler.web.logs import set_up_logs
from unfurler.web.running import start_working
from unfurler.web.service import Service
from unfurler.web.traces import CannotTrace, start_traces

# The exit code of a worker after which gunicorn does not start another one.
_GUNICORN_STOPS = 4


def create_app(service: Service) -> Flask:
    """The views over a built service. Starts nothing."""
    app = Flask("unfurler.web", static_folder="static")
    service.register(app)
    views = [webhook, pages, homepage, login, oauth, forms, relay, health]
    if service.configuration.settings.playground == "on":
        views += [playground, drawing]
    for view in views:
        app.register_blueprint(view.blueprint)
    problems.register(app)
    secure = service.configuration.settings.base_url.startswith("https://")

    @app.after_request
    def protect(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", content_policy())
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "no-referrer")
        if secure:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        return response

    app.wsgi_app = webhook.Webhook(service, app.wsgi_app)  # type: ignore[method-assign]
    return app


def serve() -> Flask:
    """What gunicorn runs in each of its processes."""
    return create_app(begin())


def begin(*, works: bool = False) -> Service:
    """Read the environment, build every piece, begin to work; `works` for a worker beside the web processes."""
    loaded = load_providers()
    try:
        configuration = read_configuration(os.environ, loaded.providers)
        set_up_logs(configuration.settings.log_level, configuration.settings.log_format)
        service = build_service(configuration, loaded, tracing=start_traces(os.environ), works=works)
        _open_a_secret(service)
    except (WrongSettings, RegistryConflict, ProviderFault, CannotOpen, CannotTrace) as wrong:
        print(wrong, file=sys.stderr, flush=True)  # noqa: T201 - before there are logs
        sys.exit(_GUNICORN_STOPS)
    _report(service)
    start_working(service, works=works)
    return service


def _open_a_secret(service: Service) -> None:
    """Keys that do not fit the database stop the start, if the database is there. Raises CannotOpen."""
    if service.database.trouble() is None:
        service.organizations.all()


def _report(service: Service) -> None:
    """Once at the start: what does not run, and what was set for nothing."""
    log = structlog.get_logger(__name__)
    for broken in service.loaded.broken:
        log.error("provider.broken", provider=broken.name, reason=broken.reason)
    for state in service.configuration.providers:
        log.info("provider.loaded", provider=state.provider.name, runs=state.reason is None, reason=state.reason)
    for variable in service.configuration.unknown:
        log.warning("setting.unknown", variable=variable)
    if service.configuration.settings.fetch_proxy is not None:
        log.warning("fetch.proxy", meaning="the proxy of UNFURLER_FETCH_PROXY decides which addresses are reached")
