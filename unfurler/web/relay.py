"""Pictures that need an account, for those who got their address."""

from __future__ import annotations

from flask import Blueprint, Response, abort, current_app

from unfurler.fetch.pictures import reencoded
from unfurler.sdk.errors import UnfurlError
from unfurler.web.service import service

blueprint = Blueprint("relay", __name__)


@blueprint.get("/relay/<sealed>")
def picture(sealed: str) -> Response:
    """The picture, made anew; 404 for everything else, without saying why."""
    desk = service(current_app)
    relayed = desk.people.relay.open(sealed)
    if relayed is None:
        abort(404)
    try:
        body, kind = reencoded(desk.picture(relayed))
    except UnfurlError:
        abort(404)
    headers = {"Cache-Control": "private, max-age=1800", "Cross-Origin-Resource-Policy": "cross-origin"}
    return Response(body, mimetype=kind, headers=headers)
