"""Bringing the schema to the current revision; apart from the rest, because serving needs nothing of Alembic."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy.engine import make_url

from unfurler.store.database import MIGRATIONS, Database


def upgrade(database: Database) -> None:
    """To the newest revision; does nothing where it is."""
    url = make_url(database.url)
    if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
