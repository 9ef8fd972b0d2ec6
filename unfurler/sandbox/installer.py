"""Installing the application into sample organizations once it answers, and letting people talk there."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import click
import requests

from .conversations import FORGE, LIVE_LINES, LIVE_TEXTS, RECORDED_LINES, RECORDED_TEXTS, SERVER
from .forge import forge_url

TRIES = 120
PAUSE_S = 1.0
SET_UP_TRIES = 300
SET_UP_PAUSE_S = 0.1
DOMAIN = "github.com"


@dataclass(frozen=True, slots=True)
class Installer:
    """Drives a sandbox over HTTP, as its page does."""

    sandbox_url: str
    endpoint: str
    live: bool = False

    def install_when_ready(self, names: Sequence[str]) -> None:
        """In the background: one organization a name, each tried until its InitPayload is accepted."""
        threading.Thread(target=self.install_all, args=(names,), daemon=True).start()

    def install_all(self, names: Sequence[str]) -> None:
        for at, name in enumerate(names):
            for _ in range(TRIES):
                if self.installed(name):
                    break
                time.sleep(PAUSE_S)
            else:
                click.echo(f"{name}: {self.endpoint} did not accept the installation")
                continue
            # One organization that is full of talk is enough; the others are there to try things in.
            if at == 0 and self.set_up(client_id_of(name)):
                self.talk(client_id_of(name))

    def installed(self, name: str) -> bool:
        body = {"endpoint": self.endpoint, "name": name, "clientId": client_id_of(name)}
        try:
            return bool(self._post("installations", body).get("installed"))
        except (requests.RequestException, ValueError):
            return False

    def set_up(self, client_id: str) -> bool:
        """Whether the application registered GitHub's domain; waits for that a while."""
        for _ in range(SET_UP_TRIES):
            answer = requests.get(f"{self.sandbox_url}/sandbox/installations/{client_id}", timeout=60).json()
            if any(domain["domain"] == DOMAIN for domain in answer.get("domains", [])):
                return True
            time.sleep(SET_UP_PAUSE_S)
        return False

    def talk(self, client_id: str) -> None:
        """People post the sample messages and write the sample pages."""
        at = f"installations/{client_id}"
        users = requests.get(f"{self.sandbox_url}/sandbox/{at}", timeout=60).json()["users"]
        people = [user["id"] for user in users]
        for line in LIVE_LINES if self.live else RECORDED_LINES:
            channel = self._post(f"{at}/channels", {"name": line.channel})["channelId"]
            author = people[line.person % len(people)]
            said = line.text.replace(SERVER, self.sandbox_url).replace(FORGE, forge_url(self.sandbox_url))
            self._post(f"{at}/messages", {"text": said, "author": author, "channel": channel})
        for text in LIVE_TEXTS if self.live else RECORDED_TEXTS:
            author = people[text.person % len(people)]
            self._post(f"{at}/pages/{text.kind}", {"text": text.text, "author": author})

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        return requests.post(f"{self.sandbox_url}/sandbox/{path}", json=body, timeout=60).json()


def client_id_of(name: str) -> str:
    return f"demo-{name.lower()}"
