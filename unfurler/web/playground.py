"""The playground: a link in, its card and the story of its way out; nothing of it is there unless switched on."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, abort, current_app, make_response, render_template, request

from unfurler.engine.audience import fitted
from unfurler.engine.outcomes import End
from unfurler.sdk.errors import NothingToShow
from unfurler.space.why import steps
from unfurler.web.headers import content_policy
from unfurler.web.previews import Preview, as_text, preview_of, told
from unfurler.web.service import Service, service

blueprint = Blueprint("playground", __name__, url_prefix="/playground")


@blueprint.get("", strict_slashes=False)
def page() -> Response:
    """A URL in; its card as Space draws it, as text and as JSON out, and why it is so."""
    desk = service(current_app)
    url = request.args.get("url", "").strip()
    full = request.args.get("size") == "full"
    found = told(lambda: _preview(desk, url, full=full), desk.configuration.providers) if url else None
    shown = found.preview if found else None
    answer = make_response(
        render_template(
            "playground.html",
            url=url,
            full=full,
            steps=found.steps if found else [],
            content=shown.content if shown else None,
            text=as_text(shown) if shown else "",
        )
    )
    answer.headers["Content-Security-Policy"] = content_policy(scripts=True)
    return answer


@blueprint.get("/story")
def story() -> dict[str, Any]:
    """`{passes: [{at, steps: [{name, said, more, good}]}]}` of `?organization=&item=&link=`, the latest pass last.

    Who does not know all three is told nothing. What an account saw is not told, only that there was one.
    """
    desk = service(current_app)
    organization, item, link = (request.args.get(name, "") for name in ("organization", "item", "link"))
    stories = desk.desk.tools.stories.of(organization, item, link)
    if not stories:
        abort(404)
    ended = desk.desk.items(organization).end_of(item)
    end = End(ended[0], ended[1]) if ended and ended[0] else None
    *earlier, latest = stories
    passes = [{"at": one.at, "steps": [asdict(step) for step in steps(one)]} for one in earlier]
    passes.append({"at": latest.at, "steps": [asdict(step) for step in steps(latest, end)]})
    return {"passes": passes}


def _preview(desk: Service, url: str, *, full: bool) -> Preview:
    match = desk.resolver.match(url)
    # The operator's service account may see what the system itself calls confidential.
    card = fitted(desk.resolver.resolve(match).card, match.provider.title, "show", "ask")
    if card is None:
        raise NothingToShow("Others are not to see it.")
    return preview_of(match, desk.people.systems.usable(match, card), "full" if full else "compact")
