"""The connection to the database: SQLite or PostgreSQL behind the same two verbs, read and write."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

_BUSY_S = 5


class Database:
    """One database. Nothing is connected until the first use."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine = _engine(url)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for looking only."""
        with self._engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that commits at the end and is undone by an exception. Keep it short: on SQLite it is alone."""
        with self._engine.connect().execution_options(writes=True) as connection, connection.begin():
            yield connection

    def upgrade(self) -> None:
        """Bring the schema to the current revision; does nothing where it is."""
        path = make_url(self.url)
        if path.get_backend_name() == "sqlite" and path.database and path.database != ":memory:":
            Path(path.database).parent.mkdir(parents=True, exist_ok=True)
        with self._engine.connect().execution_options(writes=True) as connection:
            config = _alembic()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def trouble(self) -> str | None:
        """Why the service cannot work with this database, in a sentence; None where it can."""
        try:
            with self.read() as connection:
                current = MigrationContext.configure(connection).get_current_revision()
        except SQLAlchemyError:
            return "the database cannot be reached"
        return None if current == _head() else "the database is not migrated; run: python -m unfurler db upgrade"

    def close(self) -> None:
        """Give every connection back."""
        self._engine.dispose()


def _engine(url: str) -> Engine:
    if make_url(url).get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True, pool_size=10, max_overflow=10)
    engine = create_engine(
        url, connect_args={"timeout": _BUSY_S, "check_same_thread": False}, pool_size=10, max_overflow=20
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    # The driver must not open transactions of its own: a write that begins as a read can fail half-way with "locked".
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", f"busy_timeout={_BUSY_S * 1000}"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@cache
def _head() -> str | None:
    """The newest revision among the files of migrations."""
    return ScriptDirectory.from_config(_alembic()).get_current_head()


def _alembic() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config
