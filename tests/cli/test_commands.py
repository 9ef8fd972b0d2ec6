"""The commands, as a person runs them."""

from __future__ import annotations

import base64
import json
import signal
import subprocess
import sys
import time

import jsonschema
import pytest

from tests.world.service import ROOT, Service
from tests.world.sites import issue

SCHEMA = json.loads((ROOT / "unfurler/sandbox/space.schema.json").read_text())


@pytest.fixture
def run(tmp_path):
    """Our command with an environment that has only what is given."""

    def command(*arguments, cwd=ROOT, **environ):
        clean = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)}
        return subprocess.run(
            [sys.executable, "-m", "unfurler", *arguments], env=clean | environ, cwd=cwd, capture_output=True, text=True
        )

    return command


def test_preview_prints_a_card(run, github):
    github.answers("/repos/o/r/issues/1", json_body=issue(1, "Crash on start"))
    done = run("preview", "https://github.com/o/r/issues/1", UNFURLER_GITHUB_API_URL=github.url)
    assert done.returncode == 0, done.stderr
    assert "Crash on start" in done.stdout
    assert done.stderr == ""


def test_preview_as_json_is_exactly_what_space_would_get(run, github):
    github.answers("/repos/o/r/issues/1", json_body=issue(1, "Crash on start"))
    done = run("preview", "--json", "https://github.com/o/r/issues/1", UNFURLER_GITHUB_API_URL=github.url)
    content = json.loads(done.stdout)
    jsonschema.Draft202012Validator(SCHEMA | {"$ref": "#/$defs/ApplicationUnfurlContent"}).validate(content)


def test_preview_without_anything_to_show_exits_1_with_the_reason(run, github):
    github.answers("/repos/o/r/issues/404", status=404)
    done = run("preview", "https://github.com/o/r/issues/404", UNFURLER_GITHUB_API_URL=github.url)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.strip()


def test_preview_of_a_link_that_nobody_covers_is_read_as_a_page_and_says_so(run, pages):
    pages.answers("/x", "<title>A page</title>")
    done = run("preview", f"{pages.url}/x", UNFURLER_FETCH_ALLOW="127.0.0.1")
    assert done.returncode == 0, done.stderr
    assert "A page" in done.stdout
    assert "UNFURLER_DOMAINS" in done.stderr


def test_preview_says_why_there_is_a_card(run, github):
    github.answers("/repos/o/r/issues/1", json_body=issue(1, "Crash on start"))
    done = run("preview", "--why", "https://github.com/o/r/issues/1?utm_source=x", UNFURLER_GITHUB_API_URL=github.url)
    assert done.returncode == 0, done.stderr
    told = done.stdout
    order = ["as posted:", "rule /<owner>/<repo>/issues/<int:number>", "Nothing was remembered", "Requests:", "Card:"]
    assert sorted(order, key=told.index) == order
    assert f"GET {github.url}/repos/o/r/issues/1: 200 in" in told
    assert "Crash on start" in told


def test_preview_says_why_there_is_no_card_and_what_helps(run, github):
    github.answers("/repos/o/r/issues/404", status=404)
    done = run("preview", "--why", "https://github.com/o/r/issues/404", UNFURLER_GITHUB_API_URL=github.url)
    assert done.returncode == 1
    assert "issues/404: 404 in" in done.stdout
    assert "reason: not-found" in done.stdout
    assert "What helps: Look whether the link is right" in done.stdout


def test_preview_says_which_rules_come_nearest_and_who_would_own_the_link(run, pages):
    environ = {"UNFURLER_FETCH_ALLOW": "127.0.0.1", "UNFURLER_DISABLED_PROVIDERS": "gist"}
    near = run("preview", "--why", "https://github.com/o/r/issues/new", **environ).stdout
    assert "github /<owner>/<repo>/issues/<int:number>" in near
    assert "UNFURLER_DOMAINS" in near
    asleep = run("preview", "--why", "https://gist.github.com/o/1", **environ).stdout
    assert "gist has this host, but does not run:" in asleep


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ("https://github.com/o/r?no_unfurl", "Post it without no_unfurl."),
        ("ftp://x", "does not begin with http"),
        ("http://10.0.0.1/x", "UNFURLER_FETCH_ALLOW"),
    ],
)
def test_preview_says_why_a_link_is_not_even_asked_for(run, link, said):
    done = run("preview", "--why", link)
    assert done.returncode == 1
    assert said in done.stdout


@pytest.mark.parametrize("option", ["--why", None])
def test_nothing_that_a_site_or_a_link_says_reaches_the_terminal_as_a_command(run, github, option):
    hostile = "\x1b]0;run\x07\x1b[31m \u202egnp.exe\u200b"
    github.answers("/repos/o/r/issues/1", json_body=issue(1, hostile, body=hostile))
    for link in ("https://github.com/o/r/issues/1", "https://github.com/o/r/commit/%1B%5B31m%E2%80%AEx"):
        done = run("preview", *filter(None, [option]), link, UNFURLER_GITHUB_API_URL=github.url)
        assert not set("\x1b\x07\u202e\u200b") & set(done.stdout + done.stderr)
        assert "31m" in done.stdout + done.stderr or done.returncode == 1


def test_a_key_in_a_query_is_not_told(run, pages):
    pages.answers("/x?key=canary", "<title>A page</title>")
    told = run("preview", "--why", f"{pages.url}/x?key=canary", UNFURLER_FETCH_ALLOW="127.0.0.1").stdout
    assert f"GET {pages.url}/x?…: 200 in" in told


def test_preview_as_somebody_needs_an_organization(run, tmp_path):
    environ = {
        "UNFURLER_SECRET_KEYS": run("new-key").stdout.strip(),
        "UNFURLER_DATABASE_URL": f"sqlite:///{tmp_path}/x.db",
    }
    run("db", "upgrade", **environ)
    done = run("preview", "https://github.com/o/r", "--as-user", "client/user", **environ)
    assert done.returncode == 1
    assert "No organization client" in done.stderr


def test_preview_as_somebody_who_is_not_signed_in_says_so(space_server, github, tmp_path, settings):
    service = Service(tmp_path, settings).start()
    organization = space_server.install(service.endpoint)
    service.stop()
    github.answers("/repos/o/r/issues/1", json_body=issue(1, "Crash on start"))
    who = f"{organization.id}/{organization.people[0]}"
    done = service.run("preview", "https://github.com/o/r/issues/1", "--as-user", who)
    assert done.returncode == 0, done.stderr
    assert "Nobody is signed in" in done.stderr
    assert "Crash on start" in done.stdout


def test_providers_lists_what_there_is(run):
    rows = {row["name"]: row for row in json.loads(run("providers", "--json").stdout)}
    assert set(rows["github"]) == {
        "name", "version", "domains", "patterns", "actions", "sign_in", "configured", "reason",
    }  # fmt: skip
    assert rows["github"]["configured"] is True
    assert rows["generic"]["configured"] is False
    assert "UNFURLER_DOMAINS" in rows["generic"]["reason"]


def test_a_new_key_is_one(run):
    assert len(base64.urlsafe_b64decode(run("new-key").stdout.strip())) == 32


def test_an_install_link_carries_our_endpoint(run):
    done = run("install-url", "--space", "https://acme.jetbrains.space", UNFURLER_BASE_URL="https://unfurl.example.com")
    assert done.stdout.startswith("https://acme.jetbrains.space/extensions/installedApplications/new?")
    assert "endpoint=https%3A%2F%2Funfurl.example.com%2Fapi%2Fspace" in done.stdout
    assert "code-flow-redirect-uris=https%3A%2F%2Funfurl.example.com%2Fspace%2Flogin" in done.stdout


def test_check_lists_what_to_mend(run, tmp_path):
    key = run("new-key").stdout.strip()
    database = f"sqlite:///{tmp_path}/x.db"
    done = run("check", UNFURLER_SECRET_KEYS=key, UNFURLER_DATABASE_URL=database)
    assert done.returncode == 1
    assert "db upgrade" in done.stderr
    assert run("db", "upgrade", UNFURLER_DATABASE_URL=database).returncode == 0
    assert run("db", "upgrade", UNFURLER_DATABASE_URL=database).returncode == 0
    assert run("check", UNFURLER_SECRET_KEYS=key, UNFURLER_DATABASE_URL=database).returncode == 0


def test_wrong_settings_are_reported_all_at_once(run):
    done = run(
        "check",
        UNFURLER_BASE_URL="http://unfurl.example.com",
        UNFURLER_SECRET_KEYS="short",
        UNFURLER_GITHUB_URL="github.acme",
        UNFURLER_FETCH_ALLOW="10.0.0.0/99",
        UNFURLER_SPACE_TOKEN="t0ken",
        UNFURLER_CACHE_TTL="soon",
        UNFURLER_DISABLED_PROVIDERS="jirra",
    )
    assert done.returncode == 1
    variables = [line.partition(":")[0] for line in done.stderr.splitlines()]
    assert variables == sorted(
        f"UNFURLER_{name}"
        for name in (
            "BASE_URL",
            "SECRET_KEYS",
            "GITHUB_URL",
            "FETCH_ALLOW",
            "SPACE_TOKEN",
            "CACHE_TTL",
            "DISABLED_PROVIDERS",
        )
    )
    assert "t0ken" not in done.stderr
    assert "short" not in done.stderr
    assert 'UNFURLER_GITHUB_URL: "github.acme" is not a URL; write https://github.acme' in done.stderr


def test_a_wrong_setting_stops_the_service_with_a_line(tmp_path, settings):
    service = Service(tmp_path, settings | {"UNFURLER_LOG_LEVEL": "LOUD"})
    command = [sys.executable, "-m", "gunicorn", "unfurler.web.app:serve()"]
    done = subprocess.run(command, env=service.environ, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode != 0
    assert "UNFURLER_LOG_LEVEL: " in done.stderr
    assert "Traceback" not in done.stderr


def test_new_provider_writes_a_file_and_a_test_that_pass(run, tmp_path):
    done = run("new-provider", "tracker", "--domain", "tracker.example.com", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    test = [sys.executable, "-m", "pytest", "-q", "tests/providers/test_tracker.py"]
    passed = subprocess.run(
        test, cwd=tmp_path, env={"PATH": "/usr/bin", "PYTHONPATH": f"{tmp_path}:{ROOT}"}, capture_output=True
    )
    assert passed.returncode == 0, passed.stdout.decode()
    listed = run("providers", cwd=tmp_path)
    assert "tracker  runs" in listed.stdout
    again = run("new-provider", "tracker", "--domain", "tracker.example.com", cwd=tmp_path)
    assert again.returncode == 1
    assert "nothing was written" in again.stderr


@pytest.mark.parametrize(("name", "domain"), [("Bad Name", "x.example"), ("good", "not a host")])
def test_new_provider_refuses_what_cannot_work(run, tmp_path, name, domain):
    done = run("new-provider", name, "--domain", domain, cwd=tmp_path)
    assert done.returncode == 2
    assert list(tmp_path.glob("providers/*")) == []


def test_a_worker_without_redis_says_so_and_waits(run, tmp_path):
    environ = {"PATH": "/usr/bin", "PYTHONPATH": str(ROOT), "UNFURLER_SECRET_KEYS": run("new-key").stdout.strip()}
    worker = subprocess.Popen(
        [sys.executable, "-m", "unfurler", "worker"], env=environ, cwd=ROOT, stderr=subprocess.PIPE
    )
    line = worker.stderr.readline().decode()
    assert "UNFURLER_REDIS_URL is not set" in line
    time.sleep(0.2)
    assert worker.poll() is None
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(60) == 0


def test_keys_are_rotated_by_resealing(run, space_server, tmp_path, settings):
    service = Service(tmp_path, settings).start()
    space_server.install(service.endpoint)
    service.stop()
    old, new = service.environ["UNFURLER_SECRET_KEYS"], run("new-key").stdout.strip()
    service.environ["UNFURLER_SECRET_KEYS"] = new
    assert "add the key" in service.run("check").stderr
    service.environ["UNFURLER_SECRET_KEYS"] = f"{new},{old}"
    assert service.run("db", "reseal").returncode == 0
    service.environ["UNFURLER_SECRET_KEYS"] = new
    assert service.run("check").returncode == 0
