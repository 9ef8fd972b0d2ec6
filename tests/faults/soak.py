"""The long form: kills and outages for half of the time, a steady load for the rest, and an account of every link.

`python -m tests.faults.soak --minutes 5`. It ends with 1 where a link was lost, or where the process grew.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.faults.killing import kill_worker, workers
from tests.faults.load import Account, Load
from tests.world.service import Service
from tests.world.sites import Site
from tests.world.space import Server
from unfurler.sandbox.sandbox import Settings
from unfurler.sandbox.server import running

ORGANIZATIONS = 3
_MAY_GROW = 1.15
_MAY_GROW_MIB = 15.0


@dataclass(frozen=True)
class Size:
    """What a process takes."""

    mib: float
    files: int
    threads: int

    @classmethod
    def of(cls, pid: int) -> Size:
        status = Path(f"/proc/{pid}/status").read_text()
        return cls(
            mib=int(status.partition("VmRSS:")[2].split()[0]) / 1024,
            files=len(list(Path(f"/proc/{pid}/fd").iterdir())),
            threads=int(status.partition("Threads:")[2].split()[0]),
        )


def faults(service: Service, server: Server, load: Load, until: float, chance: random.Random) -> tuple[int, int]:
    """Kill, and let Space be away, at random moments under load; how many of each."""
    kills = outages = 0
    while time.monotonic() < until:
        load.post(10)
        time.sleep(chance.uniform(0.0, 1.5))
        if chance.random() < 0.7:
            kills += kill_worker(service)
            time.sleep(chance.uniform(0.0, 2.0))
        else:
            outages += 1
            fault = server.post("faults", path="unfurls/queue", times=None, **chance.choice(_OUTAGES))
            time.sleep(chance.uniform(0.5, 4.0))
            server.delete(f"faults?id={fault['id']}")
    return kills, outages


_OUTAGES: list[dict] = [
    {"status": 503, "error": "internal-server-error"},
    {"status": 429, "error": "rate-limited", "headers": {"Retry-After": "1"}},
    {"drop": True},
    {"status": 200, "body": "[{"},
]


def steady(service: Service, load: Load, until: float) -> list[Size]:
    """Load alone; the sizes of the process on the way."""
    sizes = []
    while time.monotonic() < until:
        load.post(10)
        time.sleep(1.0)
        sizes.append(Size.of(workers(service)[0]))
    return sizes


def grew(sizes: list[Size]) -> list[str]:
    """What stood higher at the end of the second half than at its beginning."""
    half = sizes[len(sizes) // 2 :]
    first, last = half[: len(half) // 3 or 1], half[-(len(half) // 3 or 1) :]
    found = []
    for what, may in (("mib", _MAY_GROW_MIB), ("files", 20), ("threads", 20)):
        before = max(getattr(size, what) for size in first)
        after = max(getattr(size, what) for size in last)
        if after > before * _MAY_GROW and after > before + may:
            found.append(f"{what} from {before:.0f} to {after:.0f}")
    return found


def soak(minutes: float, seed: int) -> tuple[Account, list[str]]:
    """Run, and print the figures."""
    chance, site = random.Random(seed), Site()
    with tempfile.TemporaryDirectory() as folder, running(Settings(port=0)) as sandbox:
        server = Server(sandbox.url)
        environ = {
            "UNFURLER_SPACE_HOSTS": sandbox.url,
            "UNFURLER_GITHUB_API_URL": site.url,
            "UNFURLER_CACHE_TTL": "0",
            "UNFURLER_LOG_LEVEL": "WARNING",
        }
        service = Service(Path(folder), environ).start()
        try:
            load = Load(site, *(server.install(service.endpoint) for _ in range(ORGANIZATIONS)), seed=seed)
            began = time.monotonic()
            kills, outages = faults(service, server, load, began + minutes * 30, chance)
            print(f"{kills} kills, {outages} outages of Space", flush=True)
            sizes = steady(service, load, began + minutes * 60)
            account = load.account(service, 300)
        finally:
            service.stop()
            site.close()
    first, last = sizes[len(sizes) // 2], sizes[-1]
    print(f"{account}")
    print(f"second half of the steady load: {first} to {last}")
    return account, grew(sizes)


def main() -> int:
    """Parse, run, judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    account, grown = soak(asked.minutes, asked.seed)
    for line in [*account.lost[:20], *grown]:
        print(line)
    return 1 if account.lost or grown else 0


if __name__ == "__main__":
    sys.exit(main())
