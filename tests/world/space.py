"""The emulated Space, driven over HTTP: an organization, the people in it, and what they see."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import requests

# Long, for a machine that is busy with other tests: nobody waits once it is there.
PATIENCE_S = 60.0


def wait_for(what: Callable[[], Any], patience_s: float = PATIENCE_S) -> Any:
    """The first truthy value, or the last one when patience ends."""
    until = time.monotonic() + patience_s
    while True:
        value = what()
        if value or time.monotonic() > until:
            return value
        time.sleep(0.02)


class Server:
    """A sandbox process."""

    def __init__(self, url: str) -> None:
        self.url = url

    def post(self, to: str, /, **body: Any) -> Any:
        answer = requests.post(f"{self.url}/sandbox/{to}", json=body, timeout=60)
        assert answer.ok, (to, answer.status_code, answer.text)
        return answer.json()

    def get(self, path: str, /, **query: Any) -> Any:
        answer = requests.get(f"{self.url}/sandbox/{path}", params=query, timeout=60)
        assert answer.ok, (path, answer.status_code, answer.text)
        return answer.json()

    def delete(self, path: str) -> None:
        assert requests.delete(f"{self.url}/sandbox/{path}", timeout=60).ok

    def install(self, endpoint: str, **more: Any) -> Organization:
        """An organization that has just installed us, set up and ready for links."""
        installed = self.post("installations", endpoint=endpoint, **more)
        assert installed["delivery"]["status"] == 200, installed
        organization = Organization(self, installed["clientId"], installed["clientSecret"])
        if more.get("approve", True):
            assert wait_for(lambda: organization.state["domains"] and organization.state["uiExtensions"])
        return organization

    @property
    def violations(self) -> list[Any]:
        return self.get("violations")["violations"]


class Organization:
    """One installation of us."""

    def __init__(self, server: Server, id: str, secret: str) -> None:
        self.server = server
        self.id = id
        self.secret = secret
        self._path = f"installations/{id}"

    @property
    def state(self) -> dict[str, Any]:
        return self.server.get(self._path)

    @property
    def people(self) -> list[str]:
        return [user["id"] for user in self.state["users"]]

    def call(self, what: str, /, **body: Any) -> Any:
        return self.server.post(f"{self._path}/{what}", **body)

    def someone_posts(self, *links: str, **more: Any) -> list[str]:
        """A message with these links; the ids of its queue items."""
        return [item["id"] for item in self.call("messages", text=" ".join(links), **more)["items"]]

    def queue(self, *targets: str, **more: Any) -> None:
        """Queue items as they are, whatever they are."""
        self.call("items", items=[{"target": target, **more} for target in targets])

    @property
    def items(self) -> list[dict[str, Any]]:
        return self.server.get(f"{self._path}/items")["items"]

    def item(self, id: str) -> dict[str, Any]:
        return self.server.get(f"{self._path}/items", id=id)["items"][0]

    def card(self, id: str) -> dict[str, Any]:
        """The content of a queue item, once it is there."""
        return wait_for(lambda: self.item(id)["content"])

    def cards(self) -> dict[str, str]:
        """Link → the title line of its card, for those that have one."""
        return {item["target"]: title(item["content"]) for item in self.items if item["content"]}

    def posts(self, id: str) -> int:
        return len(self.item(id)["posts"])

    def press(self, id: str, button: str, person: str | None = None, **more: Any) -> list[int]:
        """Press a button of an item's card; the status of each delivery."""
        body = {"itemId": id, "button": button, **({"userId": person} if person else {}), **more}
        return [delivery["status"] for delivery in self.call("press", **body)["deliveries"]]

    def messages(self, person: str | None = None) -> list[dict[str, Any]]:
        """What we told that person in the direct channel."""
        return self.server.get(f"{self._path}/direct-messages", user=person or self.people[0])["messages"]


def title(content: dict[str, Any]) -> str:
    """The words of a card's first text, which is its title."""
    text = next(e["content"] for s in content["sections"] for e in s["elements"] if e["className"] == "MessageText")
    return text.partition("](")[0].lstrip("[").replace("\\", "")


def texts(content: dict[str, Any]) -> str:
    """Every word that a card shows."""
    found: list[str] = []

    def walk(node: Any, name: str = "") -> None:
        if isinstance(node, str) and name in ("content", "text", "first", "second", "header"):
            found.append(node)
        elif isinstance(node, dict):
            for key, value in node.items():
                walk(value, key)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(content)
    return "\n".join(found)


def buttons(content: dict[str, Any]) -> list[str]:
    """The words on a card's buttons."""
    groups = [e for s in content["sections"] for e in s["elements"] if e["className"] == "MessageControlGroup"]
    return [button["text"] for group in groups for button in group["elements"]]
