"""`sandbox` and `demo`: an emulated Space, alone or together with the service."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import FrameType

import click
from cryptography.fernet import Fernet

from unfurler.cli.ports import free_port
from unfurler.fetch import Allow, Guard, Outbound
from unfurler.limits import Limits
from unfurler.sandbox.__main__ import main as sandbox
from unfurler.sandbox.forge import CLIENT_ID, CLIENT_SECRET, forge_url
from unfurler.sdk.errors import UnfurlError
from unfurler.web.logs import set_up_logs

_ROOT = Path(__file__).parent.parent.parent
_GITHUB = "https://api.github.com/rate_limit"
_LEFT_AT_LEAST = 10
_START_S = 60


@click.command()
@click.option("--port", default=8080, show_default=True, help="The service's; another one where it is taken.")
@click.option("--sandbox-port", default=9000, show_default=True, help="The chat page's, likewise.")
@click.option("--recorded", is_flag=True, help="Read GitHub from recorded replies even if there is a network.")
def demo(port: int, sandbox_port: int, recorded: bool) -> None:
    """Start the service and the emulated Space on loopback, and print the address to open."""
    service_port, chat_port = free_port(port), free_port(sandbox_port)
    service_url, chat_url = f"http://127.0.0.1:{service_port}", f"http://127.0.0.1:{chat_port}"
    set_up_logs("ERROR", None)
    live = not recorded and _github_answers()
    with tempfile.TemporaryDirectory(prefix="unfurler-demo-") as folder:
        environ = _environ(service_port, service_url, chat_url, Path(folder), live=live)
        python, quiet = [sys.executable, "-m"], subprocess.DEVNULL
        subprocess.run([*python, "unfurler", "db", "upgrade"], env=environ, check=True, stdout=quiet)
        web = [*python, "gunicorn", "-c", str(_ROOT / "gunicorn.conf.py"), "unfurler.web.app:serve()"]
        chat = [*python, "unfurler.sandbox", "--port", str(chat_port), "--github", "live" if live else "recorded"]
        chat += ["--install", f"{service_url}/api/space"]
        processes = [
            subprocess.Popen(web, env=environ, cwd=_ROOT),
            subprocess.Popen(chat, env=environ, stdout=quiet),
        ]
        if not all(_opens(one, processes) for one in (service_port, chat_port)):
            _stop(processes)
            raise click.ClickException("the demo did not start; what went wrong stands above")
        who = "GitHub answers" if live else "Recorded replies answer"
        click.echo(f"Open {chat_url} to press buttons and paste links. {who}.")
        click.echo(f"The service itself: {service_url}, its playground: {service_url}/playground. Ctrl-C stops both.")
        sys.exit(_run_until_stopped(processes))


commands = (sandbox, demo)
sandbox.name = "sandbox"


def _environ(port: int, service_url: str, chat_url: str, folder: Path, *, live: bool) -> dict[str, str]:
    """Nothing of the caller's own settings: the demo is the same everywhere."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("UNFURLER_")}
    environ |= {
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "UNFURLER_BASE_URL": service_url,
        "UNFURLER_SECRET_KEYS": Fernet.generate_key().decode(),
        "UNFURLER_DATABASE_URL": f"sqlite:///{folder}/demo.db",
        "UNFURLER_SPACE_HOSTS": chat_url,
        "UNFURLER_PLAYGROUND": "on",
        "UNFURLER_LOG_LEVEL": "WARNING",
        "UNFURLER_DOMAINS": "wikipedia.org,jetbrains.com,python.org",
        # Beside github.com one where people can sign in and buttons act, without an account of anybody.
        "UNFURLER_GITHUB_URL": f"https://github.com,{forge_url(chat_url)}",
        "UNFURLER_GITHUB_CLIENT_ID": f",{CLIENT_ID}",
        "UNFURLER_GITHUB_CLIENT_SECRET": f",{CLIENT_SECRET}",
    }
    if not live:
        host = chat_url.partition("//")[2]
        environ["UNFURLER_GITHUB_API_URL"] = environ["UNFURLER_GIST_API_URL"] = f"{chat_url}/recorded/github"
        environ["UNFURLER_GITLAB_API_URL"] = f"{chat_url}/recorded/gitlab"
        environ["UNFURLER_DOMAINS"] += f",{host}"
        environ["UNFURLER_FETCH_ALLOW"] = host
    return environ


def _github_answers() -> bool:
    """Whether the real API can be asked, and has something left for us."""
    limits = Limits(dns_s=2.0)
    outbound = Outbound(limits, Guard.make(Allow()), user_agent="Unfurler (demo)")
    try:
        reply = outbound.request("GET", _GITHUB, timeout_s=4.0)
        return reply.status == 200 and int(reply.json()["resources"]["core"]["remaining"]) >= _LEFT_AT_LEAST
    except (UnfurlError, ValueError, KeyError, TypeError):
        return False


def _opens(port: int, processes: list[subprocess.Popen[bytes]]) -> bool:
    """Whether somebody listens there before long; at once False if a process has ended."""
    until = time.monotonic() + _START_S
    while time.monotonic() < until and all(process.poll() is None for process in processes):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(0.1)
    return False


def _run_until_stopped(processes: list[subprocess.Popen[bytes]]) -> int:
    """Until asked to stop, or one of them ends by itself; both are stopped then."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    try:
        while all(process.poll() is None for process in processes):
            time.sleep(0.2)
        code = 1
    except KeyboardInterrupt:
        code = 0
    _stop(processes)
    return code


def _stop(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait(40)
