"""`python -m benchmarks.pages [--corpus DIR] [--peers DIR] [--install-peers DIR] [--runs N]`."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

from benchmarks.pages import peers
from benchmarks.pages.corpus import OWN_PAGES, Case, load
from benchmarks.pages.scores import Result, parse, table
from unfurler.sdk.page.charset import codec_of, codec_of_mark, guess


def main() -> None:
    arguments = _arguments()
    if arguments.install_peers:
        peers.install(arguments.install_peers)
    folder: Path = arguments.corpus or OWN_PAGES
    if arguments.corpus is None:
        print("No corpus given (--corpus DIR): reading the few small pages that the project brings.\n")
    cases = load(folder)
    command = [sys.executable, "-m", "benchmarks.pages.ours", str(folder), str(arguments.runs)]
    results = [_run("unfurler", command, "")]
    listing = "\n".join(json.dumps(_entry(case, folder)) for case in cases)
    where: Path | None = arguments.peers or arguments.install_peers
    if where is not None:
        for name in peers.installed(where):
            if not arguments.only or name in arguments.only:
                results.append(_run(name, peers.command(where, name, folder, arguments.runs), listing))
    print(f"{len(cases)} pages, {arguments.runs} runs each, median; right/wrong % (invented/absent).\n")
    print(table(results, cases))
    if arguments.details:
        details = {result.name: result.facts for result in results}
        arguments.details.write_text(json.dumps(details, ensure_ascii=False, indent=1))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pages", description=__doc__)
    parser.add_argument("--corpus", type=Path, help="a folder with expected.jsonl and the pages that it names")
    parser.add_argument("--peers", type=Path, help="the folder that peers were installed into")
    parser.add_argument("--install-peers", type=Path, help="install the peers into this folder first (npm, pip)")
    parser.add_argument("--only", nargs="*", help="run only these peers")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--details", type=Path, help="write every value that was found into this file")
    return parser.parse_args()


def _run(name: str, command: list[str], listing: str) -> Result:
    done = subprocess.run(command, input=listing, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{name}: {done.stderr[-2_000:]}")
    return parse(name, done.stdout.splitlines())


def _entry(case: Case, folder: Path) -> dict[str, str]:
    body = case.file.read_bytes()
    codec = codec_of_mark(body) or codec_of(case.charset) or guess(body)
    label = {"cp1252": "windows-1252"}.get(codec, codec.replace("iso8859", "iso-8859"))
    return {
        "file": str(case.file.relative_to(folder)),
        "name": case.name,
        "url": case.url,
        "codec": codec,
        "label": label,
    }


if __name__ == "__main__":
    main()
