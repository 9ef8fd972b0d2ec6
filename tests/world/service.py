"""The service as its users run it: gunicorn in a process of its own, configured by environment."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import requests
from cryptography.fernet import Fernet
from sqlalchemy import create_engine

ROOT = Path(__file__).parent.parent.parent


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Service:
    """Started with `environ` on top of what it needs; after `stop`, `start` finds the same database.

    It stands in `cwd`, whose `providers/` it loads too.
    """

    def __init__(self, folder: Path, environ: dict[str, str], *, cwd: Path = ROOT) -> None:
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
            **environ,
        }
        self.process: subprocess.Popen | None = None

    def run(self, *command: str) -> subprocess.CompletedProcess:
        """A command of ours in the service's environment."""
        return subprocess.run(
            [sys.executable, "-m", "unfurler", *command], env=self.environ, cwd=self.cwd, capture_output=True, text=True
        )

    def start(self) -> Service:
        upgraded = self.run("db", "upgrade")
        assert upgraded.returncode == 0, upgraded.stderr
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "-c", str(ROOT / "gunicorn.conf.py"), "unfurler.web.app:serve()"],
                env=self.environ,
                cwd=self.cwd,
                stderr=log,
            )
        until = time.monotonic() + 30
        while time.monotonic() < until:
            try:
                if requests.get(f"{self.url}/readyz", timeout=10).status_code == 200:
                    return self
            except requests.RequestException:
                assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.05)
        raise AssertionError(f"not ready: {self.log.read_text()}")

    def stop(self, number: int = signal.SIGTERM) -> int:
        """How it ended."""
        if self.process is None:
            return 0
        self.process.send_signal(number)
        code = self.process.wait(40)
        self.process = None
        return code

    def kill(self) -> None:
        """Dead at once, the master and its workers."""
        children = subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True).stdout.split()
        for pid in [self.process.pid, *map(int, children)]:
            os.kill(pid, signal.SIGKILL)
        self.process.wait(10)
        self.process = None

    def query(self, sql: str, *values: object) -> list[tuple]:
        """What its database says."""
        engine = create_engine(self.environ["UNFURLER_DATABASE_URL"])
        try:
            with engine.connect() as connection:
                return [tuple(row) for row in connection.exec_driver_sql(sql, values)]
        finally:
            engine.dispose()

    def ended(self, organization: str) -> dict[str, str]:
        """Queue item → how it ended, as recorded."""
        return dict(
            self.query(
                'select item, coalesce(reason, "end") from queue_items '
                f"where organization = '{organization}' and ended_at is not null"
            )
        )

    def etag(self, organization: str) -> int | None:
        """The place in the organization's queue up to which all has ended."""
        return self.query(f"select etag from organizations where id = '{organization}'")[0][0]

    def events(self, name: str) -> list[dict]:
        """What the log says under that name."""
        lines = (line for line in self.log.read_text().splitlines() if line.startswith("{"))
        return [event for event in map(json.loads, lines) if event["event"] == name]
