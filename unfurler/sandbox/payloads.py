"""The bodies Space sends to the application (PROTOCOL 2)."""

from __future__ import annotations

import json

from .contract import JsonObject
from .organization import Organization


def as_bytes(payload: JsonObject) -> bytes:
    """Compact UTF-8 JSON, as Space writes it."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def init(organization: Organization, user_id: str | None) -> JsonObject:
    return {
        "className": "InitPayload",
        "clientSecret": organization.secret,
        "serverUrl": organization.server_url,
        "state": organization.state,
        "clientId": organization.client_id,
        "userId": user_id,
        "verificationToken": None,
    }


def new_queue_items(organization: Organization) -> JsonObject:
    return {
        "className": "NewUnfurlQueueItemsPayload",
        "clientId": organization.client_id,
        "verificationToken": None,
    }


def unfurl_action(
    organization: Organization, *, action_id: str, action_value: str, link: str, context: object, user_id: str
) -> JsonObject:
    return {
        "className": "UnfurlActionPayload",
        "actionId": action_id,
        "actionValue": action_value,
        "link": link,
        "context": context,
        "clientId": organization.client_id,
        "userId": user_id,
        "verificationToken": None,
    }


def message_action(
    organization: Organization, *, action_id: str, action_value: str, message: JsonObject, user_id: str
) -> JsonObject:
    return {
        "className": "MessageActionPayload",
        "actionId": action_id,
        "actionValue": action_value,
        "message": message,
        "clientId": organization.client_id,
        "userId": user_id,
        "verificationToken": None,
    }


def message(organization: Organization, context: JsonObject, user_id: str) -> JsonObject:
    return {
        "className": "MessagePayload",
        "message": context,
        "clientId": organization.client_id,
        "userId": user_id,
        "verificationToken": None,
    }


def list_commands(organization: Organization, user_id: str) -> JsonObject:
    return {"className": "ListCommandsPayload", "clientId": organization.client_id, "userId": user_id}


def menu_action(organization: Organization, code: str, context: JsonObject, user_id: str) -> JsonObject:
    return {
        "className": "MenuActionPayload",
        "menuItemUniqueCode": code,
        "context": context,
        "clientId": organization.client_id,
        "userId": user_id,
        "verificationToken": None,
    }


def refresh_token(organization: Organization, token: str, scope: str, user_id: str) -> JsonObject:
    return {
        "className": "RefreshTokenPayload",
        "refreshToken": token,
        "scope": scope,
        "clientId": organization.client_id,
        "userId": user_id,
        "verificationToken": None,
    }


def uninstalled(organization: Organization) -> JsonObject:
    return {
        "className": "ApplicationUninstalledPayload",
        "serverUrl": organization.server_url,
        "clientId": organization.client_id,
        "verificationToken": None,
    }


def change_client_secret(organization: Organization, user_id: str | None) -> JsonObject:
    return {
        "className": "ChangeClientSecretPayload",
        "newClientSecret": organization.secret,
        "clientId": organization.client_id,
        "userId": user_id,
        "verificationToken": None,
    }


def change_server_url(organization: Organization, new_server_url: str, user_id: str | None) -> JsonObject:
    return {
        "className": "ChangeServerUrlPayload",
        "newServerUrl": new_server_url,
        "clientId": organization.client_id,
        "userId": user_id,
        "verificationToken": None,
    }
