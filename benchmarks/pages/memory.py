"""How much memory a process has needed beyond what it had at a moment (Linux)."""

from __future__ import annotations

import re
from pathlib import Path


def baseline_mib() -> float:
    """What the process holds now; the peak is counted from here on."""
    Path("/proc/self/clear_refs").write_text("5")
    return _status_mib("VmRSS")


def added_mib(baseline: float) -> float:
    """The peak since `baseline_mib`, less what was held then."""
    return round(_status_mib("VmHWM") - baseline, 1)


def _status_mib(field: str) -> float:
    found = re.search(rf"{field}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) / 1024 if found else 0.0
