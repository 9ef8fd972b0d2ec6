"""Writes docs/providers.md: `python -m tests.docs.providers_page > docs/providers.md`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from tests.docs.pages import ROOT

HEAD = """\
# Providers

The links that have cards. Written by `python -m tests.docs.providers_page > docs/providers.md` from what
`python -m unfurler providers --json` says without any configuration; a test compares. Rules are matched under the
address of each instance: see `UNFURLER_<PROVIDER>_URL` in the [README](../README.md#configuration).
"""


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, *(part for row in listed() for part in section(row))])


def listed() -> list[dict[str, Any]]:
    """What the command says, whatever is configured in this shell."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("UNFURLER_")}
    command = [sys.executable, "-m", "unfurler", "providers", "--json"]
    done = subprocess.run(command, env=environ, cwd=ROOT, capture_output=True, text=True, check=True)
    rows: list[dict[str, Any]] = json.loads(done.stdout)
    return rows


def section(row: dict[str, Any]) -> list[str]:
    """One provider."""
    lines = [f"## {row['name']}", ""]
    if row["domains"]:
        lines += [f"Public site: {', '.join(f'`{domain}`' for domain in row['domains'])}.", ""]
    if not row["configured"]:
        lines += [f"Does not run without configuration: {row['reason']}.", ""]
    lines += ["- any page or file" if rule == "*" else f"- `{rule}`" for rule in sorted(row["patterns"])]
    lines += ["", f"Buttons that act: {', '.join(f'`{one}`' for one in row['actions']) or 'none'}.", ""]
    return lines


if __name__ == "__main__":
    sys.stdout.write(page())
