"""The service as its users run it: gunicorn in a process of its own, configured by environment."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import requests
from cryptography.fernet import Fernet
from sqlalchemy import create_engine

from tests.world.ports import free_port
from unfurler.store.database import Database
from unfurler.store.upgrade import upgrade

ROOT = Path(__file__).parent.parent.parent


class Service:
    """Started with `environ` on top of what it needs; after `stop`, `start` finds the same database.

    It stands in `cwd`, whose `providers/` it loads too. `workers` are started beside it, one where it has Redis.
    """

    def __init__(self, folder: Path, environ: dict[str, str], *, cwd: Path = ROOT, workers: int = 1) -> None:
        from tests.world import behind

        self.cwd = cwd
        self.database = folder / "unfurler.db"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.endpoint = f"{self.url}/api/space"
        self.log = folder / "service.log"
        kept = {name: value for name, value in os.environ.items() if not name.startswith("UNFURLER_")}
        self.environ = kept | {
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "PYTHONPATH": str(ROOT),
            "UNFURLER_BASE_URL": self.url,
            "UNFURLER_SECRET_KEYS": Fernet.generate_key().decode(),
            "UNFURLER_DATABASE_URL": f"sqlite:///{self.database}",
            "UNFURLER_LOG_FORMAT": "json",
            **behind.chosen(),
            **environ,
        }
        self.process: subprocess.Popen | None = None
        self.workers: list[subprocess.Popen] = []
        self._begun = 0
        self._workers = workers if "UNFURLER_REDIS_URL" in self.environ else 0

    def run(self, *command: str) -> subprocess.CompletedProcess:
        """A command of ours in the service's environment."""
        return subprocess.run(
            [sys.executable, "-m", "unfurler", *command], env=self.environ, cwd=self.cwd, capture_output=True, text=True
        )

    def start(self) -> Service:
        database = Database(self.environ["UNFURLER_DATABASE_URL"])
        upgrade(database)
        database.close()
        while len(self.workers) < self._workers:
            self.start_worker()
        self.start_web()
        until = time.monotonic() + 90
        while len(self.events("worker.ready")) < self._begun:
            if time.monotonic() > until:
                self._give_up()
            time.sleep(0.05)
        return self

    def start_web(self) -> None:
        """Without the release step, as a supervisor does it; ready at the end."""
        self.process = self._begin("gunicorn", "-c", str(ROOT / "gunicorn.conf.py"), "unfurler.web.app:serve()")
        until = time.monotonic() + 90
        while time.monotonic() < until and self.process.poll() is None:
            with suppress(requests.RequestException):
                if requests.get(f"{self.url}/readyz", timeout=60).status_code == 200:
                    return
            time.sleep(0.05)
        self._give_up()

    def _give_up(self) -> None:
        self.kill()
        raise AssertionError(f"not ready: {self.log.read_text()}")

    def start_worker(self, *options: str) -> subprocess.Popen:
        """One more."""
        self._begun += 1
        self.workers.append(self._begin("unfurler", "worker", *options))
        return self.workers[-1]

    def _begin(self, *command: str) -> subprocess.Popen:
        with self.log.open("ab") as log:
            return subprocess.Popen([sys.executable, "-m", *command], env=self.environ, cwd=self.cwd, stderr=log)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """How it ended: 0 where every process ended so."""
        processes = [*self.workers, *([self.process] if self.process else [])]
        for process in processes:
            process.send_signal(number)
        codes = [process.wait(40) for process in processes]
        self.process, self.workers = None, []
        return next((code for code in codes if code), 0)

    def kill(self) -> None:
        """Dead at once, all of it."""
        for process in [*self.workers, *([self.process] if self.process else [])]:
            kill(process)
        self.process, self.workers = None, []

    @contextmanager
    def sql(self) -> Iterator[Any]:
        """Its database, for `execute(statement, values)` with a `?` for each value; what was changed is committed."""
        engine = create_engine(self.environ["UNFURLER_DATABASE_URL"])
        with engine.begin() as connection:
            yield _Sql(connection)
        engine.dispose()

    def kept(self) -> dict[str, str]:
        """Everything that it keeps, as text, by place."""
        from tests.world import behind

        return behind.kept(self.environ, self.database)

    def query(self, sql: str, *values: object) -> list[tuple]:
        """What its database says to one statement; what that changed is committed."""
        with self.sql() as database:
            return database.execute(sql, values).fetchall()

    def ended(self, organization: str) -> dict[str, str]:
        """Queue item → how it ended, as recorded."""
        return dict(
            self.query(
                'select item, coalesce(reason, "end") from queue_items '
                f"where organization = '{organization}' and ended_at is not null"
            )
        )

    def ended_ms(self, organization: str) -> dict[str, float]:
        """Queue item → when its end was recorded, in milliseconds since 1970."""
        rows = self.query(
            f"select item, ended_at from queue_items where organization = '{organization}' and ended_at is not null"
        )
        return {item: at * 1_000 for item, at in rows}

    def etag(self, organization: str) -> int | None:
        """The place in the organization's queue up to which all has ended."""
        return self.query(f"select etag from organizations where id = '{organization}'")[0][0]

    def events(self, name: str) -> list[dict]:
        """What the log says under that name."""
        # The last line may be half written.
        lines = (line for line in self.log.read_text().split("\n")[:-1] if line.startswith("{"))
        return [event for event in map(json.loads, lines) if event["event"] == name]


class _Rows:
    def __init__(self, rows: list[tuple]) -> None:
        self._rows = rows

    def fetchall(self) -> list[tuple]:
        return self._rows

    def fetchone(self) -> tuple | None:
        return self._rows[0] if self._rows else None


class _Sql:
    """SQLite's words on any database."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._mark = "?" if connection.dialect.name == "sqlite" else "%s"

    def execute(self, statement: str, values: Any = ()) -> _Rows:
        done = self._connection.exec_driver_sql(statement.replace("?", self._mark), tuple(values))
        return _Rows([tuple(row) for row in done] if done.returns_rows else [])

    def executemany(self, statement: str, rows: list[tuple]) -> None:
        self._connection.exec_driver_sql(statement.replace("?", self._mark), rows)


def kill(process: subprocess.Popen) -> None:
    """Dead at once, with its children."""
    children = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True).stdout.split()
    for pid in [process.pid, *map(int, children)]:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait(10)
