"""What the running service imports is pinned: the development environment has more than it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.metadata import packages_distributions

from tests.docs.pages import read

# structlog colours its console with it where it happens to be there.
ONLY_IF_THERE = {"rich", "pygments", "markdown-it-py", "mdurl"}
IMPORTS = """
import gunicorn.workers.ggevent, json, sys
import unfurler.cli, unfurler.sandbox.server, unfurler.web.app
import psycopg
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def test_everything_that_the_service_imports_is_pinned():
    done = subprocess.run([sys.executable, "-c", IMPORTS], capture_output=True, text=True, check=True)
    owners = packages_distributions()
    used = {plain(owner) for module in json.loads(done.stdout) for owner in owners.get(module, ())}
    pinned = {plain(name) for name in re.findall(r"^([A-Za-z0-9_.-]+)==", read("requirements.txt"), re.M)}
    assert used - pinned - ONLY_IF_THERE - {"unfurler", "setuptools", "pip"} == set()


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
