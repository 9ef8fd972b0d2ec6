"""Back from Space's own login, which says who is about to sign in."""

from __future__ import annotations

from flask import Blueprint, current_app, request
from werkzeug.wrappers import Response as AnyResponse

from unfurler.engine.sign_in import AnotherPerson, NoSuchSignIn
from unfurler.sdk.errors import UnfurlError, Upstream
from unfurler.space.login import LOGIN_PATH
from unfurler.web.service import service
from unfurler.web.sign_in_pages import count, keep_to_oneself, onward, own_browser, page, place_in_space, sorry

blueprint = Blueprint("login", __name__)
blueprint.after_request(keep_to_oneself)

_AGAIN = "Nothing was linked. Open the link to sign in once more."


@blueprint.get(LOGIN_PATH)
def came_back() -> AnyResponse:
    """On to the external system, for the person whom the link was made for and for nobody else."""
    desk = service(current_app)
    state = request.args.get("state", "")
    try:
        flow = desk.people.entry.login_came_back(state, own_browser(desk))
    except NoSuchSignIn as error:
        return sorry(error, 400)
    organization = desk.organizations.find(flow.sign_in.organization)
    back = None if organization is None else place_in_space(flow.back_url, organization)
    if "error" in request.args or "code" not in request.args:
        count("declined")
        return page("signed_in.html", 200, outcome=f"Space did not say who you are. {_AGAIN}", back=back)
    try:
        return onward(desk.people.entry.prove(flow, state, request.args["code"]))
    except AnotherPerson as error:
        return sorry(error, 403, outcome=f"{error} Nothing was linked.", back=back)
    except Upstream as error:
        return sorry(error, 503, outcome=f"{error} {_AGAIN}", back=back)
    except UnfurlError as error:
        return sorry(error, 400, outcome=f"Space does not accept this login. {_AGAIN}", back=back)
