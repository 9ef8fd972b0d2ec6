"""Putting everything that is sealed under the first of the operator's keys, so that older ones can be dropped."""

from __future__ import annotations

from sqlalchemy import LargeBinary, select, update

from unfurler.store.database import Database
from unfurler.store.models import Base
from unfurler.store.secrets import Vault

_AT_ONCE = 500


def reseal(database: Database, vault: Vault) -> int:
    """Every sealed column of every table; how many values. Safe while the service runs. Raises CannotOpen."""
    return sum(_reseal_column(database, vault, *place) for place in _sealed_columns())


def _sealed_columns() -> list[tuple[str, str]]:
    return [
        (table.name, column.name)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    ]


def _reseal_column(database: Database, vault: Vault, table_name: str, column_name: str) -> int:
    table = Base.metadata.tables[table_name]
    column, (key,) = table.c[column_name], table.primary_key.columns
    done, last = 0, ""
    while True:
        with database.write() as connection:
            rows = connection.execute(
                select(key, column).where(key > last, column.is_not(None)).order_by(key).limit(_AT_ONCE)
            ).all()
            for id, sealed in rows:
                fresh = vault.seal(vault.open(sealed))
                connection.execute(update(table).where(key == id, column == sealed).values({column_name: fresh}))
        if not rows:
            return done
        done, last = done + len(rows), rows[-1][0]
