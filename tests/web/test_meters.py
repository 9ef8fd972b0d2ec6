"""What `/metrics` may say, whatever it is told."""

from __future__ import annotations

from dataclasses import fields

import pytest
from prometheus_client import Counter, Histogram
from prometheus_client.parser import text_string_to_metric_families

from unfurler.engine.facts import Facts
from unfurler.engine.happenings import CardLookedUp, ClickDone, DrainBegan, DrainDone, LinkEnded, SourceAsked
from unfurler.fetch import Finished
from unfurler.web.meters import VALUES, Meters

HOSTILE = [
    "https://github.com/canary/secret?token=canary",
    "canary organization",
    'canary"} 1\nunfurler_canary 1',
    "canary" * 20,
    "canary@example.com",
    "canary\0",
    "canary-é",
    "",
    " canary",
]


def happenings(word: str) -> list:
    """Everything that happens, with that word wherever a word may stand that is not ours."""
    facts = Facts(word, word, word)
    return [
        LinkEnded(word, word, word, 1, 5, facts),
        ClickDone(word, word, word, 5, facts),
        DrainBegan(),
        DrainDone(word, 5),
        SourceAsked(word, word, 5.0),
        CardLookedUp(word),  # type: ignore[arg-type]
    ]


def finished(word: str) -> Finished:
    """A request of which every word is that one."""
    texts = {field.name: word for field in fields(Finished)}
    return Finished(**texts | {"status": 200, "ms": 5.0, "bytes": 1})


def tell(meters: Meters, word: str) -> None:
    for happened in happenings(word):
        meters.observe(happened)
    meters.fetched(finished(word))
    for meter in vars(meters).values():
        if isinstance(meter, Counter):
            meters.count(meter, **dict.fromkeys(meter._labelnames, word))
        elif isinstance(meter, Histogram):
            meters.time(meter, 5.0, **dict.fromkeys(meter._labelnames, word))


def labels(meters: Meters) -> dict[str, set[str]]:
    """Metric and label → its values on the page."""
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(meters.page().decode()):
        for sample in family.samples:
            for name, value in sample.labels.items():
                if name != "le":
                    found.setdefault(f"{family.name}.{name}", set()).add(value)
    return found


@pytest.mark.parametrize("word", HOSTILE, ids=range(len(HOSTILE)))
def test_a_value_that_is_no_word_is_other(word):
    meters = Meters()
    tell(meters, word)
    assert "canary" not in meters.page().decode()
    assert {value for values in labels(meters).values() for value in values} <= {"other", "2xx"}


def test_no_label_takes_more_values_than_its_share():
    meters = Meters()
    for number in range(3 * VALUES):
        tell(meters, f"word-{number}")
    assert {name: len(values) for name, values in labels(meters).items() if len(values) > VALUES + 1} == {}
    assert "other" in labels(meters)["unfurler_links.reason"]


def test_what_is_missing_is_none():
    meters = Meters()
    meters.observe(LinkEnded("acme", "posted", None, 1, 5, Facts()))
    assert labels(meters)["unfurler_links.provider"] == {"none"}


def test_passes_under_way_are_those_that_began_and_are_not_over():
    meters = Meters()
    for happened in (DrainBegan(), DrainBegan(), DrainDone("done", 5)):
        meters.observe(happened)
    assert "unfurler_drains_running 1.0" in meters.page().decode()


def test_one_process_says_how_much_memory_and_how_many_files_it_holds():
    page = Meters().page().decode()
    assert "process_resident_memory_bytes" in page and "process_open_fds" in page
