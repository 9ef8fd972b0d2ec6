"""The limits hold in a process that gevent has patched."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.fetch.internet import HURRIED, ROOM_S


def test_slow_sites_end_in_time_under_gevent() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "tests.fetch.under_gevent"], capture_output=True, timeout=120, text=True, check=False
    )
    assert run.returncode == 0, run.stderr[-2_000:]
    found = json.loads(run.stdout)
    assert found.pop("posts")[1] == "50"
    assert {name: end for name, (_, end) in found.items()} == dict.fromkeys(found, "upstream-slow")
    assert len(found) == 6 and all(took < HURRIED.page_fetch_s + ROOM_S for took, _ in found.values()), found
