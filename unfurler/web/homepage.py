"""The homepage inside Space, and what it asks us: every call carries the token of the person who looks at it."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, get_args

import structlog
from flask import Blueprint, Response, current_app, jsonify, make_response, render_template, request

from unfurler.engine.systems import Entrance
from unfurler.space.errors import SpaceError
from unfurler.space.people import NotProved, Visitor
from unfurler.store.accounts import Audience, Choice, Rule, System
from unfurler.store.clicks import Clicks
from unfurler.web.headers import content_policy
from unfurler.web.problems import problem
from unfurler.web.service import Service, service

blueprint = Blueprint("homepage", __name__, url_prefix="/space")
log = structlog.get_logger(__name__)

_COLUMNS = ["when", "person", "account", "action", "link", "before", "after", "outcome", "said"]
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")


@blueprint.get("/homepage")
def homepage() -> Response:
    """The page inside Space; the only one that may be framed, and only there."""
    desk = service(current_app)
    hosts = desk.configuration.settings.space_servers
    page = make_response(render_template("homepage.html", providers=desk.configuration.providers))
    page.headers["Content-Security-Policy"] = content_policy(frame_ancestors=hosts.frame_ancestors, scripts=True)
    return page


def for_visitor(view: Callable[[Service, Visitor], Response]) -> Callable[[], Response]:
    """Only for a proved person; 401 otherwise, 503 while Space cannot be asked."""

    def proved() -> Response:
        desk = service(current_app)
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        try:
            if kind != "Bearer" or not token:
                raise NotProved
            visitor = desk.reception.visitor(token)
        except NotProved:
            return problem(401)
        except SpaceError:
            return problem(503, "Space does not answer just now.", {"Retry-After": "5"})
        return view(desk, visitor)

    proved.__name__ = view.__name__
    return proved


@blueprint.post("/homepage/state")
@for_visitor
def state(desk: Service, visitor: Visitor) -> Response:
    """Everything that the page shows."""
    id, person = visitor.organization.id, visitor.person
    accounts = {account.system: account for account in desk.people.accounts(id).of(person)}
    choices = {choice.system: choice for choice in desk.people.choices(id).of(person)}
    if visitor.organization.setup.get("approval"):
        desk.setups.ask(id)

    def row(entrance: Entrance) -> dict[str, Any]:
        account = accounts.get(entrance.system)
        choice = choices.get(entrance.system, Choice(entrance.system))
        return {
            "provider": entrance.system.provider,
            "site": entrance.system.site,
            "title": entrance.title,
            "account": None if account is None else {"id": account.id, "name": account.name},
            "never_ask": choice.never_ask,
            "audience": choice.audience,
        }

    return jsonify(
        systems=[row(entrance) for entrance in desk.people.systems.all()],
        administers=visitor.administers,
        rule=visitor.organization.audience_rule,
        language=visitor.organization.language,
        undone={step: why for step, why in visitor.organization.setup.items() if why},
    )


@blueprint.post("/homepage/sign-in")
@for_visitor
def sign_in(desk: Service, visitor: Visitor) -> Response:
    """A link for this person alone."""
    entrance = _entrance(desk)
    if entrance is None:
        return problem(404)
    members = desk.people.members(visitor.organization)
    return jsonify(url=members.sign_in_url(visitor.person, entrance.system, writes=False, shown=False))


@blueprint.post("/homepage/sign-out")
@for_visitor
def sign_out(desk: Service, visitor: Visitor) -> Response:
    """End one of this person's accounts."""
    gone = desk.people.entry.sign_out(visitor.organization.id, visitor.person, str(_sent().get("id")))
    return jsonify(done=True) if gone else problem(404)


@blueprint.post("/homepage/choice")
@for_visitor
def choice(desk: Service, visitor: Visitor) -> Response:
    """What this person chooses for one system, for good."""
    entrance, sent = _entrance(desk), _sent()
    audience, never_ask = sent.get("audience"), sent.get("never_ask")
    if entrance is None or audience not in (None, *get_args(Audience)) or not isinstance(never_ask, bool):
        return problem(400)
    desk.people.choices(visitor.organization.id).keep(visitor.person, Choice(entrance.system, never_ask, audience))
    return jsonify(done=True)


@blueprint.post("/homepage/rule")
@for_visitor
def rule(desk: Service, visitor: Visitor) -> Response:
    """What the organization lets its people choose; for administrators."""
    wanted: Any = _sent().get("rule")
    if not visitor.administers:
        return problem(403)
    if wanted not in get_args(Rule):
        return problem(400)
    desk.organizations.set_audience_rule(visitor.organization.id, wanted)
    log.info("organization.rule-set", organization=visitor.organization.id, rule=wanted)
    return jsonify(done=True)


@blueprint.post("/homepage/clicks")
@for_visitor
def clicks(desk: Service, visitor: Visitor) -> Response:
    """What people did with buttons here, as CSV or JSON; for administrators."""
    if not visitor.administers:
        return problem(403)
    rows = [
        {
            "when": datetime.fromtimestamp(click.at, UTC).isoformat(timespec="seconds"),
            "person": click.person,
            "account": click.account or "",
            "action": click.action,
            "link": _link(desk, visitor, click.record),
            "before": click.before or "",
            "after": click.after or "",
            "outcome": click.outcome or "under way",
            "said": click.sentence or "",
        }
        for click in Clicks(desk.database, visitor.organization.id).all()
    ]
    if _sent().get("form") != "csv":
        return jsonify(clicks=rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, _COLUMNS)
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return Response(
        text.getvalue(), mimetype="text/csv", headers={"Content-Disposition": "attachment; filename=clicks.csv"}
    )


@blueprint.post("/homepage/language")
@for_visitor
def language(desk: Service, visitor: Visitor) -> Response:
    """The language that pages are asked for; for administrators."""
    wanted = str(_sent().get("language"))
    if not visitor.administers:
        return problem(403)
    if not _LANGUAGE.fullmatch(wanted):
        return problem(400, "Write a language tag such as de or pt-BR.")
    desk.organizations.set_language(visitor.organization.id, wanted)
    return jsonify(done=True)


def _link(desk: Service, visitor: Visitor, record: str) -> str:
    found = desk.desk.items(visitor.organization.id).find(record)
    return "" if found is None else found.url


def _entrance(desk: Service) -> Entrance | None:
    sent = _sent()
    return desk.people.systems.find(System(str(sent.get("provider")), str(sent.get("site"))))


def _sent() -> dict[str, Any]:
    try:
        sent = json.loads(request.get_data(cache=True)[:65_536] or b"{}")
    except (ValueError, RecursionError):
        return {}
    return sent if isinstance(sent, dict) else {}


def _cell(value: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") else value
