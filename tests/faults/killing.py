"""Kill -9 at a chosen moment: when a request of some kind was made, or an item got to some place."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

from tests.world.service import Service, kill


def workers(service: Service) -> list[int]:
    """The processes of the web server that do the work."""
    return _children(service.process)


def processes(service: Service) -> list[int]:
    """Those, and those of the workers beside it."""
    return [pid for parent in (service.process, *service.workers) for pid in _children(parent)]


def _children(parent: subprocess.Popen | None) -> list[int]:
    assert parent is not None
    found = subprocess.run(["pgrep", "-P", str(parent.pid)], capture_output=True, text=True).stdout
    return [int(pid) for pid in found.split()]


def kill_worker(service: Service) -> bool:
    """Kill -9 one that works, and see it gone; gunicorn starts another. Whether there was one."""
    for pid in workers(service):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
        until = time.monotonic() + 60
        while _lives(pid) and time.monotonic() < until:
            time.sleep(0.001)
        return True
    return False


def kill_all(service: Service, parent: subprocess.Popen | None = None) -> Callable[[], object]:
    """Kill -9 the whole group, gunicorn's or a worker's; what begins it again, as a supervisor would."""
    parent = parent or service.process
    assert parent is not None
    kill(parent)
    if parent is service.process:
        service.process = None
        return service.start_web
    service.workers.remove(parent)
    return service.start_worker


def kill_some(service: Service, *, whole_group: bool) -> Callable[[], object]:
    """Either of the two; what begins it again."""
    if whole_group:
        return kill_all(service)
    assert kill_worker(service)
    return lambda: None


def _lives(pid: int) -> bool:
    """Whether it runs; one that is dead and not yet buried does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def when(happens: Callable[[], object], do: Callable[[], object], patience_s: float = 60.0) -> threading.Thread:
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
