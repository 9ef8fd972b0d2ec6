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

from tests.world.service import free_port

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


@contextmanager
def running(place: Path) -> Iterator[str]:
    """The URL of a server that lives as long as the context; its databases are not synced to disk."""
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    user = runner()
    if user is not None:
        shutil.chown(folder, user)
    port = free_port()
    data = folder / "data"
    options = f"-k {folder} -p {port} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=200"
    start = [place / "pg_ctl", "-D", data, "-o", options, "-w", "-l", folder / "log", "start"]
    try:
        for command in ([place / "initdb", "-D", data, "-A", "trust", "-U", "postgres", "--no-sync"], start):
            subprocess.run(command, user=user, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        yield f"postgresql+psycopg://postgres@127.0.0.1:{port}"
    finally:
        stop = [place / "pg_ctl", "-D", data, "-m", "immediate", "stop"]
        subprocess.run(stop, user=user, cwd=folder, check=False, stdout=subprocess.DEVNULL)
        shutil.rmtree(folder, ignore_errors=True)
