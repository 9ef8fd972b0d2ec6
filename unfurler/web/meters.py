"""What `/metrics` shows; none of it names an organization, a link or a person, and no label takes just any value."""

from __future__ import annotations

import math
import os
import re
import threading
from collections import defaultdict
from collections.abc import Mapping
from typing import Any, TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from unfurler.engine.happenings import (
    CardLookedUp,
    ClickDone,
    DrainBegan,
    DrainDone,
    Happening,
    LinkEnded,
    SourceAsked,
)
from unfurler.fetch import Finished
from unfurler.store.records import Backlog

# Set by gunicorn.conf.py where there are several workers; prometheus_client itself looks at it when it is imported.
SHARED = "PROMETHEUS_MULTIPROC_DIR"
OTHER = "other"
VALUES = 100
Meter = TypeVar("Meter", Counter, Histogram, Gauge)
_VALUE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}", re.ASCII)
_DOOR_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3)
_SOURCE_S = (0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_LINK_S = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 1_800)


class Words:
    """The values of one label: the first so many that look like words; whatever else comes is "other"."""

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._lock = threading.Lock()

    def of(self, value: str | None) -> str:
        """The value to show; "none" for none."""
        if value is None:
            return "none"
        if value in self._known:
            return value
        if not _VALUE.fullmatch(value):
            return OTHER
        with self._lock:
            if len(self._known) < VALUES:
                self._known.add(value)
        return value if value in self._known else OTHER


class Meters:
    """The meters of one process, or of several that share a directory of files."""

    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()
        self._words: defaultdict[tuple[object, str], Words] = defaultdict(Words)
        self._known: dict[tuple[object, ...], Any] = {}

        def counter(name: str, says: str, *labels: str) -> Counter:
            return Counter(f"unfurler_{name}", says, labels, registry=registry)

        def histogram(name: str, says: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
            return Histogram(f"unfurler_{name}", says, labels, buckets=buckets, registry=registry)

        def gauge(name: str, says: str, mode: str, *labels: str) -> Gauge:
            return Gauge(f"unfurler_{name}", says, labels, registry=registry, multiprocess_mode=mode)  # type: ignore[arg-type]

        self.payloads = counter("payloads", "Payloads taken from Space", "name")
        self.refusals = counter("webhook_refusals", "Messages refused", "reason")
        self.webhook = histogram("webhook_seconds", "From a message to its answer", _DOOR_S, "outcome")
        self.links = counter("links", "Queue items by how they ended", "provider", "end", "reason")
        self.link = histogram("link_seconds", "From the notification to the end", _LINK_S, "end")
        self.sources = histogram("provider_seconds", "Calls of a provider's function", _SOURCE_S, "provider")
        self.failures = counter("provider_failures", "Calls that gave no card", "provider", "reason")
        self.cards = counter("cards", "Cards wanted, by what was remembered", "cache")
        self.drains_running = gauge("drains_running", "Passes over queues under way", "livesum")
        self.drains = histogram("drain_seconds", "Passes over queues", _LINK_S, "outcome")
        self.clicks = counter("clicks", "Presses of buttons", "provider", "outcome")
        self.page_refusals = counter("page_refusals", "Pages that were refused", "endpoint", "status")
        self.sign_ins = counter("sign_ins", "Sign-ins that came to an end", "provider", "outcome")
        self.fetches = histogram("fetch_seconds", "Requests to others", _SOURCE_S, "kind", "outcome", "status")
        self.budget = gauge("budget_left_ratio", "Share left of an API's budget", "mostrecent", "provider", "site")
        self.queue_items = gauge("queue_items", "Queue items that have not ended", "mostrecent")
        self.queue_age = gauge("queue_oldest_seconds", "Age of the oldest of them", "mostrecent")
        self.circuits = gauge("circuits_open", "Circuits that are open, or tried", "mostrecent", "kind")
        self.checks = gauge("check_ok", "Whether what the process depends on works", "mostrecent", "check")
        self.fetch_failures = counter("fetch_failures", "Requests that failed or were refused", "kind", "reason")
        if SHARED not in os.environ:
            ProcessCollector(registry=registry)

    def observe(self, happened: Happening) -> None:
        """Count what happened in the engine."""
        match happened:
            case LinkEnded(end=end, reason=reason, ms=ms, facts=facts):
                self.count(self.links, provider=facts.provider, end=end, reason=reason)
                self.time(self.link, ms, end=end)
            case ClickDone(outcome=outcome, facts=facts):
                self.count(self.clicks, provider=facts.provider, outcome=outcome)
            case DrainBegan():
                self.drains_running.inc()
            case DrainDone(outcome=outcome, ms=ms):
                self.drains_running.dec()
                self.time(self.drains, ms, outcome=outcome)
            case CardLookedUp(cache=cache):
                self.count(self.cards, cache=cache)
            case SourceAsked(provider=provider, reason=reason, ms=ms):
                self.time(self.sources, ms, provider=provider)
                if reason is not None:
                    self.count(self.failures, provider=provider, reason=reason)

    def fetched(self, done: Finished) -> None:
        """Count one request that went out, or was not let out."""
        status = None if done.status is None else f"{done.status // 100}xx"
        self.time(self.fetches, done.ms, kind=done.kind, outcome=done.outcome, status=status)
        if done.reason is not None:
            self.count(self.fetch_failures, kind=done.kind, reason=done.reason)

    def left(self, provider: str, site: str, share: float) -> None:
        """That share of what an API grants us, account or no account, is left until it begins anew."""
        self._of(self.budget, {"provider": provider, "site": site}).set(share)

    def look(
        self,
        troubles: Mapping[str, str | None],
        backlog: Backlog | None,
        circuits: Mapping[str, int],
        now: float,
    ) -> None:
        """What is true at this moment; no `backlog` where that cannot be known."""
        for name, trouble in troubles.items():
            self.checks.labels(name).set(trouble is None)
        for kind, count in circuits.items():
            self.circuits.labels(kind).set(count)
        oldest = now if backlog is None or backlog.oldest is None else backlog.oldest
        self.queue_items.set(math.nan if backlog is None else backlog.count)
        self.queue_age.set(math.nan if backlog is None else max(0.0, now - oldest))

    def count(self, meter: Counter, **labels: str | None) -> None:
        """One more."""
        self._of(meter, labels).inc()

    def time(self, meter: Histogram, ms: float, **labels: str | None) -> None:
        """One more, which took that long."""
        self._of(meter, labels).observe(ms / 1_000)

    def _of(self, meter: Meter, labels: Mapping[str, str | None]) -> Meter:
        """The meter with these labels; each is looked for once, which takes as long as all the rest of counting."""
        key = (meter, *labels.items())
        found: Meter | None = self._known.get(key)
        if found is None:
            shown = {name: self._words[meter, name].of(value) for name, value in labels.items()}
            found = meter.labels(**shown)
            # Only what is shown as it is: values that become "other" have no end.
            if all(value is None or shown[name] == value for name, value in labels.items()):
                self._known[key] = found
        return found

    def page(self) -> bytes:
        """In Prometheus' text format."""
        if SHARED not in os.environ:
            return generate_latest(self.registry)
        together = CollectorRegistry()
        MultiProcessCollector(together)  # type: ignore[no-untyped-call]
        return generate_latest(together)
