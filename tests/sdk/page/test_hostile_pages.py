"""No page of one MiB takes more than a second of CPU or 64 MiB, and none ends the process."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("hostile_pages.py")
ROOT = Path(__file__).parents[3]
MAX_CPU_S = 1.0
MAX_MIB = 64

_spec = importlib.util.spec_from_file_location("hostile_pages", SCRIPT)
assert _spec is not None and _spec.loader is not None
hostile_pages = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(hostile_pages)


@pytest.mark.parametrize("name", hostile_pages.PAGES)
def test_a_hostile_page_is_read_within_its_limits(name: str) -> None:
    command = [sys.executable, str(SCRIPT), name]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, env={"PYTHONPATH": str(ROOT)}, check=False
    )
    assert done.returncode == 0, done.stderr
    used = json.loads(done.stdout)
    assert used["cpu_s"] < MAX_CPU_S
    assert used["mib"] < MAX_MIB
