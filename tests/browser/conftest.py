"""What a person sees: the system's Chromium, the service, and a sandbox of its own whose clock may be moved."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.person import ISSUE_PATH, PATIENCE_MS, Person, post
from tests.world.service import Service
from tests.world.space import Organization, Server
from unfurler.sandbox.forge import CLIENT_ID, CLIENT_SECRET, forge_url
from unfurler.sandbox.forge import ISSUE as FORGE_ISSUE
from unfurler.sandbox.sandbox import Settings
from unfurler.sandbox.server import running

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
expect.set_options(timeout=PATIENCE_MS)
NO_CHROMIUM = "no Chromium is installed; on Debian: sudo apt-get install chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items):
    """Skipped where there is no Chromium, but never in continuous integration."""
    if CHROMIUM is None and not os.environ.get("CI"):
        for item in items:
            if Path(__file__).parent in item.path.parents:
                item.add_marker(pytest.mark.skip(reason=NO_CHROMIUM))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    assert CHROMIUM is not None, NO_CHROMIUM
    return browser_type_launch_args | {"executable_path": CHROMIUM, "args": ARGUMENTS}


@pytest.fixture(scope="session")
def browser_context_args():
    return {"locale": "en-GB", "timezone_id": "Europe/Berlin"}


@pytest.fixture(scope="session")
def space_server():
    """An emulated Space of these tests alone, for they move its clock."""
    with running(Settings(port=0)) as sandbox:
        yield Server(sandbox.url)


@pytest.fixture(scope="session")
def service(tmp_path_factory, space_server, pages):
    """The service, reading other systems from the sandbox's recorded replies, its emulated GitHub among them."""
    places = f"127.0.0.1:{pages.port},{space_server.url.partition('//')[2]}"
    environ = {
        "UNFURLER_SPACE_HOSTS": space_server.url,
        "UNFURLER_GITHUB_URL": f"https://github.com,{forge_url(space_server.url)}",
        "UNFURLER_GITHUB_API_URL": f"{space_server.url}/recorded/github",
        "UNFURLER_GITHUB_CLIENT_ID": f",{CLIENT_ID}",
        "UNFURLER_GITHUB_CLIENT_SECRET": f",{CLIENT_SECRET}",
        "UNFURLER_GIST_API_URL": f"{space_server.url}/recorded/github",
        "UNFURLER_GITLAB_API_URL": f"{space_server.url}/recorded/gitlab",
        "UNFURLER_DOMAINS": places,
        "UNFURLER_FETCH_ALLOW": places,
        "UNFURLER_CACHE_TTL": "0",
        "UNFURLER_PLAYGROUND": "on",
    }
    running_service = Service(tmp_path_factory.mktemp("browsed"), environ).start()
    yield running_service
    running_service.stop()


@pytest.fixture
def space(space_server, service) -> Organization:
    """An organization that has installed the service; whatever was sent to it fits the contract."""
    space_server.delete("faults")
    before = len(space_server.violations)
    organization = space_server.install(service.endpoint, name="Acme")
    yield organization
    space_server.delete("faults")
    organization.call("uninstall")
    assert space_server.violations[before:] == []


@pytest.fixture
def forge_issue(space_server) -> Iterator[str]:
    """Its address at the emulated GitHub, where people can sign in; open before and after."""
    yield f"{forge_url(space_server.url)}/{FORGE_ISSUE}"
    untouched = {"state": "open", "state_reason": None, "closed_at": None}
    space_server.post("recorded/forge", path=ISSUE_PATH, patch=untouched)


@pytest.fixture
def stub(space_server, pages):
    """An organization whose application only answers, with what the test tells: `stub({…answer…}, …extensions…)`."""
    made = []

    def install(answer: object, *extensions: dict) -> Organization:
        pages.answers("/application", json_body=answer, method="POST")
        installed = space_server.post("installations", endpoint=f"{pages.url}/application", name="Stub")
        organization = Organization(space_server, installed["clientId"], installed["clientSecret"])
        made.append(organization)
        body = {"contextIdentifier": "global", "extensions": list(extensions)}
        post(organization, "applications/ui-extensions", body, "PATCH")
        return organization

    yield install
    for organization in made:
        organization.call("uninstall", force=True)


@pytest.fixture
def person(new_context, space):
    """Opens the page as somebody: `person()`, `person(1, path="#admin", width=360, dark=True)`."""
    people = []

    def sit_down(at: int = 0, path: str = "", *, width: int = 1280, dark: bool = False, tour: bool = False) -> Person:
        context = new_context(
            viewport={"width": width, "height": 860},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
        )
        people.append(Person(context, space, at, tour=tour).opens(path))
        return people[-1]

    yield sit_down
    assert [fault for each in people for fault in each.faults] == []
