"""What an application reads and changes about itself."""

from __future__ import annotations

from .api_call import Call, Endpoint
from .contract import JsonObject
from .organization import GLOBAL, RIGHT_NAMES, Organization
from .refusal import denied, missing


def own(call: Call) -> Organization:
    """The application that the path names, which must be the caller. Raises Refusal."""
    identifier = call.arguments["application"]
    names = ("me", f"clientId:{call.organization.client_id}", f"id:{call.organization.id}")
    if identifier not in names:
        raise missing("Application not found")
    return call.organization


def describe(call: Call) -> JsonObject:
    """An ESApp."""
    organization = own(call)
    return {
        "id": organization.id,
        "clientId": organization.client_id,
        "name": organization.name,
        "archived": False,
        "domains": list_domains(call),
        "patterns": list_patterns(call),
        "errorMessage": organization.error_message,
        "applicationType": "Application",
    }


def list_domains(call: Call) -> list[JsonObject]:
    """`{domain}`; an organization that approves by hand answers as before 2024-05, with `status`."""
    organization = own(call)
    if organization.approve:
        return [{"domain": name} for name in organization.domains]
    return [
        {"domain": domain.name, "status": "GRANTED" if domain.approved else "REQUESTED"}
        for domain in organization.domains.values()
    ]


def list_patterns(call: Call) -> list[JsonObject]:
    return [{"prefix": pattern.prefix, "linkReplacement": pattern.link_replacement} for pattern in own(call).patterns]


def public_keys(call: Call) -> str:
    """A JSON string that contains JSON (PROTOCOL 3.2)."""
    return own(call).keys.published()


def signing_key(call: Call) -> str:
    organization = own(call)
    if organization.signing_key is None:
        raise missing("The application has no signing key")
    return organization.signing_key


def request_rights(call: Call) -> None:
    organization = own(call)
    for code in call.body["rightCodes"]:
        organization.request_right(call.body["contextIdentifier"], code)


def list_rights(call: Call) -> list[JsonObject]:
    """A list of RightDTO."""
    context = call.query.get("contextIdentifier")
    if context is None:
        raise call.violation("?contextIdentifier", "is missing")
    return [
        {"rightCode": code, "name": RIGHT_NAMES.get(code, code), "status": status}
        for (where, code), status in own(call).rights.items()
        if where == context
    ]


def list_contexts(call: Call) -> list[JsonObject]:
    contexts = {where for where, _ in own(call).rights}
    return [{"className": "GlobalPermissionContext"}] if GLOBAL in contexts else []


def check_permission(call: Call) -> bool:
    principal, code = call.body["principal"], call.body["uniqueRightCode"]
    if principal == "application:me":
        return call.organization.has_right(code)
    if principal == "profile:me":
        if call.grant.user_id is None:
            raise denied("The token belongs to no user")
        user = call.organization.find_user(call.grant.user_id)
    else:
        user = call.organization.find_user(principal.removeprefix("profile:"))
    return user.admin if code == "Superadmin" else True


def set_ui_extensions(call: Call) -> None:
    call.organization.ui_extensions[call.body["contextIdentifier"]] = call.body["extensions"]


def set_error_message(call: Call) -> None:
    call.organization.error_message = call.body.get("message")


def report_healthy(call: Call) -> None:
    call.organization.healthy_at_ms = call.sandbox.world.clock.now_ms()


AUTHORIZATIONS = "applications/<application>/authorizations"
ENDPOINTS = [
    Endpoint("GET", "applications/<application>", describe),
    Endpoint("GET", "applications/<application>/unfurl-domains", list_domains),
    Endpoint("GET", "applications/<application>/unfurl-patterns", list_patterns),
    Endpoint("GET", "applications/<application>/public-keys", public_keys),
    Endpoint("GET", "applications/<application>/signing-key", signing_key),
    Endpoint("GET", f"{AUTHORIZATIONS}/authorized-rights", list_rights),
    Endpoint("GET", f"{AUTHORIZATIONS}/authorized-contexts", list_contexts),
    Endpoint(
        "PATCH",
        f"{AUTHORIZATIONS}/authorized-rights/request-rights",
        request_rights,
        body="ApplicationsForApplicationAuthorizationsAuthorizedRightsRequestRightsPatchRequest",
    ),
    Endpoint(
        "POST",
        "permissions/check-permission",
        check_permission,
        body="PermissionsCheckPermissionPostRequest",
        for_users=True,
    ),
    Endpoint("PATCH", "applications/ui-extensions", set_ui_extensions, body="ApplicationsUiExtensionsPatchRequest"),
    Endpoint("POST", "applications/error-message", set_error_message, body="ApplicationsErrorMessagePostRequest"),
    Endpoint(
        "POST",
        "applications/report-application-as-healthy",
        report_healthy,
        body="ApplicationsReportApplicationAsHealthyPostRequest",
    ),
]
