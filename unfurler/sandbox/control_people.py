"""`/sandbox/installations/<clientId>/…`: what people do besides posting messages and pressing buttons."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from . import payloads, report
from .asked import Asked
from .contract import JsonObject
from .control_delivery import judge_answer
from .entities import Page
from .organization import Organization
from .refusal import invalid, missing
from .sandbox import Sandbox
from .world import Consent

INSTALLATION = "/installations/<client_id>"
MENUS = {
    "document": "DocumentMenuItemUiExtensionIn",
    "issue": "IssueMenuItemUiExtensionIn",
    "review": "CodeReviewMenuItemUiExtensionIn",
}
PROJECT = {"className": "ProjectIdentifier.Key", "key": "DEMO"}


def add_people_views(control: Blueprint, sandbox: Sandbox) -> None:
    add_place_views(control, sandbox)
    add_command_views(control, sandbox)


def add_place_views(control: Blueprint, sandbox: Sandbox) -> None:
    world = sandbox.world

    @control.post(f"{INSTALLATION}/channels")
    def add_channel(client_id: str) -> Response:
        """`{name}` for a channel, `{between: [user, user]}` for a direct one, `{member: user}` for the one with the
        application → `{channelId}`; the one that is there already, if it is."""
        asked = Asked.now()
        with world.lock:
            organization = world.find(client_id)
            if "between" in asked:
                pair = [organization.find_user(str(each)).id for each in asked.list("between")]
                if len(set(pair)) != 2:
                    raise invalid("between must name two people")
                channel = organization.people_channel(*pair)
            elif "member" in asked:
                channel = organization.direct_channel(organization.find_user(asked.text("member")).id)
            else:
                channel = organization.add_channel(asked.text("name"))
            return jsonify({"channelId": channel.id})

    @control.get(f"{INSTALLATION}/pages/<page_id>")
    def page(client_id: str, page_id: str) -> Response:
        """`{id, kind, title, text, items: {link: …}}` as `?user=` sees it; by id or kind."""
        with world.lock:
            organization = world.find(client_id)
            user = organization.find_user(request.args.get("user", ""))
            return jsonify(report.page_entry(organization, find_page(organization, page_id), user.id))

    @control.post(f"{INSTALLATION}/pages/<page_id>")
    def write_page(client_id: str, page_id: str) -> Response:
        """`{text, author?}` → `{pageId, items: [{id, target, etag}]}`: items of the links that are new in the text."""
        asked = Asked.now()
        with world.lock:
            organization = world.find(client_id)
            author = organization.find_user(asked.text("author")).id if "author" in asked else None
            author = author or next(iter(organization.users), None)
            written = find_page(organization, page_id)
            queued = organization.write_page(written, asked.text("text"), author)
        for item in queued:
            sandbox.courier.notify(organization, (item.id,))
        items = [{"id": item.id, "target": item.target, "etag": item.etag} for item in queued]
        return jsonify({"pageId": written.id, "items": items})


def find_page(organization: Organization, wanted: str) -> Page:
    """By id or kind. Raises Refusal."""
    for page in organization.pages.values():
        if wanted in (page.id, page.kind):
            return page
    raise missing(f"No page {wanted}")


def add_command_views(control: Blueprint, sandbox: Sandbox) -> None:
    world = sandbox.world

    @control.post(f"{INSTALLATION}/commands")
    def commands(client_id: str) -> Response:
        """`{userId}` → `{commands: [{name, description}], delivery}`; none without a chatbot (PROTOCOL 9.1)."""
        with world.lock:
            organization = world.find(client_id)
            user = organization.find_user(Asked.now().text("userId"))
            has_bot = bool(organization.extensions("ChatBotUiExtensionIn"))
        if not has_bot:
            return jsonify({"commands": [], "delivery": None})
        delivery = sandbox.courier.deliver_payload(organization, payloads.list_commands(organization, user.id))
        judge_answer(sandbox, organization, delivery, "Commands")
        answer = delivery.as_json()
        listed = answer["body"].get("commands") if delivery.accepted and isinstance(answer["body"], dict) else None
        return jsonify({"commands": listed if isinstance(listed, list) else [], "delivery": answer})

    @control.post(f"{INSTALLATION}/menu")
    def menu(client_id: str) -> Response:
        """`{menuItemUniqueCode, userId, messageId | pageId}` → `{delivery}` of a MenuActionPayload (PROTOCOL 9.4)."""
        asked = Asked.now()
        code = asked.text("menuItemUniqueCode")
        with world.lock:
            organization = world.find(client_id)
            user = organization.find_user(asked.text("userId"))
            class_name, about, context = menu_context(organization, asked)
            if code not in [each["menuItemUniqueCode"] for each in organization.extensions(class_name)]:
                raise missing(f"The application registered no menu item {code!r} here")
        payload = payloads.menu_action(organization, code, context, user.id)
        delivery = sandbox.courier.deliver_payload(organization, payload, (about,))
        judge_answer(sandbox, organization, delivery, "AppUserActionExecutionResult")
        return jsonify({"delivery": delivery.as_json()})

    @control.post(f"{INSTALLATION}/consent")
    def consent(client_id: str) -> Response:
        """`{userId, scope}` → `{delivery}` of the RefreshTokenPayload that follows a consent (PROTOCOL 2.4)."""
        asked = Asked.now()
        scope = asked.text("scope")
        with world.lock:
            organization = world.find(client_id)
            user = organization.find_user(asked.text("userId"))
            organization.consent(user.id, scope)
            token = world.issue_refresh_token(Consent(client_id, user.id, scope))
        payload = payloads.refresh_token(organization, token, scope, user.id)
        return jsonify({"delivery": sandbox.courier.deliver_payload(organization, payload).as_json()})

    @control.post(f"{INSTALLATION}/revoke-consent")
    def revoke_consent(client_id: str) -> Response:
        """`{userId}` → `{revoked}`: refresh tokens of that user that are worth nothing any more."""
        with world.lock:
            organization = world.find(client_id)
            user = organization.find_user(Asked.now().text("userId"))
            organization.consents = {one for one in organization.consents if one[0] != user.id}
            return jsonify({"revoked": world.forget_user_consents(client_id, user.id)})


def menu_context(organization: Organization, asked: Asked) -> tuple[str, str, JsonObject]:
    """The class of extension, the id of the thing, and where the menu was opened. Raises Refusal."""
    if "pageId" in asked:
        page = find_page(organization, asked.text("pageId"))
        return MENUS[page.kind], page.id, page_menu_context(page)
    message = organization.messages.get(asked.text("messageId"))
    if message is None or message.deleted:
        raise missing("No such message")
    context = {
        "className": "ChannelMessageMenuActionContext",
        "channelIdentifier": {"className": "ChannelIdentifier.Id", "id": message.channel},
        "messageIdentifier": {"className": "ChatMessageIdentifier.InternalId", "id": message.id},
    }
    return "ChatMessageMenuItemUiExtensionIn", message.id, context


def page_menu_context(page: Page) -> JsonObject:
    if page.kind == "document":
        return {"className": "DocumentMenuActionContext", "documentId": page.id, "projectIdentifier": PROJECT}
    if page.kind == "issue":
        issue = {"className": "IssueIdentifier.Id", "id": page.id}
        return {"className": "IssueMenuActionContext", "projectIdentifier": PROJECT, "issueIdentifier": issue}
    review = {"className": "ReviewIdentifier.Id", "id": page.id}
    return {"className": "CodeReviewMenuActionContext", "projectIdentifier": PROJECT, "codeReviewIdentifier": review}
