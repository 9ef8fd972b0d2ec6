"""`python -m unfurler dev` in a folder of an author's own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.world.ports import free_port
from tests.world.service import ROOT


class Workshop:
    """A folder with one new provider, `mine`, for the site mine.example."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.provider = folder / "providers" / "mine.py"
        self.recorded = folder / "tests" / "providers" / "mine" / "recorded.json"
        self.url = ""
        self._process: subprocess.Popen[str] | None = None
        made = self._run("new-provider", "mine", "--domain", "mine.example")
        assert made.returncode == 0, made.stderr

    def opens(self, *options: str, **environ: str) -> Workshop:
        """Start the command; wait until it says where its page is."""
        port = free_port()
        command = [sys.executable, "-m", "unfurler", "dev", "providers/mine.py", "--port", str(port), *options]
        self._process = subprocess.Popen(
            command, cwd=self.folder, env=self._environ(environ), stdout=subprocess.PIPE, text=True
        )
        for line in self._process.stdout:
            if line.startswith("Open "):
                self.url = line.split()[1].rstrip(":")
                return self
        raise AssertionError("it ended")

    def fails(self, *options: str, **environ: str) -> str:
        """Run the command, which ends with an error; what it says."""
        done = self._run("dev", "providers/mine.py", *options, **environ)
        assert done.returncode == 1, done.stdout
        return done.stderr

    def saves(self, old: str, new: str) -> None:
        """Change the provider as an editor does."""
        text = self.provider.read_text()
        assert old in text
        self.provider.write_text(text.replace(old, new))

    def close(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(20)

    def _run(self, *command: str, **environ: str) -> subprocess.CompletedProcess[str]:
        whole = [sys.executable, "-m", "unfurler", *command]
        return subprocess.run(
            whole, cwd=self.folder, env=self._environ(environ), capture_output=True, text=True, timeout=120
        )

    def _environ(self, environ: dict[str, str]) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("UNFURLER_")}
        return kept | {"PYTHONPATH": str(ROOT)} | environ
