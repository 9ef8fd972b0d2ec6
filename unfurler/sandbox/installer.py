"""Installing the application into sample organizations once it answers."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

import click
import requests

TRIES = 120
PAUSE_S = 1.0


def install_when_ready(sandbox_url: str, endpoint: str, names: Sequence[str]) -> None:
    """In the background: one organization a name, each tried until its InitPayload is accepted."""
    threading.Thread(target=install_all, args=(sandbox_url, endpoint, names), daemon=True).start()


def install_all(sandbox_url: str, endpoint: str, names: Sequence[str]) -> None:
    for name in names:
        for _ in range(TRIES):
            if installed(sandbox_url, endpoint, name):
                break
            time.sleep(PAUSE_S)
        else:
            click.echo(f"{name}: {endpoint} did not accept the installation")


def installed(sandbox_url: str, endpoint: str, name: str) -> bool:
    body = {"endpoint": endpoint, "name": name, "clientId": f"demo-{name.lower()}"}
    try:
        answer = requests.post(f"{sandbox_url}/sandbox/installations", json=body, timeout=60)
        return bool(answer.json().get("installed"))
    except (requests.RequestException, ValueError):
        return False
