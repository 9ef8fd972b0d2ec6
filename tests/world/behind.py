"""What stands behind a service under test: an SQLite file of its own, or PostgreSQL and Redis with a worker beside it.

`TESTS_BEHIND=shared` chooses the second for every service that a test starts.
"""

from __future__ import annotations

import atexit
import os
import tempfile
from contextlib import ExitStack
from functools import cache
from itertools import count
from pathlib import Path

import redis
from sqlalchemy import MetaData, create_engine, text

from tests.world import postgres
from tests.world.redis import RedisServer, or_skip
from unfurler.store.database import Database
from unfurler.store.upgrade import upgrade

SHARED = os.environ.get("TESTS_BEHIND") == "shared"
_NUMBERS = count()


@cache
def servers() -> tuple[str, RedisServer]:
    """PostgreSQL with a migrated database called `template`, and Redis; both live as long as this process."""
    place = postgres.programs()
    if place is None:
        or_skip("PostgreSQL")
    stack = ExitStack()
    atexit.register(stack.close)
    url = stack.enter_context(postgres.running(place)).url
    with create_engine(f"{url}/postgres", isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text("create database template"))
    database = Database(f"{url}/template")
    upgrade(database)
    database.close()
    redis = RedisServer(Path(tempfile.mkdtemp(prefix="redis"))).start()
    stack.callback(redis.stop)
    return url, redis


def new_database() -> str:
    """The address of a fresh, migrated database on PostgreSQL."""
    server, _ = servers()
    name = f"service{next(_NUMBERS)}"
    engine = create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"create database {name} template template"))
    engine.dispose()
    return f"{server}/{name}"


def chosen() -> dict[str, str]:
    """What a service that a test starts is to stand on besides."""
    if not SHARED:
        return {}
    return {"UNFURLER_DATABASE_URL": new_database(), "UNFURLER_REDIS_URL": servers()[1].url(next(_NUMBERS))}


def kept(environ: dict[str, str], file: Path) -> dict[str, str]:
    """Everything that the database and Redis of a service hold, as text, by place."""
    found = {path.name: path.read_bytes().decode("latin-1") for path in file.parent.glob(f"{file.name}*")}
    if environ["UNFURLER_DATABASE_URL"].startswith("postgresql"):
        engine, tables = create_engine(environ["UNFURLER_DATABASE_URL"]), MetaData()
        tables.reflect(engine)
        with engine.connect() as connection:
            found |= {name: str(connection.execute(table.select()).all()) for name, table in tables.tables.items()}
        engine.dispose()
    if "UNFURLER_REDIS_URL" in environ:
        client = redis.Redis.from_url(environ["UNFURLER_REDIS_URL"])
        found |= {f"redis {key!r}": repr(client.get(key)) for key in client.scan_iter(_type="string")}
    return found
