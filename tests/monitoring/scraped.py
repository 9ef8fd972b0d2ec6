"""What `/metrics` said, taken apart as Prometheus does, and the metrics that an expression of PromQL asks for."""

from __future__ import annotations

import re
from dataclasses import dataclass

import requests
from prometheus_client.parser import text_string_to_metric_families

from tests.world.service import Service

# Enough of PromQL for what we write: what is no name of a metric although it looks like one.
_WORDS = re.compile(
    r"\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)"
    r"|\b(sum|min|max|avg|count|rate|increase|histogram_quantile|clamp_min|absent|topk|and|or|unless|bool)\b"
    r"|\"[^\"]*\"|\[[^\]]*\]|\{[^}]*\}|\$\w+|\boffset\b|\d+(\.\d+)?[smhd]?\b"
)
_SELECTOR = re.compile(r"(?P<name>[a-z_]\w+)\s*(?:\{(?P<labels>[^}]*)\})?")
_LABEL = re.compile(r"(?P<name>\w+)\s*(?P<how>=~|!~|!=|=)\s*\"(?P<value>[^\"]*)\"")
_GROUP = re.compile(r"\b(?:by|without)\s*\(([^)]*)\)")


@dataclass(frozen=True)
class Sample:
    """One line."""

    name: str
    labels: dict[str, str]
    value: float


@dataclass(frozen=True)
class Scrape:
    """All of them."""

    text: str
    samples: list[Sample]

    @classmethod
    def of(cls, service: Service) -> Scrape:
        text = requests.get(f"{service.url}/metrics", timeout=60).text
        return cls(
            text,
            [
                Sample(one.name, dict(one.labels), one.value)
                for family in text_string_to_metric_families(text)
                for one in family.samples
            ],
        )

    def value(self, name: str, **labels: str) -> float | None:
        """The sum of what fits; None where nothing does."""
        found = [one.value for one in self.samples if one.name == name and labels.items() <= one.labels.items()]
        return sum(found) if found else None

    def labels(self, name: str) -> dict[str, set[str]]:
        """Label → its values, of one metric; empty where there is none of that name."""
        found: dict[str, set[str]] = {}
        for one in self.samples:
            if one.name == name:
                for label, value in one.labels.items():
                    found.setdefault(label, set()).add(value)
        return found

    @property
    def names(self) -> set[str]:
        return {one.name for one in self.samples}


@dataclass(frozen=True)
class Asked:
    """What an expression asks for: a metric with label → value that it must, or must not, have."""

    name: str
    labels: dict[str, str]


def asked(expression: str) -> list[Asked]:
    """The metrics of an expression, with the labels that it picks by."""
    bare = _WORDS.sub(lambda word: word[0] if word[0].startswith("{") else " ", expression)
    found = []
    for selector in _SELECTOR.finditer(bare):
        labels = {label["name"]: label["value"] for label in _LABEL.finditer(selector["labels"] or "")}
        found.append(Asked(selector["name"], labels))
    return found


def grouped(expression: str) -> set[str]:
    """The labels that an expression groups by."""
    return {label.strip() for group in _GROUP.findall(expression) for label in group.split(",") if label.strip()}
