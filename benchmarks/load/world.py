"""What is measured, each part in a process of its own: the service, a bare view, Space with the sites."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.world.service import ROOT, Service

SITES = 20


@dataclass
class Space:
    """The process of `benchmarks.load.space`, by its ports."""

    port: int
    sites: Sequence[int]

    def ask(self, what: str, **wish: Any) -> Any:
        """One control call."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("POST", f"/control/{what}", json.dumps(wish))
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()

    def link(self, number: int) -> str:
        """A link to an issue; one after the other stands on another site."""
        return f"http://127.0.0.1:{self.sites[number % len(self.sites)]}/o/r/issues/{number}"

    def links(self, numbers: Sequence[int]) -> list[str]:
        """Links to issues."""
        return [self.link(number) for number in numbers]

    def wait_for_all(self, within_s: float) -> dict[str, int]:
        """Until everything posted is shown; what was counted then."""
        until = time.monotonic() + within_s
        while time.monotonic() < until:
            count: dict[str, int] = self.ask("count")
            if count["shown"] == count["posted"]:
                return count
            time.sleep(0.02)
        raise AssertionError(f"not all shown: {self.ask('count')}")


@contextmanager
def world(organizations: int, environ: dict[str, str] | None = None) -> Iterator[tuple[Service, Space]]:
    """A running service that these organizations have installed."""
    command = [sys.executable, "-m", "benchmarks.load.space", str(SITES)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout is not None
    port, *sites = map(int, process.stdout.readline().split())
    space = Space(port, sites)
    with tempfile.TemporaryDirectory() as folder:
        settings = {
            "UNFURLER_SPACE_HOSTS": f"http://127.0.0.1:{port}",
            "UNFURLER_GITHUB_URL": ",".join(f"http://127.0.0.1:{site}" for site in sites),
            "UNFURLER_LOG_LEVEL": "INFO",
        }
        service = Service(Path(folder), settings | (environ or {}))
        try:
            service.start()
            for number in range(organizations):
                status = space.ask("install", number=number, endpoint=service.endpoint)
                assert status == 200, status
            until = time.monotonic() + 30
            while not space.ask("count")["ready"]:
                assert time.monotonic() < until, service.log.read_text()[-3000:]
                time.sleep(0.1)
            yield service, space
        finally:
            service.stop()
            process.terminate()
            process.wait()


def worker_of(master: int) -> int:
    """The process that gunicorn's master runs."""
    found = subprocess.run(["pgrep", "-P", str(master)], capture_output=True, text=True).stdout.split()
    return int(found[0])


def resident_mib(pid: int) -> float:
    """Memory of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def cpu_s(pid: int) -> float:
    """Processor time that a process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
