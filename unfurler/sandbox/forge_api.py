"""`/forge/api/…`: the API of the forge. Reading is recorded replies; what people may change is changed.

Whatever it does not emulate is refused as GitHub refuses somebody without the right.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, g, jsonify, request

from . import forge_graphql
from .contract import JsonObject
from .forge import HOME, NOT_EMULATED, Agreement, Forge
from .forge_sign_in import plain
from .forge_threads import Refused, Thread
from .gate import apply_fault, log_entry
from .recorded_views import RateLimit, respond
from .sandbox import Sandbox

REPOSITORY = "/v3/repos/<owner>/<repo>"
WRITES = ["POST", "PUT", "PATCH", "DELETE"]


def forge_api_blueprint(sandbox: Sandbox) -> Blueprint:
    api = Blueprint("forge-api", __name__, url_prefix=f"{HOME}/api")
    guard_api(api, sandbox)
    add_reading(api, sandbox.forge)
    add_thread_writes(api, sandbox.forge)
    add_pull_writes(api, sandbox.forge)

    @api.route("/v3/<path:path>", methods=WRITES)
    def anything_else(path: str) -> Response:
        somebody(sandbox.forge)
        return plain(403, NOT_EMULATED)

    return api


def guard_api(api: Blueprint, sandbox: Sandbox) -> None:
    """Faults and the log of requests, as for everything the application asks."""

    @api.before_request
    def misbehave() -> Response | None:
        g.body = request.get_data()
        return apply_fault(sandbox, after=False)

    @api.after_request
    def remember(response: Response) -> Response:
        with sandbox.world.lock:
            sandbox.world.requests.append(log_entry(response.status_code))
        if request.method != "GET":
            sandbox.world.changes.note()
        return response

    @api.errorhandler(Refused)
    def refuse(refused: Refused) -> Response:
        return plain(refused.status, refused.message)


def add_reading(api: Blueprint, forge: Forge) -> None:
    rate = RateLimit()

    @api.get("/v3/user")
    def user() -> Response:
        return told(somebody(forge)[1])

    @api.get(f"{REPOSITORY}/issues/<int:number>/comments")
    def comments(owner: str, repo: str, number: int) -> Response:
        return told(thread(forge, owner, repo, number, signed_in=False)[0].comments())

    @api.get("/v3/<path:path>")
    def read(path: str) -> Response:
        agreement = caller(forge)
        if not forge.sees(agreement, path):
            return plain(404, "Not Found")
        reply = forge.replies.answer(path, request.headers.get("Accept", ""))
        reply = replace(reply, body=at_home(reply.body))
        response = respond(reply, rate, unchanged=reply.etag in request.headers.get("If-None-Match", ""))
        if agreement is not None:
            response.headers["Cache-Control"] = "private, max-age=60, s-maxage=60"
            response.headers["Vary"] = "Accept, Authorization, Cookie"
        return response

    @api.post("/graphql")
    def graphql() -> Response:
        return jsonify(forge_graphql.answer(forge, body(), somebody(forge)[0]))


def add_thread_writes(api: Blueprint, forge: Forge) -> None:
    """What an issue and a pull request have in common."""

    @api.patch(f"{REPOSITORY}/issues/<int:number>")
    def edit(owner: str, repo: str, number: int) -> Response:
        with changing(forge, owner, repo, number) as (found, who):
            found.edit(body(), who)
            return told(found.issue)

    @api.post(f"{REPOSITORY}/issues/<int:number>/assignees")
    def assign(owner: str, repo: str, number: int) -> Response:
        with changing(forge, owner, repo, number) as (found, who):
            found.add_assignees(names("assignees"), who)
            return told(found.issue, 201)

    @api.post(f"{REPOSITORY}/issues/<int:number>/comments")
    def comment(owner: str, repo: str, number: int) -> Response:
        with changing(forge, owner, repo, number) as (found, who):
            return told(found.comment(str(body().get("body", "")), who), 201)


def add_pull_writes(api: Blueprint, forge: Forge) -> None:
    @api.patch(f"{REPOSITORY}/pulls/<int:number>")
    def edit_pull(owner: str, repo: str, number: int) -> Response:
        with changing(forge, owner, repo, number, "pulls") as (found, who):
            found.edit({"state": body().get("state")}, who)
            return told(found.pull)

    @api.post(f"{REPOSITORY}/pulls/<int:number>/reviews")
    def review(owner: str, repo: str, number: int) -> Response:
        with changing(forge, owner, repo, number, "pulls") as (found, who):
            return told(found.review(str(body().get("event", "")), who))

    @api.post(f"{REPOSITORY}/pulls/<int:number>/requested_reviewers")
    def ask_for_review(owner: str, repo: str, number: int) -> Response:
        with changing(forge, owner, repo, number, "pulls") as (found, who):
            found.ask_for_review(names("reviewers"), who)
            return told(found.pull, 201)

    @api.put(f"{REPOSITORY}/pulls/<int:number>/merge")
    def merge(owner: str, repo: str, number: int) -> Response:
        with changing(forge, owner, repo, number, "pulls") as (found, who):
            return told(found.merge(body(), who))


def caller(forge: Forge) -> Agreement | None:
    """Whose token came along; None for nobody's. Raises Refused for one that is not known."""
    given = request.authorization
    if given is None:
        return None
    agreement = forge.tokens.get(given.token or "")
    if agreement is None:
        raise Refused(401, "Bad credentials")
    return agreement


def somebody(forge: Forge) -> tuple[Agreement, JsonObject]:
    """Who asks, as an account. Raises Refused where nobody signed in."""
    agreement = caller(forge)
    if agreement is None:
        raise Refused(401, "Requires authentication")
    return agreement, forge.account(agreement.login)


def thread(
    forge: Forge, owner: str, repo: str, number: int, kind: str = "issues", *, signed_in: bool = True
) -> tuple[Thread, JsonObject]:
    """A thread that the caller sees, and the caller. Raises Refused."""
    who = somebody(forge)[1] if signed_in else {}
    found = Thread(forge.replies, f"repos/{owner}/{repo}", number)
    if (found.pull if kind == "pulls" else found.issue) is None or not forge.sees(caller(forge), found.at):
        raise Refused(404, "Not Found")
    return found, who


@contextmanager
def changing(
    forge: Forge, owner: str, repo: str, number: int, kind: str = "issues"
) -> Iterator[tuple[Thread, JsonObject]]:
    with forge.lock:
        found, who = thread(forge, owner, repo, number, kind)
        if "repo" not in (caller(forge) or Agreement("", "")).scope.split():
            raise Refused(404, "Not Found")
        yield found, who


def body() -> JsonObject:
    """Raises Refused where it is no object."""
    asked = request.get_json(silent=True)
    if not isinstance(asked, dict):
        raise Refused(400, "Problems parsing JSON")
    return asked


def names(key: str) -> list[str]:
    given = body().get(key)
    return [str(name) for name in given] if isinstance(given, list) else []


def told(value: Any, status: int = 200) -> Response:
    response = jsonify(value)
    response.status_code = status
    response.data = at_home(response.data)
    return response


def at_home(reply: bytes) -> bytes:
    """With this instance's own addresses in place of those of github.com."""
    here = f"{request.host_url.rstrip('/')}{HOME}"
    reply = reply.replace(b"https://api.github.com/", f"{here}/api/v3/".encode())
    return reply.replace(b"https://github.com/", f"{here}/".encode())
