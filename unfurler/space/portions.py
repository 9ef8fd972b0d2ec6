"""Contents posted in portions, ever smaller ones, so that one that Space does not take holds back no other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from unfurler.engine.ports import ItemId, Verdict
from unfurler.space.content import JsonObject
from unfurler.space.errors import Rejected, SpaceError, TooLarge

_AT_ONCE = 100

Portion: TypeAlias = Sequence[tuple[ItemId, JsonObject]]


def post_in_portions(
    contents: Mapping[ItemId, JsonObject], post: Callable[[Portion], Mapping[ItemId, Verdict]]
) -> dict[ItemId, Verdict]:
    """A verdict for each item that `post` spoke of; what is too much at once is posted in halves.

    Raises SpaceError only if nothing is known of any item.
    """
    verdicts: dict[ItemId, Verdict] = {}
    waiting = _cut(list(contents.items()), _AT_ONCE)
    while waiting:
        portion = waiting.pop()
        try:
            verdicts |= post(portion)
        except (TooLarge, Rejected):
            if len(portion) == 1:
                verdicts[portion[0][0]] = Verdict.REFUSED
            else:
                waiting += _cut(portion, (len(portion) + 1) // 2)
        except SpaceError:
            if not verdicts:
                raise
            break
    return verdicts


def _cut(items: Portion, size: int) -> list[Portion]:
    """Cut up, the first portion last, where it is taken from."""
    return [items[start : start + size] for start in range(0, len(items), size)][::-1]
