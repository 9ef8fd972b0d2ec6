"""The image and the composition, as far as they can be judged without a container engine."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
import requests
import yaml
from cryptography.fernet import Fernet

from tests.docs.pages import ROOT, read
from tests.world.ports import free_port
from unfurler.version import VERSION

LINES = [line for line in read("Dockerfile").replace("\\\n", " ").splitlines() if line and not line.startswith("#")]
COMPOSED = yaml.safe_load(read("compose.yaml"))
OURS = {name: COMPOSED["services"][name] for name in ("release", "web", "worker")}
PROCFILE = dict(line.split(": ", 1) for line in read("Procfile").splitlines())
SECRET = re.compile(r"(?i)(password|secret|token|keys?)\b")


def instructions(name: str) -> list[str]:
    return [line.partition(" ")[2] for line in LINES if line.startswith(f"{name} ")]


def copied() -> list[str]:
    """What comes into the image from the checkout."""
    return [part for line in instructions("COPY") if "--from" not in line for part in line.split()[:-1]]


def test_bases_are_named_by_version_and_there_are_two_stages():
    bases = [line.split()[0] for line in instructions("FROM")]
    images = [service["image"] for service in COMPOSED["services"].values()]
    assert len(bases) == 2
    for image in bases + images:
        assert re.search(r":\d", image), image
    assert OURS["web"]["image"] == f"unfurler:{VERSION}"


def test_everything_that_is_copied_is_there_and_not_ignored():
    allowed = {line[1:] for line in read(".dockerignore").splitlines() if line.startswith("!")}
    for path in copied():
        assert (ROOT / path).exists(), path
        assert path in allowed, path
    assert allowed == set(copied())
    assert "*" in read(".dockerignore").splitlines()


def test_packages_are_installed_with_their_hashes():
    assert any("--require-hashes" in line for line in instructions("RUN"))
    assert not any(line.startswith("ADD ") for line in LINES)


def test_it_runs_as_nobody_special():
    (user,) = instructions("USER")
    assert int(user) >= 10_000
    assert LINES.index(f"USER {user}") > max(n for n, line in enumerate(LINES) if line.startswith(("COPY", "RUN")))
    for service in OURS.values():
        assert service["read_only"] is True
        assert service["tmpfs"] == ["/tmp"]
        assert service["cap_drop"] == ["ALL"]
        assert "privileged" not in service
        assert "no-new-privileges:true" in service["security_opt"]


def test_no_secret_is_written_down():
    assert not [line for line in instructions("ENV") + instructions("ARG") if SECRET.search(line)]
    for service in COMPOSED["services"].values():
        for name, value in service.get("environment", {}).items():
            if SECRET.search(name):
                assert value.startswith("${") and ":?" in value, name
    assert "${POSTGRES_PASSWORD:?" in OURS["web"]["environment"]["UNFURLER_DATABASE_URL"]


def test_commands_are_those_of_the_procfile():
    for name, line in PROCFILE.items():
        assert OURS[name]["command"] == shlex.split(line)
    (command,) = instructions("CMD")
    assert yaml.safe_load(command) == shlex.split(PROCFILE["web"])


def test_each_is_looked_after_and_waits_for_what_it_needs():
    assert instructions("HEALTHCHECK")
    for name in ("web", "worker"):
        needs = OURS[name]["depends_on"]
        assert needs["release"]["condition"] == "service_completed_successfully"
        assert needs["redis"]["condition"] == "service_healthy"
        assert int(OURS[name]["stop_grace_period"].removesuffix("s")) > 30
    for name in ("worker", "postgres", "redis"):
        assert COMPOSED["services"][name]["healthcheck"]["test"][0] == "CMD"


def test_nothing_but_the_web_process_is_reachable_from_outside():
    open_to = {name for name, service in COMPOSED["services"].items() if "ports" in service}
    assert open_to == {"web"}


def _may_run(user: int) -> bool:
    """Whether that user reaches our interpreter, which may lie in somebody's home."""
    try:
        return subprocess.run([sys.executable, "-c", "import flask"], user=user, group=user, cwd="/").returncode == 0
    except PermissionError:
        return False


@pytest.fixture
def image():
    """What the image holds of ours, and its commands: run by nobody special, who cannot write there, where possible.

    Where only root reaches our interpreter they run as root, whom the modes of files do not stop.
    """
    folder = Path(tempfile.mkdtemp(prefix="image"))
    app, writable = folder / "app", folder / "tmp"
    app.mkdir()
    for path in copied():
        source = ROOT / path
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(source, app / path, ignore=ignored) if source.is_dir() else shutil.copy(source, app / path)
    writable.mkdir()
    nobody = 65_534 if os.getuid() == 0 and _may_run(65_534) else None
    if nobody is not None:
        os.chown(writable, nobody, nobody)
        folder.chmod(0o755)
    for path in [app, *app.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    environ = {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "PYTHONDONTWRITEBYTECODE": "1",
        "TMPDIR": str(writable),
        "HOST": "127.0.0.1",
        "PORT": str(free_port()),
        "UNFURLER_SECRET_KEYS": Fernet.generate_key().decode(),
        "UNFURLER_DATABASE_URL": f"sqlite:///{writable}/unfurler.db",
    }

    def start(name: str) -> subprocess.Popen:
        return subprocess.Popen(
            shlex.split(PROCFILE[name]), cwd=app, env=environ, user=nobody, group=nobody, stderr=subprocess.PIPE
        )

    yield start, environ, app
    for path in [app, *app.rglob("*")]:
        path.chmod(0o755)
    shutil.rmtree(folder)


def test_its_commands_run_and_leave_nothing_behind_in_their_tree(image):
    start, environ, app = image
    before = sorted(app.rglob("*"))
    release = start("release")
    assert release.wait(90) == 0, release.stderr.read()
    web, worker = start("web"), start("worker")
    assert b"Waiting until stopped" in worker.stderr.readline()
    until = time.monotonic() + 90
    while True:
        assert web.poll() is None and time.monotonic() < until, web.stderr.read()
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", int(environ["PORT"]))) == 0:
                break
        time.sleep(0.1)
    (check,) = [line.partition("CMD ")[2] for line in instructions("HEALTHCHECK")]
    healthy = subprocess.run(yaml.safe_load(check), env=environ, cwd=app, timeout=60)
    assert healthy.returncode == 0
    assert requests.get(f"http://127.0.0.1:{environ['PORT']}/readyz", timeout=60).ok
    for process in (web, worker):
        process.terminate()
        assert process.wait(60) == 0
    assert sorted(app.rglob("*")) == before
