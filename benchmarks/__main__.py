"""`python -m benchmarks [--corpus DIR] [--peers DIR | --install-peers DIR] [--runs N]`: pages, then the service."""

from __future__ import annotations

import argparse
import subprocess
import sys

from benchmarks.load.figures import measure


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--corpus", help="a folder of saved pages with expected values")
    parser.add_argument("--peers", help="the folder that other readers of pages were installed into")
    parser.add_argument("--install-peers", help="install them into this folder first")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--links", type=int, default=100_000, help="how many links before memory is measured")
    arguments = parser.parse_args()
    command = [sys.executable, "-m", "benchmarks.pages", "--runs", str(arguments.runs)]
    for name in ("corpus", "peers", "install_peers"):
        if (value := getattr(arguments, name)) is not None:
            command += [f"--{name.replace('_', '-')}", value]
    subprocess.run(command, check=True)
    measure(arguments.runs, arguments.links)


if __name__ == "__main__":
    main()
