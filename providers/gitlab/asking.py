"""How to ask GitLab for what a card can do without."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel

from unfurler.sdk import Api, UnfurlError

Answer = TypeVar("Answer", bound=BaseModel)


def optional(api: Api, model: type[Answer], *segments: str | int, **params: str | int) -> Answer | None:
    """The answer as `model`, None where GitLab does not give it, for whatever reason."""
    try:
        return api.get(*segments, params=params).parse(model)
    except UnfurlError:
        return None
