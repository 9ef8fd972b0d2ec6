"""What else reads pages: installed by name into a folder of its own, each run in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PYTHON_PEERS = ("linkpreview", "extruct", "metadata_parser", "trafilatura")
NODE_PEERS = ("unfurl.js", "metascraper", "open-graph-scraper", "link-preview-js")
_METASCRAPER_RULES = ("author", "date", "description", "image", "lang", "publisher", "title", "url")
_HERE = Path(__file__).parent


def install(folder: Path) -> None:
    """Install every peer into the folder: a virtual environment for Python, a package folder for Node."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run([sys.executable, "-m", "venv", folder / "py"], check=True)
    subprocess.run([folder / "py" / "bin" / "pip", "install", "-q", *PYTHON_PEERS], check=True)
    node = folder / "node"
    node.mkdir(exist_ok=True)
    (node / "package.json").write_text('{"private": true}\n')
    rules = [f"metascraper-{rule}" for rule in _METASCRAPER_RULES]
    subprocess.run(["npm", "install", "--no-audit", "--no-fund", *NODE_PEERS, *rules], cwd=node, check=True)


def installed(folder: Path) -> list[str]:
    """The peers that are there."""
    found = [name for name in NODE_PEERS if (folder / "node" / "node_modules" / name).is_dir()]
    return found + (list(PYTHON_PEERS) if (folder / "py" / "bin" / "python").exists() else [])


def command(folder: Path, name: str, corpus: Path, runs: int) -> list[str]:
    """How a peer is run; it takes the list of pages on stdin."""
    if name in NODE_PEERS:
        return ["node", str(_HERE / "read.mjs"), str(folder / "node"), name, str(corpus), str(runs)]
    return [str(folder / "py" / "bin" / "python"), str(_HERE / "read.py"), name, str(corpus), str(runs)]
