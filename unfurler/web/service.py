"""The pieces of a running process, built once by the factory and handed to the views."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass

from flask import Flask

from unfurler.config import Configuration
from unfurler.engine.click import Press
from unfurler.engine.desk import Desk
from unfurler.engine.loading import Loaded
from unfurler.engine.resolve import Resolver
from unfurler.engine.work import Work
from unfurler.limits import Limits
from unfurler.space.door import Door
from unfurler.space.install import Installer
from unfurler.store.database import Database
from unfurler.store.organizations import Organization, Organizations
from unfurler.web.meters import Meters

_NAME = "unfurler"


@dataclass(frozen=True, slots=True)
class Service:
    """What the views work with."""

    configuration: Configuration
    loaded: Loaded
    limits: Limits
    database: Database
    organizations: Organizations
    resolver: Resolver
    door: Door
    installer: Installer
    desk: Desk
    drains: Work
    setups: Work
    clicks: Executor
    meters: Meters
    stop: Callable[[], None]

    def click(self, organization: Organization, press: Press) -> None:
        """Have a click acted on; returns at once."""
        self.clicks.submit(self.desk.click, organization, press)

    def register(self, app: Flask) -> None:
        """Views find it by `service(current_app)`."""
        app.extensions[_NAME] = self


def service(app: Flask) -> Service:
    """The pieces that this application was built of."""
    found = app.extensions[_NAME]
    assert isinstance(found, Service)
    return found
