"""The JSON body of a request to a control endpoint, read by type."""

from __future__ import annotations

from typing import Any

from flask import request

from .contract import JsonObject
from .refusal import invalid


class Asked:
    """Members of the body; a wrong type raises Refusal (400) that names the member."""

    def __init__(self, body: object) -> None:
        if not isinstance(body, dict):
            raise invalid("A JSON object is expected here")
        self.body: JsonObject = body

    @classmethod
    def now(cls) -> Asked:
        """Of the request at hand; an empty body is an empty object."""
        if not request.get_data():
            return cls({})
        return cls(request.get_json(force=True, silent=True))

    def __contains__(self, name: str) -> bool:
        return name in self.body

    def any(self, name: str, default: Any = None) -> Any:
        return self.body.get(name, default)

    def text(self, name: str) -> str:
        value = self.body.get(name)
        if not isinstance(value, str):
            raise invalid(f"{name} must be a string")
        return value

    def maybe_text(self, name: str) -> str | None:
        return None if self.body.get(name) is None else self.text(name)

    def flag(self, name: str, default: bool) -> bool:
        value = self.body.get(name, default)
        if not isinstance(value, bool):
            raise invalid(f"{name} must be true or false")
        return value

    def number(self, name: str, default: float) -> float:
        value = self.body.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise invalid(f"{name} must be a number")
        return value

    def whole(self, name: str, default: int) -> int:
        return int(self.number(name, default))

    def list(self, name: str) -> list[Any]:
        value = self.body.get(name, [])
        if not isinstance(value, list):
            raise invalid(f"{name} must be a list")
        return value

    def object(self, name: str) -> JsonObject:
        value = self.body.get(name, {})
        if not isinstance(value, dict):
            raise invalid(f"{name} must be an object")
        return value
