"""Kill -9 at a chosen moment: when a request of some kind was made, or an item got to some place."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable

from tests.world.service import Service


def workers(service: Service) -> list[int]:
    """The processes that do the work."""
    assert service.process is not None
    found = subprocess.run(["pgrep", "-P", str(service.process.pid)], capture_output=True, text=True).stdout
    return [int(pid) for pid in found.split()]


def kill_worker(service: Service) -> bool:
    """Kill -9 one that works; gunicorn starts another. Whether there was one."""
    for pid in workers(service):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
        return True
    return False


def when(happens: Callable[[], object], do: Callable[[], object], patience_s: float = 30.0) -> threading.Thread:
    """Do it as soon as that happens."""

    def watch() -> None:
        until = time.monotonic() + patience_s
        while time.monotonic() < until:
            if happens():
                do()
                return
            time.sleep(0.001)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    return thread
