"""What a GraphQL answer says: its data, or why there is none; and where a site has its GraphQL.

Source: https://spec.graphql.org/October2021/#sec-Response-Format; the kinds of errors are GitHub's (`type`), which
other systems give as `extensions.code`.
"""

from __future__ import annotations

import re
from typing import Any

from unfurler.sdk.errors import AccessDenied, ActionRefused, NotFound, UnfurlError, UpstreamOdd
from unfurler.sdk.text import one_line, shorten

_VERSION = re.compile(r"/api/v[0-9]{1,3}$", re.ASCII)
_MUTATION = re.compile(r"\s*mutation\b")
_DENIED = frozenset({"FORBIDDEN", "INSUFFICIENT_SCOPES", "UNAUTHORIZED", "UNAUTHENTICATED"})
_LIMITED = frozenset({"RATE_LIMITED", "RATE_LIMIT"})
_MESSAGE_CHARS = 200


class Limited(Exception):
    """The answer asks for patience."""


def graphql_path(base: str) -> str:
    """The path of the GraphQL address that belongs to an API base: `/api/v4` → `/api/graphql`, else under it."""
    base = base.rstrip("/")
    return (base.rpartition("/")[0] if _VERSION.search(base) else base) + "/graphql"


def is_mutation(query: str) -> bool:
    """Whether a document writes."""
    return _MUTATION.match(query) is not None


def read_data(answer: Any, *, writes: bool) -> Any:
    """The `data` of an answer.

    Raises Limited, NotFound, AccessDenied; for other errors ActionRefused where it `writes`, UpstreamOdd else.
    """
    if not isinstance(answer, dict):
        raise UpstreamOdd("The answer is not one of GraphQL.", reason="upstream-odd-reply")
    errors = answer.get("errors")
    if errors:
        raise _failure(errors if isinstance(errors, list) else [], writes=writes)
    if answer.get("data") is None:
        raise UpstreamOdd("The answer has no data.", reason="upstream-odd-reply")
    return answer["data"]


def _failure(errors: list[Any], *, writes: bool) -> UnfurlError | Limited:
    known = [error for error in errors if isinstance(error, dict)]
    kinds = {kind for error in known for kind in _kinds(error)}
    if kinds & _LIMITED:
        return Limited()
    if kinds & _DENIED:
        return AccessDenied("The other system wants an account that may do this.")
    if "NOT_FOUND" in kinds:
        return NotFound("The other system does not have this.")
    if not writes:
        return UpstreamOdd("The other system does not answer this question.", reason="upstream-graphql")
    said = next((message for error in known if (message := _message(error))), "")
    return ActionRefused(f"The other system refuses this: {said}" if said else "The other system refuses this.")


def _kinds(error: dict[str, Any]) -> list[str]:
    extensions = error.get("extensions")
    code = extensions.get("code") if isinstance(extensions, dict) else None
    return [kind.upper() for kind in (error.get("type"), code) if isinstance(kind, str)]


def _message(error: dict[str, Any]) -> str:
    """What the system says, on one line, without addresses."""
    said = error.get("message")
    if not isinstance(said, str):
        return ""
    words = one_line(said[: 10 * _MESSAGE_CHARS]).split()
    return shorten(" ".join(word for word in words if "://" not in word and "www." not in word), _MESSAGE_CHARS)
