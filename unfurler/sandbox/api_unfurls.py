"""The unfurl queue (PROTOCOL 1 and 6)."""

from __future__ import annotations

from .api_call import Call, Endpoint
from .contract import JsonObject
from .links import PLACE, Pattern, is_domain
from .organization import UNFURL_RIGHT

MAX_BATCH = 1000


def set_domains(call: Call) -> None:
    names: list[str] = call.body["domains"]
    for at, name in enumerate(names):
        if not is_domain(name):
            raise call.violation(f"$.domains[{at}]", f"{name!r} is not a lower-case host name")
    call.organization.register_domains(names)


def set_patterns(call: Call) -> None:
    for at, pattern in enumerate(call.body["patterns"]):
        if not pattern["linkReplacement"].endswith(PLACE):
            raise call.violation(f"$.patterns[{at}].linkReplacement", f"does not end in {PLACE}")
    call.organization.patterns = [Pattern(each["prefix"], each["linkReplacement"]) for each in call.body["patterns"]]


def read_queue(call: Call) -> list[JsonObject]:
    """A list of ApplicationUnfurlQueueItem."""
    batch_size = whole_number(call, "batchSize")
    if batch_size is None or not 1 <= batch_size <= MAX_BATCH:
        raise call.violation("?batchSize", f"must be a number from 1 to {MAX_BATCH}")
    items = call.organization.read_queue(batch_size, whole_number(call, "fromEtag"))
    return [item.as_sent() for item in items]


def whole_number(call: Call, name: str) -> int | None:
    """A query parameter; None where it is absent. Raises Refusal for what is not a 64-bit integer."""
    text = call.query.get(name)
    if text is None:
        return None
    try:
        number = int(text)
    except ValueError:
        raise call.violation(f"?{name}", "is not an integer") from None
    if not text.isascii() or abs(number) >= 2**63:
        raise call.violation(f"?{name}", "is not a 64-bit integer")
    return number


def post_content(call: Call) -> list[JsonObject]:
    """A list of PostUnfurlContentResult, one for each unfurl."""
    return [
        {
            "className": "PostUnfurlContentResult."
            + call.organization.post_content(unfurl["queueItemId"], unfurl["content"]),
            "queueItemId": unfurl["queueItemId"],
        }
        for unfurl in call.body["unfurls"]
    ]


def request_auth(call: Call) -> None:
    item = call.organization.items.get(call.body["queueItemId"])
    if item is not None and item.author_id is None:
        raise call.violation("$.queueItemId", "the item has no author who could authenticate")
    call.organization.request_auth(call.body["queueItemId"], call.body["message"])


def reset_auth(call: Call) -> None:
    identifier = call.body["userId"]
    if identifier == "me":
        raise call.violation("$.userId", "an application is not a user")
    cleared = call.organization.reset_auth(call.organization.find_user(identifier).id)
    if cleared and call.organization.requeue_after_auth:
        call.sandbox.courier.notify(call.organization, tuple(item.id for item in cleared))


ENDPOINTS = [
    Endpoint("PATCH", "applications/unfurls/domains", set_domains, body="ApplicationsUnfurlsDomainsPatchRequest"),
    Endpoint("PATCH", "applications/unfurls/patterns", set_patterns, body="ApplicationsUnfurlsPatternsPatchRequest"),
    Endpoint("GET", "applications/unfurls/queue", read_queue, right=UNFURL_RIGHT),
    Endpoint(
        "POST",
        "applications/unfurls/queue/content",
        post_content,
        body="ApplicationsUnfurlsQueueContentPostRequest",
        right=UNFURL_RIGHT,
    ),
    Endpoint(
        "POST",
        "applications/unfurls/queue/request-external-auth",
        request_auth,
        body="ApplicationsUnfurlsQueueRequestExternalAuthPostRequest",
        right=UNFURL_RIGHT,
    ),
    Endpoint(
        "POST",
        "applications/unfurls/queue/reset-external-auth-requests",
        reset_auth,
        body="ApplicationsUnfurlsQueueResetExternalAuthRequestsPostRequest",
        right=UNFURL_RIGHT,
    ),
]
