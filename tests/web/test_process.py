"""The service as a process: how it starts when something is wrong, and how it ends."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time

import pytest
import requests
from cryptography.fernet import Fernet

from tests.world.service import ROOT, Service
from tests.world.sites import Told
from tests.world.space import wait_for
from unfurler.store.database import Database
from unfurler.store.organizations import Organizations
from unfurler.store.secrets import Vault
from unfurler.store.upgrade import upgrade

PROVIDER = """
from unfurler.sdk import Card, Provider, Sites
{name} = Provider("{name}", title="T", sites=Sites("claimed.example"))
@{name}.link("/<{name}>")
def page(link, api, {name}):
    return Card(title="x")
"""


@pytest.fixture
def other(tmp_path):
    """A service of this test alone."""
    made = Service(tmp_path, {})
    yield made
    if made.process is not None:
        made.kill()


def begin(service: Service, folder=ROOT) -> None:
    """Start without bringing the database up to date."""
    command = [sys.executable, "-m", "gunicorn", "-c", str(ROOT / "gunicorn.conf.py"), "unfurler.web.app:serve()"]
    with service.log.open("ab") as log:
        service.process = subprocess.Popen(command, env=service.environ, cwd=folder, stderr=log)


def ready(service: Service) -> tuple[int, str]:
    """Status and words; 0 while nobody answers."""
    try:
        answer = requests.get(f"{service.url}/readyz", timeout=60, headers={"Connection": "close"})
    except requests.RequestException:
        return 0, ""
    return answer.status_code, answer.text


def test_started_before_its_database_it_says_what_to_run_and_recovers_by_itself(other):
    begin(other)
    assert wait_for(lambda: ready(other)[0])
    status, words = ready(other)
    assert status == 503
    assert "python -m unfurler db upgrade" in words
    assert other.run("db", "upgrade").returncode == 0
    assert wait_for(lambda: ready(other)[0] == 200)
    assert other.stop() == 0


def test_a_drain_that_is_under_way_does_not_hold_up_the_end(space_server, tmp_path, pages, settings):
    pages.told[("GET", "*")] = Told(200, b"<title>x</title>", {"Content-Type": "text/html"}, 2.0)
    service = Service(tmp_path, settings).start()
    try:
        organization = space_server.install(service.endpoint)
        organization.queue(*[f"{pages.url}/slow/{number}" for number in range(40)])
        assert wait_for(lambda: any(asked.path.startswith("/slow/") for asked in pages.asked))
        began = time.monotonic()
        assert service.stop() == 0
        assert time.monotonic() - began < 30
    finally:
        pages.told.pop(("GET", "*"))
    path = service.environ["UNFURLER_DATABASE_URL"].removeprefix("sqlite:///")
    with sqlite3.connect(path) as database:
        assert database.execute("select lease_holder from organizations").fetchall() == [(None,)]


def run_briefly(service: Service, folder) -> int:
    begin(service, folder)
    return service.process.wait(90)


def test_keys_that_do_not_fit_the_database_stop_the_start_with_a_sentence(other):
    database = Database(other.environ["UNFURLER_DATABASE_URL"])
    upgrade(database)
    organizations = Organizations(database, Vault([Fernet.generate_key().decode()]))
    organizations.install("a", "https://a.example", secret="s", keys=None, by=None, now=1.0)
    database.close()
    assert run_briefly(other, ROOT) != 0
    other.process = None
    log = other.log.read_text()
    assert "UNFURLER_SECRET_KEYS" in log
    assert "Traceback" not in log


def test_two_providers_that_claim_one_shape_stop_the_start_and_a_broken_one_does_not(other, tmp_path):
    folder = tmp_path / "place"
    (folder / "providers").mkdir(parents=True)
    for name in ("zzone", "zztwo"):
        (folder / "providers" / f"{name}.py").write_text(PROVIDER.format(name=name))
    (folder / "providers" / "zzbad.py").write_text("import nothing_that_is_there")
    assert run_briefly(other, folder) != 0
    other.process = None
    assert "zzone and zztwo both claim" in other.log.read_text()
    other.environ["UNFURLER_DISABLED_PROVIDERS"] = "zztwo"
    listed = subprocess.run(
        [sys.executable, "-m", "unfurler", "providers"], env=other.environ, cwd=folder, capture_output=True, text=True
    )
    assert listed.returncode == 0
    assert "zzone  runs" in listed.stdout
    assert "zzbad  ModuleNotFoundError" in listed.stdout
    assert "github  runs" in listed.stdout


def test_after_a_kill_the_next_process_goes_on_at_once(space_server, tmp_path, pages, settings):
    pages.told[("GET", "*")] = Told(200, b"<title>x</title>", {"Content-Type": "text/html"}, 2.0)
    service = Service(tmp_path, settings).start()
    try:
        organization = space_server.install(service.endpoint)
        organization.queue(f"{pages.url}/killed")
        assert wait_for(lambda: pages.calls("/killed"))
        service.kill()
        pages.told[("GET", "*")] = Told(200, b"<title>x</title>", {"Content-Type": "text/html"})
        service.start()
        assert wait_for(organization.cards)
    finally:
        pages.told.pop(("GET", "*"))
        if service.process is not None:
            service.stop()
