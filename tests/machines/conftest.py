"""Services of several processes, over PostgreSQL and a Redis that may be stopped, killed and frozen."""

from __future__ import annotations

from itertools import count

import pytest

from tests.world import behind
from tests.world.service import Service
from tests.world.sites import issue
from tests.world.space import wait_for

_NUMBERS = count(10_000)


@pytest.fixture
def start(tmp_path, settings, redis):
    """Starts a service; what a test leaves running is killed."""
    started: list[Service] = []

    def make(workers: int = 1, **environ: str) -> Service:
        stands_on = {"UNFURLER_DATABASE_URL": behind.new_database(), "UNFURLER_REDIS_URL": redis.url()}
        service = Service(tmp_path, {**settings, **stands_on, **environ}, workers=workers)
        started.append(service)
        return service.start()

    yield make
    redis.thaw()
    for service in started:
        service.kill()


@pytest.fixture
def links(github):
    """Links to issues that nobody has asked for: `links(30, delay_s=0.2)`."""

    def make(how_many: int, delay_s: float = 0.0) -> list[str]:
        chosen = [next(_NUMBERS) for _ in range(how_many)]
        for number in chosen:
            github.answers(f"/repos/o/many/issues/{number}", json_body=issue(number), delay_s=delay_s)
        return [f"https://github.com/o/many/issues/{number}" for number in chosen]

    return make


@pytest.fixture
def each_once():
    """Every item of an organization gets its card, and gets it once; `at_most` where somebody was killed."""

    def check(organization, count: int, *, at_most: int = 1) -> None:
        assert wait_for(lambda: sum(bool(item["content"]) for item in organization.items) == count)
        wait_for(lambda: False, 0.5)
        posts = [len(item["posts"]) for item in organization.items]
        assert len(posts) == count
        assert max(posts) <= at_most

    return check
