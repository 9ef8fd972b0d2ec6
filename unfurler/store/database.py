"""The connection to the database: SQLite or PostgreSQL behind the same two verbs, read and write."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError, ProgrammingError, SQLAlchemyError

MIGRATIONS = Path(__file__).parent / "migrations"
_BUSY_S = 5
# Of each connection; the operating system keeps the file's pages for all of them anyway.
_PAGES_KIB = 256
_CONNECT_S = 3
_SILENT_MS = 10_000
_NOT_MIGRATED = "the database is not migrated; run: python -m unfurler db upgrade"


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

    def trouble(self) -> str | None:
        """Why the service cannot work with this database, in a sentence; None where it can."""
        try:
            with self.read() as connection:
                current = connection.execute(text("select version_num from alembic_version")).scalar_one_or_none()
        except (OperationalError, ProgrammingError) as error:
            # PostgreSQL tells a missing table from a missing server by the class, SQLite only by the words.
            known = isinstance(error, ProgrammingError) or "no such table" in str(error.orig) or not self._is_there()
            return _NOT_MIGRATED if known else "the database cannot be reached"
        except SQLAlchemyError:
            return "the database cannot be reached"
        return None if current == newest_revision() else _NOT_MIGRATED

    def _is_there(self) -> bool:
        """False for a file that nobody has made yet."""
        path = make_url(self.url)
        return path.get_backend_name() != "sqlite" or not path.database or Path(path.database).exists()

    def close(self) -> None:
        """Give every connection back."""
        self._engine.dispose()


def _engine(url: str) -> Engine:
    if make_url(url).get_backend_name() != "sqlite":
        # A server that is cut off is found out in seconds, not in the minutes that the system takes.
        given = make_url(url).query
        waits = {"connect_timeout": _CONNECT_S, "tcp_user_timeout": _SILENT_MS}
        return create_engine(
            url,
            pool_pre_ping=True,
            pool_size=10,
            max_overflow=10,
            pool_timeout=_BUSY_S,
            connect_args={name: value for name, value in waits.items() if name not in given},
        )
    engine = create_engine(
        url,
        connect_args={"timeout": _BUSY_S, "check_same_thread": False},
        pool_size=10,
        max_overflow=20,
        pool_timeout=_BUSY_S,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    # The driver must not open transactions of its own: a write that begins as a read can fail half-way with "locked".
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        f"busy_timeout={_BUSY_S * 1000}",
        f"cache_size=-{_PAGES_KIB}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@cache
def newest_revision() -> str:
    """The revision of the last of the files of migrations: their names begin with it."""
    return max(path.stem.partition("_")[0] for path in MIGRATIONS.glob("versions/[0-9]*.py"))
