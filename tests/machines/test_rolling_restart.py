"""A new version is rolled out: web processes and workers are told to stop, one by one, while links are posted."""

from __future__ import annotations

import threading
import time

import pytest

from tests.faults.load import Load
from tests.world import behind
from tests.world.line import Line
from tests.world.ports import free_port
from tests.world.service import Service
from tests.world.sites import Site


@pytest.fixture
def issues():
    """Of this test alone: it answers for everything that the load asks."""
    site = Site()
    yield site
    site.close()


@pytest.fixture
def front():
    """What stands before the web processes, and leads each connection to one that takes it."""
    line = Line(free_port(), free_port())
    yield line
    line.close()


@pytest.mark.long
def test_a_rolling_restart_under_load_loses_and_repeats_nothing(tmp_path, space_server, settings, issues, redis, front):
    environ = settings | {
        "UNFURLER_GITHUB_API_URL": issues.url,
        "UNFURLER_BASE_URL": front.url,
        "UNFURLER_DATABASE_URL": behind.new_database(),
        "UNFURLER_REDIS_URL": redis.url(),
    }
    webs: list[Service] = []
    for number, port in enumerate(list(front.ports)):
        (tmp_path / str(number)).mkdir()
        same = {name: webs[0].environ[name] for name in ("UNFURLER_SECRET_KEYS",) if webs}
        webs.append(Service(tmp_path / str(number), environ | same | {"PORT": str(port)}, workers=1))
        webs[-1].url = f"http://127.0.0.1:{port}"
    over = threading.Event()
    try:
        for web in webs:
            web.start()
        organizations = [space_server.install(f"{front.url}/api/space") for _ in range(2)]
        load = Load(issues, *organizations, delay_s=0.2)

        def go_on() -> None:
            while not over.wait(0.1):
                load.post(2)

        posting = threading.Thread(target=go_on)
        posting.start()
        for web in webs:
            time.sleep(0.5)
            began = time.monotonic()
            assert web.stop() == 0
            assert time.monotonic() - began < 30
            web.start()
        time.sleep(0.5)
        over.set()
        posting.join()
        account = load.account(webs[0])
        assert (account.faults, len(account.repeats)) == ([], 0), account
        assert [web.stop() for web in webs] == [0, 0]
    finally:
        over.set()
        for web in webs:
            if web.process is not None:
                web.kill()
