"""Signing in to an external system: the link that was sent, the way there and back, the confirmation."""

from __future__ import annotations

from typing import cast, get_args

from flask import Blueprint, current_app, make_response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from unfurler.engine.sign_in import Gained, NoSuchSignIn
from unfurler.sdk.errors import AccessDenied, UnfurlError, Upstream
from unfurler.sdk.sign_in import OAuth2, PersonalToken
from unfurler.store.accounts import Audience, Choice
from unfurler.web.browser import browser_of, new_browser, remember
from unfurler.web.headers import content_policy
from unfurler.web.service import Service, service
from unfurler.web.sign_in_pages import count, keep_to_oneself, onward, own_browser, page, place_in_space, sorry

blueprint = Blueprint("oauth", __name__, url_prefix="/oauth/<provider>")
blueprint.after_request(keep_to_oneself)


@blueprint.get("/start")
def start(provider: str) -> AnyResponse:
    """Off to the system, or to our page that asks for a token."""
    desk = service(current_app)
    base_url = desk.configuration.settings.base_url
    browser = browser_of(request, base_url) or new_browser()
    try:
        opened = desk.people.entry.open(provider, request.args.get("request", ""), browser, request.args.get("backUrl"))
    except NoSuchSignIn as error:
        return sorry(error, 404)
    except Upstream as error:
        return sorry(error, 503, again=request.full_path)
    return remember(make_response(onward(opened)), browser, base_url)


@blueprint.get("/callback")
def callback(provider: str) -> AnyResponse:
    """Back from the system: who will be linked with whom, and one form to confirm it."""
    desk = service(current_app)
    state = request.args.get("state", "")
    try:
        browser = own_browser(desk)
        if "error" in request.args or "code" not in request.args:
            desk.people.entry.refused(provider, state, browser)
            count("declined")
            return page("signed_in.html", 200, outcome="Nothing was linked: the system says that you did not agree.")
        issuer, referrer = request.args.get("iss"), request.headers.get("Referer")
        gained = desk.people.entry.came_back(
            provider, state, request.args["code"], browser, issuer=issuer, referrer=referrer
        )
        return _ask(desk, gained, state)
    except UnfurlError as error:
        return sorry(error, 400)


@blueprint.post("/token")
def token(provider: str) -> AnyResponse:
    """A token entered by hand: the same confirmation."""
    desk = service(current_app)
    state = request.form.get("state", "")
    try:
        browser = own_browser(desk)
        entered = request.form.get("token", "").strip()
        return _ask(desk, desk.people.entry.token_entered(provider, state, entered, browser), state)
    except AccessDenied as error:
        return sorry(error, 400, outcome=f"{error} Open the link once more to try another token.")
    except UnfurlError as error:
        return sorry(error, 400)


@blueprint.post("/confirm")
def confirm(provider: str) -> AnyResponse:
    """Linked from here on; back to where the person came from. Or not linked at all."""
    desk = service(current_app)
    state, audience = request.form.get("state", ""), request.form.get("audience") or None
    try:
        browser = own_browser(desk)
        if audience not in (None, *get_args(Audience)):
            raise NoSuchSignIn("That is no answer to who may see private links.")
        if request.form.get("answer") == "no":
            desk.people.entry.decline(state, browser)
            count("declined")
            return page("signed_in.html", 200, outcome="Nothing was linked.")
        flow, account = desk.people.entry.confirm(state, browser)
        count("signed-in")
    except UnfurlError as error:
        return sorry(error, 400)
    organization = desk.organizations.find(flow.sign_in.organization)
    if organization is None:
        return page("signed_in.html", 200, outcome="This organization has removed the application meanwhile.")
    if "audience" in request.form:
        choices = desk.people.choices(organization.id)
        before = choices.find(account.person, account.system)
        choices.keep(account.person, Choice(account.system, before.never_ask, cast("Audience | None", audience)))
    desk.signed_in(organization, account)
    if flow.back_url is not None:
        return redirect(place_in_space(flow.back_url, organization))
    return page("signed_in.html", 200, outcome=f"You are signed in as {account.name}.", back=organization.server_url)


def _ask(desk: Service, gained: Gained, state: str) -> AnyResponse:
    sign_in = gained.flow.sign_in
    organization = desk.organizations.find(sign_in.organization)
    if organization is None:
        raise NoSuchSignIn("This organization has removed the application meanwhile.")
    declared = gained.entrance.provider.sign_in
    shown = page(
        "confirm_sign_in.html",
        200,
        organization=organization.server_url.partition("//")[2],
        person=desk.name_of(organization, sign_in.person),
        proved=gained.flow.login == "proved",
        title=gained.entrance.title,
        account=gained.name,
        provider=gained.entrance.provider.name,
        note=declared.note if isinstance(declared, OAuth2 | PersonalToken) else "",
        writes=sign_in.writes,
        state=state,
        rule=organization.audience_rule,
        audience=desk.people.choices(organization.id).find(sign_in.person, sign_in.system).audience or "",
    )
    # The answer to the form leads back to Space, which browsers hold against the policy of the page with the form.
    shown.headers["Content-Security-Policy"] = content_policy(forms_lead_to=organization.server_url)
    return shown
