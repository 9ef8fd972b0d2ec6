"""Every command in the documents runs as it stands there, or says here why it is not run."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from tests.docs.pages import NOT_OURS, ROOT, blocks, documents, read
from tests.world.ports import free_port
from tests.world.space import Server, buttons, title, wait_for
from tests.world.workshop import Workshop
from unfurler.sandbox.forge import ISSUE, forge_url

README = read("README.md")
RECORDED = ROOT / "tests" / "providers" / "github"
WEB = 'gunicorn "unfurler.web.app:serve()"'
# Takes minutes, so it is only asked which options it has.
MEASURES = "python -m benchmarks"
NOT_RUN = {
    "make demo": "has a test of its own",
    "make test": "is what runs this test",
    "make lint": "is what runs before this test",
    WEB: "runs until it is stopped: has a test of its own",
    "python -m unfurler dev providers/wiki.py": "likewise",
    "python3 -m venv .venv": "the environment of these tests is there instead",
    ".venv/bin/pip install --require-hashes -r requirements.txt": "needs a network",
    "python -m pytest tests/providers tests/space": "these tests run anyway",
    "docker compose up --build": "needs a container engine; its files have a test of their own",
}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory) -> Path:
    """A copy of the repository, in which the environment of these tests stands for its own."""
    copy = tmp_path_factory.mktemp("checkout") / "unfurler"
    left_out = shutil.ignore_patterns(*NOT_OURS, "*_cache", ".hypothesis", "*.egg-info")
    shutil.copytree(ROOT, copy, ignore=left_out)
    (copy / ".venv").symlink_to(sys.prefix)
    return copy


@pytest.fixture(scope="module")
def environ(checkout) -> dict[str, str]:
    """Nothing of ours is set."""
    path = f"{checkout}/.venv/bin{os.pathsep}{os.environ['PATH']}"
    return {"PATH": path, "HOME": str(checkout.parent), "LANG": "C.UTF-8"}


def lines_of(text: str) -> list[str]:
    """The commands of a document, top to bottom."""
    return [line for block in blocks(text, "sh") for line in block.splitlines() if line]


def others() -> set[str]:
    """The commands of every document but the README."""
    return {line for path in documents() if path != ROOT / "README.md" for line in lines_of(path.read_text())}


def run(script: str, checkout: Path, environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], cwd=checkout, env=environ, capture_output=True, text=True
    )


def exports() -> str:
    """The configuration that the README begins with."""
    lines = lines_of(README)
    end = lines.index("python -m unfurler db upgrade")
    return "\n".join(line for line in lines[:end] if line.startswith("export "))


def test_the_readme_can_be_followed_from_top_to_bottom(checkout, environ, github):
    github.answers("/repos/octocat/Hello-World", (RECORDED / "repository.reply.json").read_bytes())
    provider, test = blocks(README, "python")
    (checkout / "providers/tracker.py").write_text(provider)
    (checkout / "tests/providers/test_tracker.py").write_text(test)
    commands = [line for line in lines_of(README) if line not in NOT_RUN]
    script = "\n".join(f"echo {shlex.quote('$ ' + line)}\n{line}" for line in commands)
    done = run(script, checkout, environ | {"UNFURLER_GITHUB_API_URL": github.url})
    assert done.returncode == 0, done.stdout + done.stderr
    said = dict(part.partition("\n")[::2] for part in done.stdout.split("$ ")[1:])
    assert "Hello-World" in said["python -m unfurler preview https://github.com/octocat/Hello-World"]
    assert "All is well" in said["python -m unfurler check"]
    link = said["python -m unfurler install-url --space https://acme.jetbrains.space"]
    assert "endpoint=https%3A%2F%2Funfurl.example.com%2Fapi%2Fspace" in link
    assert " passed" in said["python -m pytest tests/providers -k tracker"]
    assert {"tracker  runs", "wiki  runs"} <= set(said["python -m unfurler providers"].splitlines())


def test_every_other_document_has_only_commands_that_are_run_here():
    assert {line for line in others() if not line.startswith(MEASURES)} <= NOT_RUN.keys()


def test_what_measures_takes_the_options_that_documents_name():
    for module in {line.split()[2] for line in others() if line.startswith(MEASURES)}:
        options = {word for line in others() if f" {module} " in f"{line} " for word in line.split("#")[0].split()}
        done = subprocess.run([sys.executable, "-m", module, "--help"], cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert {word for word in options if word.startswith("--")} <= set(re.findall(r"--[\w-]+", done.stdout))


def test_folders_of_tests_that_documents_name_are_there():
    for line in NOT_RUN:
        assert all((ROOT / word).is_dir() for word in line.split() if word.startswith("tests/"))


def test_the_procfile_has_the_lines_that_the_readme_explains():
    for line in read("Procfile").splitlines():
        name, _, command = line.partition(": ")
        assert f"| `{name}` | `{command}` |" in README


def test_the_web_line_serves_and_ends_well(checkout, environ):
    port = free_port()
    environ = environ | {"PORT": str(port), "HOST": "127.0.0.1"}
    ready = run(f"{exports()}\npython -m unfurler db upgrade", checkout, environ)
    assert ready.returncode == 0, ready.stderr
    script = f"{exports()}\nexec {WEB}"
    process = subprocess.Popen(["bash", "-euc", script], cwd=checkout, env=environ, stderr=subprocess.DEVNULL)
    try:
        assert wait_for(lambda: answers(f"http://127.0.0.1:{port}/readyz"))
        assert "Add to Space" in requests.get(f"http://127.0.0.1:{port}/", timeout=60).text
    finally:
        process.send_signal(signal.SIGTERM)
    assert process.wait(40) == 0


def test_the_cards_of_the_new_provider_are_shown(tmp_path):
    workshop = Workshop(tmp_path).opens()
    try:
        assert "https://mine.example/things/7" in requests.get(workshop.url, timeout=60).text
    finally:
        workshop.close()


def test_make_demo_shows_a_page_where_a_link_becomes_a_card(checkout, environ):
    recipe = subprocess.run(["make", "-n", "demo"], cwd=checkout, env=environ, capture_output=True, text=True)
    command = recipe.stdout.splitlines()[-1]
    assert command.endswith("-m unfurler demo"), recipe.stderr
    ports = ["--port", str(free_port()), "--sandbox-port", str(free_port())]
    demo = subprocess.Popen(
        [*shlex.split(command), "--recorded", *ports], cwd=checkout, env=environ, stdout=subprocess.PIPE, text=True
    )
    try:
        url = next(word for word in demo.stdout.readline().split() if word.startswith("http"))
        assert "Paste a link" in requests.get(url, timeout=60).text
        server = Server(url)
        (id,) = wait_for(lambda: [one["clientId"] for one in installed(server)][:1])
        assert wait_for(lambda: server.get(f"installations/{id}")["uiExtensions"])
        link = "https://github.com/octokit-fixture-org/hello-world/issues/1"
        (item,) = server.post(f"installations/{id}/messages", text=link)["items"]
        state = wait_for(lambda: server.get(f"installations/{id}/items", id=item["id"])["items"][0]["content"])
        assert title(state) == "Greeting crashes when the name is empty"
        # What people have said there already is full of cards, of every system that is shipped.
        assert wait_for(lambda: len(items_of(server, id)) > 12 and all(one["content"] for one in items_of(server, id)))
        hosts = {urlsplit(one["target"]).netloc for one in items_of(server, id)}
        forge = urlsplit(forge_url(url)).netloc
        assert hosts == {"github.com", "gist.github.com", "gitlab.com", urlsplit(url).netloc, forge}
        # Where people can sign in, cards have the buttons that the README tells them to press.
        pressed = next(one for one in items_of(server, id) if one["target"] == f"{forge_url(url)}/{ISSUE}")
        assert "Close as completed" in buttons(pressed["content"])
    finally:
        demo.send_signal(signal.SIGTERM)
    assert demo.wait(40) == 0


def test_make_test_is_what_the_integration_runs_and_runs_the_whole_suite(checkout, environ):
    assert read(".ci/run").splitlines()[-1] == "make test"
    planned = subprocess.run(["make", "-n", "test"], cwd=checkout, env=environ, capture_output=True, text=True).stdout
    for tool in ("ruff check .", "ruff format --check .", "mypy", "lint-imports", "pytest"):
        assert tool in planned


def items_of(server: Server, id: str) -> list[dict[str, object]]:
    return server.get(f"installations/{id}/items")["items"]


def installed(server: Server) -> list[dict[str, object]]:
    return [one for one in server.get("installations")["installations"] if one["installed"]]


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=60).status_code == 200
    except requests.RequestException:
        time.sleep(0.1)
        return False
