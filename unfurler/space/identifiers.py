"""Space's identifiers: strings when sent, objects or strings when received (PROTOCOL 0.3)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from unfurler.engine.ports import PersonId

# Ids are opaque, short, and go into our database: no controls, no lone surrogates.
_ID = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]{1,256}")


@dataclass(frozen=True, slots=True)
class ById:
    """A person whose id is known."""

    id: PersonId


@dataclass(frozen=True, slots=True)
class ByUsername:
    """A person to be looked up in the team directory."""

    username: str


Profile = ById | ByUsername


def is_id(value: object) -> bool:
    """Is this a text that can be an id?"""
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def read_profile(received: object) -> Profile | None:
    """Who is meant: None for nobody, and for forms that name nobody we could find (`Me`, external ids, newer ones)."""
    kind, value = _taken_apart(received, "ProfileIdentifier.")
    if value is None:
        return None
    if kind in ("id", "Id"):
        return ById(PersonId(value))
    if kind in ("username", "Username"):
        return ByUsername(value)
    return None


def read_message(received: object) -> str | None:
    """A chat message in its sent form (`id:…`, `externalId:…`), None for what is not known."""
    kind, value = _taken_apart(received, "ChatMessageIdentifier.")
    if value is None:
        return None
    if kind in ("id", "InternalId"):
        return f"id:{value}"
    if kind in ("externalId", "ExternalId"):
        return f"externalId:{value}"
    return None


def profile(person: PersonId) -> str:
    """A person, as sent."""
    return f"id:{person}"


def username(name: str) -> str:
    """A person by name, as sent."""
    return f"username:{name}"


def direct_channel(person: PersonId) -> str:
    """The channel between the application and one person, as sent."""
    return f"member:id:{person}"


def _taken_apart(received: object, prefix: str) -> tuple[str, str | None]:
    """Kind and value of either form: `("Id", "2Bg…")` or `("id", "2Bg…")`."""
    if isinstance(received, str):
        kind, _, text = received.partition(":")
        return kind, text if is_id(text) else None
    if not isinstance(received, dict):
        return "", None
    name = received.get("className")
    if not isinstance(name, str) or not name.startswith(prefix):
        return "", None
    kind = name.removeprefix(prefix)
    member = {"Id": "id", "InternalId": "id", "Username": "username", "ExternalId": "externalId"}.get(kind, "")
    value = received.get(member)
    return kind, value if isinstance(value, str) and is_id(value) else None
