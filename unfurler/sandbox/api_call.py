"""How an endpoint of the API is declared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import request

from .contract import JsonObject
from .organization import Organization
from .refusal import Refusal, invalid
from .sandbox import Sandbox
from .world import Grant


@dataclass(frozen=True, slots=True)
class Call:
    """One authenticated call; the world's lock is held while it is handled."""

    sandbox: Sandbox
    organization: Organization
    grant: Grant
    body: JsonObject
    query: Mapping[str, str]
    arguments: Mapping[str, str]

    def violation(self, at: str, message: str) -> Refusal:
        """Remembers what the schema cannot say; the refusal to raise."""
        self.sandbox.world.remember_violation(
            self.organization.client_id, request.method, request.path, None, at, message
        )
        return invalid(f"{at}: {message}")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`rule` below `/api/http/`; `body` names the schema's definition, `right` what must have been granted.

    `for_users`: the token of a user will do as well.
    """

    method: str
    rule: str
    handle: Callable[[Call], Any]
    body: str | None = None
    right: str | None = None
    for_users: bool = False
