"""What `/metrics` shows; none of it names an organization or a link."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Histogram


class Meters:
    """The counters of one process, in a registry of their own."""

    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()
        self.payloads = Counter("unfurler_payloads", "Payloads taken from Space", ["name"], registry=registry)
        self.refusals = Counter("unfurler_webhook_refusals", "Messages refused", ["reason"], registry=registry)
        self.links = Counter("unfurler_links", "Queue items by how they ended", ["end"], registry=registry)
        self.clicks = Counter("unfurler_clicks", "Presses of buttons by outcome", ["outcome"], registry=registry)
        self.fetches = Histogram(
            "unfurler_fetch_seconds", "Outbound requests by kind and outcome", ["kind", "outcome"], registry=registry
        )

    def count_links(self, ends: Mapping[str, int]) -> None:
        """What a drain did."""
        for end, count in ends.items():
            self.links.labels(end).inc(count)

    def count_click(self, outcome: str) -> None:
        """What came of a click."""
        self.clicks.labels(outcome).inc()
