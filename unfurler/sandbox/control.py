"""`/sandbox/…`: what a test or the chat page makes happen on this server."""

from __future__ import annotations

import time
import uuid

from flask import Blueprint, Response, jsonify, request

from . import payloads, report
from .asked import Asked
from .control_organization import add_organization_views
from .ids import new_secret
from .organization import Organization, new_organization
from .refusal import Refusal, denied, invalid
from .sandbox import Sandbox
from .world import Fault

PEOPLE = ["Ann Lee", "Bob Stone", "Carla Diaz"]


def control_blueprint(sandbox: Sandbox) -> Blueprint:
    control = Blueprint("control", __name__, url_prefix="/sandbox")
    add_organization_views(control, sandbox)
    add_installing_views(control, sandbox)
    add_server_views(control, sandbox)

    @control.before_request
    def refuse_foreign_pages() -> None:
        # Whatever page the developer has open could otherwise make this server send requests about.
        origin = request.headers.get("Origin")
        if origin is not None and origin != request.host_url.rstrip("/"):
            raise denied("Only this server's own page may do this")

    @control.after_request
    def note_change(response: Response) -> Response:
        if request.method != "GET":
            sandbox.world.changes.note()
        return response

    @control.errorhandler(Refusal)
    def refuse(refusal: Refusal) -> tuple[Response, int]:
        return jsonify({"error": refusal.description}), refusal.status

    return control


def add_installing_views(control: Blueprint, sandbox: Sandbox) -> None:
    world = sandbox.world

    @control.post("/installations")
    def install() -> Response:
        """Installs the application and delivers InitPayload; the same clientId again is a re-installation.

        `{endpoint, name?, application?, clientId?, clientSecret?, state?, approve?, users?, requeueAfterAuth?,
        codeFlow?, redirectUris?}`; `name` is the organization's, `application` ours in it →
        `{clientId, clientSecret, installed, delivery: {status, body, headers, ms}}`.
        """
        with world.lock:
            organization = prepare(sandbox, Asked.now())
            installer = next(iter(organization.users), None)
        delivery = sandbox.courier.deliver_payload(organization, payloads.init(organization, installer))
        organization.installed = delivery.accepted
        return jsonify(
            {
                "clientId": organization.client_id,
                "clientSecret": organization.secret,
                "installed": organization.installed,
                "delivery": delivery.as_json(),
            }
        )

    @control.post("/applications")
    def register() -> Response:
        """A single-organization application made by hand: no InitPayload, credentials go into its configuration.

        `{endpoint, verification: "public-key" | "signing-key", …}` →
        `{clientId, clientSecret, signingKey, permanentToken}`.
        """
        asked = Asked.now()
        verification = asked.any("verification", "public-key")
        if verification not in ("public-key", "signing-key"):
            raise invalid("verification must be public-key or signing-key")
        with world.lock:
            organization = prepare(sandbox, asked)
            organization.installed = True
            organization.signing_key = new_secret() if verification == "signing-key" else None
            organization.permanent_token = world.issue_permanent_token(organization)
            return jsonify(
                {
                    "clientId": organization.client_id,
                    "clientSecret": organization.secret,
                    "signingKey": organization.signing_key,
                    "permanentToken": organization.permanent_token,
                }
            )

    @control.get("/installations")
    def installations() -> Response:
        with world.lock:
            return jsonify({"installations": [report.summary(each) for each in world.organizations.values()]})


def prepare(sandbox: Sandbox, asked: Asked) -> Organization:
    """The organization of the clientId asked for, or a new one."""
    world = sandbox.world
    client_id = asked.maybe_text("clientId") or str(uuid.uuid4())
    organization = world.organizations.get(client_id)
    if organization is None:
        organization = new_organization(
            client_id=client_id,
            endpoint=asked.text("endpoint"),
            name=asked.maybe_text("name") or f"Organization {len(world.organizations) + 1}",
            server_url=world.server_url,
            clock=world.clock,
            user_names=[str(name) for name in asked.list("users") or PEOPLE],
        )
        world.organizations[client_id] = organization
    organization.endpoint = asked.text("endpoint")
    organization.secret = asked.maybe_text("clientSecret") or organization.secret
    organization.state = asked.maybe_text("state")
    organization.application = asked.maybe_text("application") or organization.application
    organization.code_flow = asked.flag("codeFlow", True)
    organization.redirect_uris = [str(uri) for uri in asked.list("redirectUris")]
    organization.approve = asked.flag("approve", True)
    organization.requeue_after_auth = asked.flag("requeueAfterAuth", False)
    return organization


def add_server_views(control: Blueprint, sandbox: Sandbox) -> None:
    world = sandbox.world

    @control.route("/clock", methods=["GET", "POST"])
    def clock() -> Response:
        """POST `{advance_s}` moves it; both answer `{now_ms, advanced_s}`."""
        with world.lock:
            if request.method == "POST":
                try:
                    world.clock.advance(Asked.now().number("advance_s", 0))
                except ValueError as error:
                    raise invalid(str(error)) from error
            return jsonify({"now_ms": world.clock.now_ms(), "advanced_s": world.clock.advanced_ms / 1000})

    @control.post("/faults")
    def add_fault() -> Response:
        """Makes calls fail whose path contains `path`; `times: null` until removed.

        `{path, method?, clientId?, status?, error?, description?, body?, headers?, delay_s?, drop?, times?, after?,
        label?}` → `{faults, id}`;
        `after: true` lets the call take effect and spoils only its answer.
        """
        asked = Asked.now()
        status = asked.any("status")
        fault = Fault(
            path=asked.text("path"),
            method=asked.maybe_text("method"),
            client_id=asked.maybe_text("clientId"),
            status=None if status is None else asked.whole("status", 500),
            error=asked.maybe_text("error"),
            description=asked.maybe_text("description"),
            body=asked.maybe_text("body"),
            headers={str(name): str(value) for name, value in asked.object("headers").items()},
            delay_s=asked.number("delay_s", 0.0),
            drop=asked.flag("drop", False),
            after=asked.flag("after", False),
            label=asked.maybe_text("label"),
            times=None if asked.any("times", 1) is None else asked.whole("times", 1),
        )
        with world.lock:
            world.faults.append(fault)
            return jsonify({"faults": len(world.faults), "id": fault.id})

    @control.get("/faults")
    def faults() -> Response:
        """`{faults: [{id, label, path, status, delay_s, drop, times, clientId}]}` that may still come."""
        with world.lock:
            return jsonify({"faults": [report.fault_entry(fault) for fault in world.faults if fault.times != 0]})

    @control.delete("/faults")
    def remove_faults() -> Response:
        """All of them; with `?id=` that one."""
        wanted = request.args.get("id")
        with world.lock:
            world.faults[:] = [fault for fault in world.faults if wanted is not None and wanted != fault.id]
            return jsonify({"faults": len(world.faults)})

    @control.get("/requests")
    def requests_seen() -> Response:
        """`{requests: [{at_ms, clientId, method, path, query, body, status}]}`, the latest 20,000.

        Filters: `clientId`, part of `path`, `since` so many milliseconds since 1970.
        """
        client_id, part = request.args.get("clientId"), request.args.get("path", "")
        since = request.args.get("since", 0, int)
        with world.lock:
            seen = [
                entry
                for entry in world.requests
                if client_id in (None, entry["clientId"]) and part in entry["path"] and entry["at_ms"] >= since
            ]
        return jsonify({"requests": seen})

    @control.get("/violations")
    def violations() -> Response:
        """`{violations: [{at_ms, clientId, method, path, definition, jsonPath, message}]}`."""
        with world.lock:
            return jsonify({"violations": list(world.violations)})

    @control.post("/token-life")
    def token_life() -> Response:
        """`{seconds}`: the `expires_in` of tokens from now on."""
        with world.lock:
            world.token_life_s = Asked.now().whole("seconds", 600)
            return jsonify({"seconds": world.token_life_s})

    @control.post("/reset")
    def reset() -> Response:
        with world.lock:
            world.reset()
            world.token_life_s = sandbox.settings.token_life_s
        sandbox.github.reset()
        sandbox.forge.reset()
        return jsonify({"reset": time.time()})

    worlds = {"github": sandbox.github, "forge": sandbox.forge.replies}

    @control.get("/recorded/<any(github, forge):name>")
    def recorded(name: str) -> Response:
        """`{mode, paths, links}`; with `?path=` the reply there."""
        path = request.args.get("path")
        if path is not None:
            return jsonify(worlds[name].patch(path, {}))
        return jsonify({"mode": sandbox.settings.github, **worlds[name].listing()})

    @control.post("/recorded/<any(github, forge):name>")
    def patch_recorded(name: str) -> Response:
        """`{path, patch}`: merges `patch` into a recorded reply, which gets a new ETag; null is kept."""
        asked = Asked.now()
        return jsonify(worlds[name].patch(asked.text("path"), asked.object("patch")))
