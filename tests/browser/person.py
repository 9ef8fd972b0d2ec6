"""Somebody at the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import requests
from playwright.sync_api import BrowserContext, Locator, expect

from tests.world.space import Organization

CHECKS = (Path(__file__).parent / "checks.js").read_text(encoding="utf-8")
PATIENCE_MS = 60_000
REPOSITORY = "https://github.com/octokit-fixture-org/hello-world"
ISSUE = f"{REPOSITORY}/issues/1"
ISSUE_PATH = "repos/octokit-fixture-org/hello-world/issues/1"


class Person:
    """One tab. `faults` is what the browser complained about: errors of scripts, and what the policy forbids."""

    def __init__(self, context: BrowserContext, space: Organization, at: int, *, tour: bool) -> None:
        self.space = space
        self.id = space.people[at]
        self.faults: list[str] = []
        done = "" if tour else "localStorage.setItem('tour', 'done');"
        context.add_init_script(
            f"{done} if (!sessionStorage.getItem('person')) {{"
            f"sessionStorage.setItem('organization', {space.id!r}); sessionStorage.setItem('person', {self.id!r}); }}"
        )
        self.page = context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("dialog", lambda dialog: self.faults.append(f"a dialog opened: {dialog.message}"))
        self.page.on("console", lambda said: self.faults.append(said.text) if "Policy" in said.text else None)

    def opens(self, path: str = "") -> Person:
        self.page.goto(f"{self.space.server.url}/{path}")
        self.page.wait_for_selector("body[data-ready]")
        return self

    def writes(self, text: str) -> None:
        self.page.get_by_label("Message", exact=True).fill(text)
        self.page.keyboard.press("Enter")

    @property
    def cards(self) -> Locator:
        return self.page.locator("#messages .card")

    @property
    def notice(self) -> Locator:
        return self.page.get_by_role("status")

    def sees(self, what: Locator, text: str) -> None:
        expect(what).to_contain_text(text)

    def sees_no(self, what: Locator) -> None:
        expect(what).to_have_count(0)

    def complaints(self) -> list[str]:
        """What is wrong with the page as it stands."""
        found: dict[str, Any] = self.page.evaluate(CHECKS)
        assert found["texts"] > 3, "there is something to judge"
        return list(found["complaints"])


def show(space: Organization, *contents: dict[str, Any]) -> list[str]:
    """Cards in the first channel as the application might have posted them; the ids of their items."""
    targets = [{"target": f"https://tracker.example/{at}"} for at in range(len(contents))]
    items = [item["id"] for item in space.call("items", items=targets, notify=False)["items"]]
    unfurls = [{"queueItemId": item, "content": content} for item, content in zip(items, contents, strict=True)]
    post(space, "applications/unfurls/queue/content", {"unfurls": unfurls})
    return items


def post(space: Organization, path: str, body: dict[str, Any], method: str = "POST") -> None:
    """A call of Space's API as the application."""
    url = space.server.url
    form = {"grant_type": "client_credentials", "scope": "**"}
    token = requests.post(f"{url}/oauth/token", auth=(space.id, space.secret), data=form, timeout=60).json()
    bearer = {"Authorization": f"Bearer {token['access_token']}"}
    answer = requests.request(method, f"{url}/api/http/{path}", json=body, headers=bearer, timeout=60)
    assert answer.ok, answer.text


def message(*elements: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Unfurl content of one section."""
    section = {"className": "MessageSection", "elements": list(elements)}
    return {"className": "ApplicationUnfurlContent.Message", "style": "PRIMARY", "sections": [section], **more}


def text(content: str, **more: Any) -> dict[str, Any]:
    return {"className": "MessageText", "content": content, **more}


def button(words: str, style: str = "REGULAR", **more: Any) -> dict[str, Any]:
    action = {"className": "PostMessageAction", "actionId": "nothing", "payload": "x"}
    return {"className": "MessageButton", "text": words, "style": style, "action": action, **more}
