"""The results of one reader over a corpus, counted."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmarks.pages.corpus import Case
from benchmarks.pages.judge import FIELDS, right


@dataclass(frozen=True, slots=True)
class Score:
    """How many labelled pages were right and wrong, and on how many without a value one was invented."""

    labelled: int
    right: int
    wrong: int
    absent: int
    invented: int

    def __str__(self) -> str:
        if not self.labelled or not (self.right or self.wrong):
            return "–"
        text = f"{100 * self.right / self.labelled:.0f}/{100 * self.wrong / self.labelled:.0f}"
        return f"{text} ({self.invented}/{self.absent})" if self.absent else text


@dataclass(frozen=True, slots=True)
class Result:
    """One reader: its times in milliseconds of CPU a page, its memory, its facts by page."""

    name: str
    version: str
    times_ms: Sequence[float]
    peak_mib: float
    facts: dict[str, dict[str, object]]
    failures: int

    def quantile_ms(self, share: float) -> float:
        ordered = sorted(self.times_ms)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    @property
    def mean_ms(self) -> float:
        return statistics.fmean(self.times_ms)


def parse(name: str, lines: Iterable[str]) -> Result:
    """What a reader printed: a line a page, then its version and memory."""
    entries = [json.loads(line) for line in lines if line.startswith("{")]
    last = entries.pop()
    return Result(
        name,
        last["version"],
        [entry["cpu_ms"] for entry in entries],
        last["peak_mib"],
        {entry["file"]: entry["facts"] or {} for entry in entries},
        sum(1 for entry in entries if entry.get("error")),
    )


def score(result: Result, cases: Sequence[Case], field: str) -> Score:
    labelled = hits = misses = absent = invented = 0
    for case in cases:
        found = result.facts.get(case.name, {}).get(field)
        expected = case.expected.get(field)
        if expected:
            labelled += 1
            if found:
                correct = right(field, str(found), expected)
                hits += correct
                misses += not correct
        elif field in case.absent:
            absent += 1
            invented += bool(found)
    return Score(labelled, hits, misses, absent, invented)


def table(results: Sequence[Result], cases: Sequence[Case]) -> str:
    """Two tables in Markdown: what a page costs, and how often each field is right."""
    lines = [
        "| reader | p50 ms | mean ms | p95 ms | worst ms | memory added MiB | failures |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for result in results:
        quantiles = [result.quantile_ms(0.5), result.mean_ms, result.quantile_ms(0.95), max(result.times_ms)]
        numbers = " | ".join(f"{value:.2f}" for value in quantiles)
        lines.append(f"| {result.name} {result.version} | {numbers} | {result.peak_mib:.0f} | {result.failures} |")
    lines += ["", "| reader | " + " | ".join(FIELDS) + " |", "| --- |" + " --- |" * len(FIELDS)]
    for result in results:
        cells = " | ".join(str(score(result, cases, field)) for field in FIELDS)
        lines.append(f"| {result.name} | {cells} |")
    return "\n".join(lines)
