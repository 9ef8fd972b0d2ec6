"""What every drain of a process works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from unfurler.engine.hands import Hands
from unfurler.engine.happenings import Observe, nobody
from unfurler.engine.resolve import Resolver
from unfurler.engine.story import Stories
from unfurler.engine.tracing import UNTRACED, Tracing
from unfurler.limits import Limits
from unfurler.store.leases import Leases


@dataclass(frozen=True, slots=True)
class Tools:
    """`chance` gives a number from 0 to 1; `suspects` is held while an item is under way that may kill the process."""

    resolver: Resolver
    leases: Leases
    hands: Hands
    limits: Limits
    clock: Callable[[], float]
    new_id: Callable[[], str]
    chance: Callable[[], float]
    stories: Stories
    observe: Observe = nobody
    suspects: Lock = field(default_factory=Lock)
    tracing: Tracing = UNTRACED
