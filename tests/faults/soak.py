"""The long form: kills and outages for half of the time, a steady load for the rest, and an account of every link.

`python -m tests.faults.soak --minutes 5`; with `--postgres` over PostgreSQL and Redis with two workers, all of them
killed and restarted too. It ends with 1 where a link was lost, or posted twice while the record could know, or
where the processes grew.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.faults.killing import kill_all, kill_worker, processes
from tests.faults.load import Account, Load
from tests.world import postgres
from tests.world.redis import RedisServer, or_skip
from tests.world.service import Service
from tests.world.sites import Site
from tests.world.space import Server
from unfurler.sandbox.sandbox import Settings
from unfurler.sandbox.server import running

ORGANIZATIONS = 3
WORKERS = 2
_MAY_GROW = 1.15
_MAY_GROW_MIB = 15.0


@dataclass(frozen=True)
class Size:
    """What the processes that work take together."""

    mib: float
    files: int
    threads: int

    @classmethod
    def of(cls, pids: list[int]) -> Size:
        statuses = [Path(f"/proc/{pid}/status").read_text() for pid in pids]
        return cls(
            mib=sum(int(status.partition("VmRSS:")[2].split()[0]) for status in statuses) / 1024,
            files=sum(len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in pids),
            threads=sum(int(status.partition("Threads:")[2].split()[0]) for status in statuses),
        )


@dataclass
class World:
    """All that a soak stands on."""

    service: Service
    server: Server
    load: Load
    database: postgres.PostgresServer | None
    redis: RedisServer | None
    chance: random.Random

    def kill_one(self) -> None:
        """A process that works; gunicorn starts another."""
        self._meet_a_posting()
        with self.load.troubles.during("kill"):
            kill_worker(self.service)

    def kill_group(self) -> None:
        """Gunicorn as a whole, or one of the workers beside it."""
        parent = self.chance.choice([self.service.process, *self.service.workers])
        self._meet_a_posting()
        with self.load.troubles.during("kill"):
            begin_again = kill_all(self.service, parent)
        time.sleep(self.chance.uniform(0.0, 1.0))
        begin_again()

    def _meet_a_posting(self) -> None:
        """Every other time Space is slow to answer a posting, so that what comes next falls into it."""
        if self.chance.random() < 0.5:
            self.server.post("faults", path="queue/content", delay_s=0.5, after=True, times=1)
            self.load.post(3)
            time.sleep(self.chance.uniform(0.0, 0.8))

    def outage_of_space(self, seconds: float | None = None) -> None:
        """It refuses, or breaks off, before or after it did what was asked: its log tells, and explains repeats."""
        path = self.chance.choice(["unfurls/queue", "unfurls/queue/content"])
        fault = self.server.post("faults", path=path, times=None, **self.chance.choice(_OUTAGES))
        time.sleep(self.chance.uniform(0.5, 4.0) if seconds is None else seconds)
        self.server.delete(f"faults?id={fault['id']}")

    def restart_of_database(self) -> None:
        """At once, as if it had crashed."""
        assert self.database is not None
        with self.load.troubles.during("restart of PostgreSQL"):
            self.database.stop()
            time.sleep(self.chance.uniform(0.0, 2.0))
            self.database.start()

    def restart_of_redis(self) -> None:
        """Killed, and empty afterwards; that explains no repeat."""
        assert self.redis is not None
        self.redis.stop()
        time.sleep(self.chance.uniform(0.0, 2.0))
        self.redis.start()

    def faults(self) -> dict[str, tuple[Callable[[], None], int]]:
        """Each by its name, with how often it comes among the others."""
        found: dict[str, tuple[Callable[[], None], int]] = {
            "kills of a process": (self.kill_one, 5),
            "kills of a whole group": (self.kill_group, 2),
            "outages of Space": (self.outage_of_space, 3),
        }
        if self.database is not None:
            found["restarts of PostgreSQL"] = (self.restart_of_database, 1)
            found["restarts of Redis"] = (self.restart_of_redis, 1)
        return found


_OUTAGES: list[dict] = [
    {"status": 503, "error": "internal-server-error"},
    {"status": 429, "error": "rate-limited", "headers": {"Retry-After": "1"}},
    {"drop": True},
    {"drop": True, "after": True},
    {"status": 200, "body": "[{"},
]


@contextmanager
def world(seed: int, *, shared: bool) -> Iterator[World]:
    """On SQLite alone, or `shared` over PostgreSQL and Redis with workers."""
    chance, site = random.Random(seed), Site()
    with ExitStack() as stack:
        stack.callback(site.close)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        sandbox = stack.enter_context(running(Settings(port=0)))
        environ = {
            "UNFURLER_SPACE_HOSTS": sandbox.url,
            "UNFURLER_GITHUB_API_URL": site.url,
            "UNFURLER_CACHE_TTL": "0",
        }
        database = redis = None
        if shared:
            place = postgres.programs()
            if place is None:
                or_skip("PostgreSQL")
            database = stack.enter_context(postgres.running(place))
            redis = RedisServer(folder).start()
            stack.callback(redis.stop)
            environ |= {"UNFURLER_DATABASE_URL": f"{database.url}/postgres", "UNFURLER_REDIS_URL": redis.url()}
        service = Service(folder, environ, workers=WORKERS).start()
        stack.callback(service.kill)
        server = Server(sandbox.url)
        load = Load(site, *(server.install(service.endpoint) for _ in range(ORGANIZATIONS)), seed=seed)
        yield World(service, server, load, database, redis, chance)


def trouble(world: World, until: float) -> dict[str, int]:
    """Faults at random moments under load; how many of each."""
    faults, counted = world.faults(), dict.fromkeys(world.faults(), 0)
    while time.monotonic() < until:
        world.load.post(10)
        time.sleep(world.chance.uniform(0.0, 1.5))
        (name,) = world.chance.choices(list(faults), [often for _, often in faults.values()])
        faults[name][0]()
        counted[name] += 1
        time.sleep(world.chance.uniform(0.0, 2.0))
    return counted


def steady(world: World, until: float) -> list[Size]:
    """Load alone; the sizes on the way."""
    sizes = []
    while time.monotonic() < until:
        world.load.post(10)
        time.sleep(1.0)
        sizes.append(Size.of(processes(world.service)))
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


def soak(minutes: float, outage_minutes: float, seed: int, *, shared: bool) -> tuple[Account, list[str]]:
    """Run, and print the figures."""
    with world(seed, shared=shared) as here:
        if outage_minutes:
            here.load.post(50)
            here.outage_of_space(outage_minutes * 60)
        began = time.monotonic()
        counted = trouble(here, began + minutes * 30)
        print(", ".join(f"{count} {name}" for name, count in counted.items()), flush=True)
        sizes = steady(here, began + minutes * 60)
        account = here.load.account(here.service)
    print(f"{account}")
    print(f"second half of the steady load: {sizes[len(sizes) // 2]} to {sizes[-1]}")
    return account, grew(sizes)


def main() -> int:
    """Parse, run, judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--outage-minutes", type=float, default=0.0, help="how long Space is away at the beginning")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--postgres", action="store_true", help="over PostgreSQL and Redis, with two workers")
    asked = parser.parse_args()
    account, grown = soak(asked.minutes, asked.outage_minutes, asked.seed, shared=asked.postgres)
    for line in [*account.faults[:20], *grown]:
        print(line)
    return 1 if account.faults or grown else 0


if __name__ == "__main__":
    sys.exit(main())
