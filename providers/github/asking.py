"""Two ways to ask GitHub: for what a card can do without, and through GraphQL."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel, ValidationError

from unfurler.sdk import Api, UnfurlError, UpstreamOdd

Answer = TypeVar("Answer", bound=BaseModel)


def optional(api: Api, model: type[Answer], *segments: str | int, **params: str | int) -> Answer | None:
    """What a card can do without: None where GitHub does not give it, for whatever reason."""
    try:
        return api.get(*segments, params=params).parse(model)
    except UnfurlError:
        return None


def ask(api: Api, model: type[Answer], query: str, **variables: str | int) -> Answer:
    """The data of a GraphQL answer as `model`. Raises UpstreamOdd where it does not fit."""
    try:
        return model.model_validate(api.graphql(query, variables))
    except ValidationError:
        raise UpstreamOdd(f"The answer does not fit {model.__name__}.", reason="upstream-odd-reply") from None
