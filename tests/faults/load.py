"""A load whose links are all counted: what was asked, how each ended, how often it was posted, whatever is killed."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from dataclasses import dataclass, field

from tests.faults.repeats import Answers, Repeats, Troubles
from tests.world.service import Service
from tests.world.sites import Site, issue
from tests.world.space import Organization, wait_for

GOOD = "https://github.com/o/r/issues/"
# One link in ten is one of these.
_BAD = ("not a link", "https://nobody.example/x", "https://github.com/o/r/wiki/Unclaimed")


@dataclass
class Account:
    """How it came out, for all organizations together."""

    asked: int = 0
    ended: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    repeats: Repeats = field(default_factory=Repeats)

    @property
    def faults(self) -> list[str]:
        """What must not be: links that were lost, and those posted twice while the record could know."""
        return self.lost + self.repeats.unexplained

    def __str__(self) -> str:
        told = f"{self.asked} links, {len(self.lost)} lost, {len(self.repeats)} posted again"
        why = f"explained {dict(self.repeats.explained)}, at most {self.repeats.latest_ms:.0f} ms after the answer"
        return f"{told}: {why}; unexplained {len(self.repeats.unexplained)}; ends {dict(self.ended)}"


class Load:
    """Posts links to organizations, some bad among them; each good one is a link of its own.

    `troubles` are for the test to fill: what explains a repeat.
    """

    def __init__(self, site: Site, *organizations: Organization, seed: int = 1, delay_s: float = 0.05) -> None:
        self.organizations = organizations
        self.troubles = Troubles()
        self._answers = Answers()
        self._numbers = itertools.count(1_000)
        self._chance = random.Random(seed)
        site.answers("*", json_body=issue(7), delay_s=delay_s)

    def post(self, links: int) -> None:
        """So many in each organization; one notification in four is lost, one comes twice."""
        for organization in self.organizations:
            items = [{"target": self._target()} for _ in range(links)]
            organization.call("items", items=items, notify=self._chance.random() > 0.25)
            if self._chance.random() < 0.25:
                organization.call("notify")
            self._answers.hear(organization)

    def account(self, service: Service, patience_s: float = 100.0) -> Account:
        """What became of all of it, once everything has ended or patience has."""
        for organization in self.organizations:
            organization.call("notify")
        wait_for(lambda: all(len(service.ended(o.id)) >= len(o.items) for o in self.organizations), patience_s)
        account = Account()
        for organization in self.organizations:
            ended = service.ended(organization.id)
            for item in organization.items:
                account.asked += 1
                end = ended.get(item["id"])
                account.ended[end or "none"] += 1
                if end is None or (item["target"].startswith(GOOD) and not item["content"]):
                    account.lost.append(f"{item['target']}: {end}")
            self._answers.hear(organization)
            account.repeats.judge(organization, service.ended_ms(organization.id), self.troubles.seen, self._answers)
        return account

    def _target(self) -> str:
        return self._chance.choice(_BAD) if self._chance.random() < 0.1 else f"{GOOD}{next(self._numbers)}"
