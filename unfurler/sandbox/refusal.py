"""A request that the emulated Space refuses."""

from __future__ import annotations

STATUS_CODES = {
    400: "request-error",
    401: "authentication-required",
    403: "permission-denied",
    404: "not-found",
    413: "payload-too-large",
    429: "rate-limited",
    431: "payload-too-large",
}
"""The error code that goes with a status where nobody named one (PROTOCOL 4.2)."""


class Refusal(Exception):
    """Answered as `{"error": code, "error_description": description}` with `status`."""

    def __init__(self, status: int, code: str, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.code = code
        self.description = description


def code_for(status: int) -> str:
    return STATUS_CODES.get(status, "internal-server-error" if status >= 500 else "request-error")


def invalid(description: str) -> Refusal:
    return Refusal(400, "validation-error", description)


def missing(description: str) -> Refusal:
    return Refusal(404, "not-found", description)


def denied(description: str) -> Refusal:
    return Refusal(403, "permission-denied", description)
