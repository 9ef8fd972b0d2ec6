"""What the pages of a sign-in have in common: whose browser it is, where it goes on, how it ends."""

from __future__ import annotations

import structlog
from flask import Response, current_app, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from unfurler.engine.sign_in import NoSuchSignIn, Opened
from unfurler.sdk.errors import BadLink, UnfurlError
from unfurler.sdk.link import Link
from unfurler.sdk.sign_in import PersonalToken
from unfurler.store.organizations import Organization
from unfurler.web.browser import browser_of
from unfurler.web.service import Service, service

log = structlog.get_logger(__name__)


def own_browser(desk: Service) -> str:
    """The browser that began a sign-in here. Raises NoSuchSignIn where it did not."""
    browser = browser_of(request, desk.configuration.settings.base_url)
    if browser is None:
        raise NoSuchSignIn("This sign-in was begun in another browser.")
    return browser


def onward(opened: Opened) -> AnyResponse:
    """Off to where the sign-in goes on, or our page that asks for a token."""
    if opened.go_to is not None:
        return redirect(opened.go_to)
    provider = opened.entrance.provider
    declared = provider.sign_in
    assert isinstance(declared, PersonalToken)
    return page(
        "enter_token.html",
        200,
        title=opened.entrance.title,
        page=f"{opened.entrance.site.url}/{declared.page.lstrip('/')}",
        note=declared.note,
        state=opened.state,
        provider=provider.name,
    )


def place_in_space(back_url: str | None, organization: Organization) -> str:
    """Where the person came from, if it is on the organization's own server; otherwise that server's start."""
    try:
        back = Link.parse(back_url or "", max_chars=8_192)
    except BadLink:
        return organization.server_url
    return back.url if back.origin == organization.server_url else organization.server_url


def sorry(error: UnfurlError, status: int, **values: object) -> Response:
    """Why it ends here."""
    log.info("sign-in.refused", reason=error.reason)
    count(error.reason)
    return page("signed_in.html", status, **{"outcome": str(error), **values})


def count(outcome: str) -> None:
    """How a sign-in ended; the address may name a provider that nobody can sign in to, or none."""
    desk, named = service(current_app), (request.view_args or {}).get("provider")
    known = {entrance.provider.name for entrance in desk.people.systems.all()}
    desk.meters.count(desk.meters.sign_ins, provider=named if named in known else None, outcome=outcome)


def page(template: str, status: int, **values: object) -> Response:
    """One of the pages."""
    return make_response(render_template(template, **values), status)


def keep_to_oneself(response: Response) -> Response:
    """These pages are for one person, once."""
    response.headers["Cache-Control"] = "no-store"
    return response
