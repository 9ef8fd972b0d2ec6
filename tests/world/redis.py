"""A Redis server of our own for the tests: it can be stopped, killed, frozen, and started again on the same port."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
import redis

from tests.world.ports import free_port

PROGRAM = shutil.which("redis-server")


def or_skip(missing: str) -> None:
    """Skip where a server cannot be had; never in continuous integration."""
    if os.environ.get("CI"):
        pytest.fail(f"{missing} is not installed")
    pytest.skip(f"{missing} is not installed: on Debian, apt-get install redis-server postgresql")


class RedisServer:
    """Each `url(number)` is a database of its own."""

    def __init__(self, folder: Path) -> None:
        if PROGRAM is None:
            or_skip("redis-server")
        self._folder = folder
        self.port = free_port()
        self.process: subprocess.Popen | None = None

    def url(self, number: int = 0) -> str:
        return f"redis://127.0.0.1:{self.port}/{number}"

    def start(self) -> RedisServer:
        """Empty: nothing is kept from before."""
        options = {"port": self.port, "bind": "127.0.0.1", "save": "", "databases": 1000, "dir": self._folder}
        command = [PROGRAM, *(part for name, value in options.items() for part in (f"--{name}", str(value)))]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        until = time.monotonic() + 10
        while time.monotonic() < until:
            try:
                self.client().ping()
                return self
            except redis.ConnectionError:
                time.sleep(0.02)
        raise AssertionError("Redis did not start")

    def client(self, number: int = 0) -> redis.Redis:
        return redis.Redis.from_url(self.url(number))

    def stop(self, number: int = signal.SIGKILL) -> None:
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(10)
            self.process = None

    def freeze(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGCONT)
