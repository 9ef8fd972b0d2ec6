"""Several web processes, of which any can be asked what all of them counted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter

import pytest
import requests

from tests.world.ports import free_port
from tests.world.service import ROOT, Service
from tests.world.space import wait_for


@pytest.fixture
def two(tmp_path):
    """The address of two real gunicorn processes under our configuration."""
    port = free_port()
    environ = os.environ | {
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "TMPDIR": str(tmp_path),
        "UNFURLER_REDIS_URL": "redis://not-asked",
        "WEB_CONCURRENCY": "2",
    }
    command = [sys.executable, "-m", "gunicorn", "-c", str(ROOT / "gunicorn.conf.py"), "-w", "2"]
    process = subprocess.Popen([*command, "tests.web.counting:app()"], env=environ, cwd=ROOT)
    url = f"http://127.0.0.1:{port}"
    assert wait_for(lambda: answer(f"{url}/metrics"))
    assert list(tmp_path.glob("unfurler-metrics-*/*.db"))
    yield url
    process.send_signal(signal.SIGTERM)
    assert process.wait(40) == 0
    assert not list(tmp_path.glob("unfurler-metrics-*"))


def answer(url: str) -> str | None:
    try:
        return requests.get(url, timeout=60, headers={"Connection": "close"}).text
    except requests.RequestException:
        return None


def counted_by(url: str) -> Counter[str]:
    """How often each process was asked to count, once both were."""
    processes: Counter[str] = Counter()

    def both() -> bool:
        if asked := answer(f"{url}/count"):
            processes[asked] += 1
        return len(processes) == 2

    assert wait_for(both)
    return processes


def value(url: str, name: str) -> float:
    # Whoever takes the connection may be the one that is killed.
    page = wait_for(lambda: answer(f"{url}/metrics"))
    found = [line for line in page.splitlines() if line.startswith(name)]
    assert len(found) == 1, found
    return float(found[0].split()[-1])


def test_any_of_two_processes_says_what_both_counted(two):
    processes = counted_by(two)
    sent = sum(processes.values())
    for _ in range(6):
        assert value(two, 'unfurler_links_total{end="posted",provider="github",reason="none"}') == sent
        assert value(two, 'unfurler_link_seconds_count{end="posted"}') == sent
        assert value(two, "unfurler_drains_running") == sent
        assert value(two, 'unfurler_check_ok{check="database"}') == 1


def test_what_a_process_that_died_had_under_way_is_gone_and_what_it_counted_stays(two):
    processes = counted_by(two)
    dead, left = processes.most_common()
    os.kill(int(dead[0]), signal.SIGKILL)
    assert wait_for(lambda: value(two, "unfurler_drains_running") == left[1])
    assert value(two, 'unfurler_link_seconds_count{end="posted"}') == sum(processes.values())
    # A process that is told to stop while it begins would be waited for.
    counted_by(two)


def test_one_process_counts_in_its_memory_and_makes_no_folder(tmp_path):
    alone = Service(tmp_path, {"TMPDIR": str(tmp_path)}).start()
    try:
        assert "process_resident_memory_bytes" in answer(f"{alone.url}/metrics")
        assert not list(tmp_path.glob("unfurler-metrics-*"))
    finally:
        assert alone.stop() == 0
