"""A PostgreSQL server of our own for the tests, where its programs are there."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.world.ports import free_port

_PLACES = (Path("/usr/local/bin"), *sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True))


def programs() -> Path | None:
    """The folder that holds `initdb` and `pg_ctl`."""
    return next((place for place in _PLACES if (place / "initdb").exists() and (place / "pg_ctl").exists()), None)


def runner() -> str | None:
    """Who may run it: PostgreSQL refuses root. None for the user that we are."""
    if os.getuid() != 0:
        return None
    names = {user.pw_name for user in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in names), None)


class PostgresServer:
    """At `url`, on a port of its own that it keeps over a restart; its databases are not synced to disk."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._folder = Path(tempfile.mkdtemp(prefix="pg"))
        self._user = runner()
        if self._user is not None:
            shutil.chown(self._folder, self._user)
        self._data = self._folder / "data"
        self._port = free_port()
        self.url = f"postgresql+psycopg://postgres@127.0.0.1:{self._port}"
        self._run("initdb", "-D", self._data, "-A", "trust", "-U", "postgres", "--no-sync")

    def start(self) -> None:
        options = f"-k {self._folder} -p {self._port} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=200"
        self._run("pg_ctl", "-D", self._data, "-o", options, "-w", "-l", self._folder / "log", "start")

    def stop(self) -> None:
        """At once, as if it had crashed."""
        self._run("pg_ctl", "-D", self._data, "-m", "immediate", "stop", check=False)

    def remove(self) -> None:
        """With all that it holds."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, program: str, *options: object, check: bool = True) -> None:
        command = [str(self._place / program), *map(str, options)]
        subprocess.run(command, user=self._user, cwd=self._folder, check=check, stdout=subprocess.DEVNULL)


@contextmanager
def running(place: Path) -> Iterator[PostgresServer]:
    """A server that lives as long as the context."""
    server = PostgresServer(place)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        server.remove()
