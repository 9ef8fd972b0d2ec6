"""A service with external systems that people sign in to: two GitHubs, a GitLab, and a corkboard that takes tokens."""

from __future__ import annotations

import shutil
from itertools import count

import pytest

from tests.world.forges import GitHub, GitLab
from tests.world.service import ROOT, Service
from tests.world.system import System

_NUMBERS = count(1_000)


@pytest.fixture(scope="session")
def hub():
    """A GitHub Enterprise."""
    system = GitHub()
    yield system
    system.close()


@pytest.fixture(scope="session")
def other_hub():
    """Another GitHub Enterprise, to which nobody's tokens of the first are to be shown."""
    system = GitHub()
    yield system
    system.close()


@pytest.fixture(scope="session")
def lab():
    """A GitLab of one's own."""
    system = GitLab()
    yield system
    system.close()


@pytest.fixture(scope="session")
def board():
    """A corkboard, whose provider lies in a folder of the operator's."""
    system = System()
    yield system
    system.close()


@pytest.fixture(scope="session")
def office(tmp_path_factory, space_server, hub, other_hub, lab, board):
    """The service, with an OAuth application at each system."""
    folder = tmp_path_factory.mktemp("office")
    shutil.copytree(ROOT / "tests" / "world" / "providers", folder / "providers")
    environ = {
        "UNFURLER_SPACE_HOSTS": space_server.url,
        "UNFURLER_GITHUB_URL": f"{hub.url},{other_hub.url}",
        "UNFURLER_GITHUB_CLIENT_ID": "hub-client,other-client",
        "UNFURLER_GITHUB_CLIENT_SECRET": "hub-client-secret,other-client-secret",
        "UNFURLER_GITLAB_URL": lab.url,
        "UNFURLER_GITLAB_CLIENT_ID": "lab-client",
        "UNFURLER_GITLAB_CLIENT_SECRET": "lab-client-secret",
        "UNFURLER_CORKBOARD_URL": board.url,
        "UNFURLER_PLAYGROUND": "on",
    }
    service = Service(folder, environ, cwd=folder)
    for system, name, provider in ((hub, "hub", "github"), (other_hub, "other", "github"), (lab, "lab", "gitlab")):
        callback = f"{service.url}/oauth/{provider}/callback"
        system.application(f"{name}-client", f"{name}-client-secret", callback)
    service.start()
    yield service
    service.stop()


@pytest.fixture
def team(space_server, office):
    """An organization of its own in that office, whose Space has no login for applications."""
    yield space_server.install(office.endpoint, codeFlow=False)
    assert space_server.violations == []


@pytest.fixture
def proving_team(space_server, office):
    """An organization of its own, whose people prove who they are by Space's login."""
    yield space_server.install(office.endpoint, redirectUris=[f"{office.url}/space/login"])
    space_server.delete("faults")
    assert space_server.violations == []


@pytest.fixture(scope="module")
def repository(hub):
    """A private one; some modules have another."""
    return hub.repository("secret-shop/vault", readers=["octo-ann"], writers=["octo-bob"])


@pytest.fixture
def link(hub, repository):
    """A private issue of its own for each test."""
    number = next(_NUMBERS)
    return hub.issue(repository, number, f"The vault is open, case {number}")


@pytest.fixture
def ann(team):
    """Administers the organization."""
    return team.people[0]


@pytest.fixture
def bob(team):
    """Somebody else of it."""
    return team.people[1]
