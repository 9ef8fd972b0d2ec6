"""The page with a field that a button asked one person to fill."""

from __future__ import annotations

import time

from flask import Blueprint, Response, abort, current_app, make_response, render_template, request

from unfurler.store.forms import Form, Forms
from unfurler.web.service import Service, service

blueprint = Blueprint("forms", __name__, url_prefix="/write/<id>")

_MAX_CHARS = 20_000


@blueprint.get("")
def show(id: str) -> str:
    """The field, and who is about to write."""
    desk = service(current_app)
    form = Forms(desk.database).find(id, time.time())
    organization = None if form is None else desk.organizations.find(form.organization)
    if form is None or organization is None:
        abort(404)
    return render_template(
        "write.html",
        label=_label(desk, form),
        person=desk.name_of(organization, form.person),
        organization=organization.server_url.partition("//")[2],
    )


@blueprint.post("")
def send(id: str) -> Response:
    """Done with what was written, once."""
    desk = service(current_app)
    text = request.form.get("text", "").strip()[:_MAX_CHARS]
    if not text:
        return make_response(render_template("signed_in.html", outcome="There is nothing written."), 400)
    form = Forms(desk.database).use(id, time.time())
    organization = None if form is None else desk.organizations.find(form.organization)
    if form is None or organization is None:
        abort(404)
    return make_response(render_template("signed_in.html", outcome=desk.desk.write(organization, form, text)))


@blueprint.after_request
def keep_to_oneself(response: Response) -> Response:
    """These pages are for one person, once."""
    response.headers["Cache-Control"] = "no-store"
    return response


def _label(desk: Service, form: Form) -> str:
    for state in desk.configuration.providers:
        action = state.provider.actions.get(form.action)
        if action is not None and action.asks is not None:
            return action.asks
    return "Text"
