"""`python -m benchmarks.load [--runs N] [--links N]`."""

from __future__ import annotations

import argparse

from benchmarks.load.figures import measure

parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
parser.add_argument("--runs", type=int, default=5)
parser.add_argument("--links", type=int, default=100_000, help="how many links before memory is measured; 0 for none")
arguments = parser.parse_args()
measure(arguments.runs, arguments.links)
