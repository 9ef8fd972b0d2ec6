"""What answers of Space's API say; all that cannot be read is an OddAnswer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from unfurler.engine.ports import PersonId
from unfurler.fetch import RawReply
from unfurler.space import identifiers
from unfurler.space.errors import OddAnswer


@dataclass(frozen=True, slots=True)
class Person:
    """A member of the organization."""

    id: PersonId
    username: str


def read_nothing(_: RawReply) -> None:
    """A success is all there is to know."""


def read_list(reply: RawReply) -> list[dict[str, Any]]:
    """The objects of a list; what is none is left out."""
    answer = _json(reply)
    if not isinstance(answer, list):
        raise OddAnswer("not-a-list", status=reply.status)
    return [member for member in answer if isinstance(member, dict)]


def read_object(reply: RawReply) -> dict[str, Any]:
    """An object with whatever is in it."""
    answer = _json(reply)
    if not isinstance(answer, dict):
        raise OddAnswer("not-an-object", status=reply.status)
    return answer


def read_boolean(reply: RawReply) -> bool:
    """Yes or no."""
    answer = _json(reply)
    if not isinstance(answer, bool):
        raise OddAnswer("not-a-boolean", status=reply.status)
    return answer


def read_person(reply: RawReply) -> Person:
    """A profile; one without a user name has an empty one."""
    answer = read_object(reply)
    person, name = answer.get("id"), answer.get("username")
    if not isinstance(person, str) or not identifiers.is_id(person):
        raise OddAnswer("no-profile", status=reply.status)
    return Person(PersonId(person), name if isinstance(name, str) else "")


def _json(reply: RawReply) -> object:
    try:
        answer: object = reply.json()
        return answer
    except (ValueError, RecursionError) as error:
        raise OddAnswer("not-json", status=reply.status) from error
