"""The pieces of one emulated Space server, which every blueprint is handed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from .contract import Contract
from .delivery import Courier
from .forge import Forge
from .recorded import RecordedGitHub
from .world import World


@dataclass(frozen=True, slots=True)
class Settings:
    """How one server is started. `server_url` is its own origin as the application sees it."""

    host: str = "127.0.0.1"
    port: int = 9000
    server_url: str | None = None
    token_life_s: int = 600
    github: Literal["recorded", "live"] = "recorded"
    samples: tuple[str, ...] = ()


@dataclass(slots=True)
class Sandbox:
    """World, contract, courier, recorded replies, a system to sign in to."""

    settings: Settings
    world: World
    contract: Contract = field(default_factory=Contract.load)
    courier: Courier = field(default_factory=Courier)
    github: RecordedGitHub = field(default_factory=RecordedGitHub.load)
    forge: Forge = field(default_factory=Forge)

    def __post_init__(self) -> None:
        self.courier.noticed = self.world.changes.note
