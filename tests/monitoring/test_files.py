"""The alert rules and the dashboard ask only for what a real service says, and each alert is explained."""

from __future__ import annotations

import json
import re
import shutil
import subprocess

import pytest
import yaml

from tests.docs.pages import ROOT, read, table
from tests.monitoring.scraped import Asked, Scrape, asked, grouped

ALERTS = ROOT / "docs" / "monitoring" / "alerts.yml"
DASHBOARD = ROOT / "docs" / "monitoring" / "dashboard.json"
# Prometheus itself puts these on whatever it scrapes.
OF_PROMETHEUS = {"job", "instance", "le"}
RULES = [rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]
PANELS = json.loads(DASHBOARD.read_text())["panels"]
EXPRESSIONS = {rule["alert"]: rule["expr"] for rule in RULES} | {
    f"{panel['title']}-{target['refId']}": target["expr"] for panel in PANELS for target in panel["targets"]
}
SOURCE = "".join(path.read_text() for path in (ROOT / "unfurler").rglob("*.py"))


def faults(expression: str, scrape: Scrape) -> list[str]:
    """Each metric, label and value of an expression that there is not."""
    found = []
    there: set[str] = set(OF_PROMETHEUS)
    for one in asked(expression):
        if one.name not in scrape.names:
            found.append(one.name)
        known = scrape.labels(one.name)
        there |= known.keys()
        found += [f"{one.name}.{label}" for label in one.labels if label not in known.keys() | OF_PROMETHEUS]
        found += unsaid(one)
    return found + [label for label in grouped(expression) if label not in there]


def unsaid(one: Asked) -> list[str]:
    """Values that the service never gives to a label."""
    words = [
        (label, word.removesuffix(".*"))
        for label, value in one.labels.items()
        if label not in OF_PROMETHEUS
        for word in value.split("|")
    ]
    made = {f"{number}xx" for number in range(1, 6)} | {"none", "other"}
    return [f"{label}={word}" for label, word in words if word not in made and f'"{word}' not in SOURCE]


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_an_expression_asks_only_for_what_there_is(name, scrape):
    assert asked(EXPRESSIONS[name])
    assert faults(EXPRESSIONS[name], scrape) == []


@pytest.mark.parametrize(
    ("expression", "fault"),
    [
        ("sum(rate(unfurler_nothings_total[5m]))", "unfurler_nothings_total"),
        ('max(unfurler_queue_items{organization="acme"}) > 1', "unfurler_queue_items.organization"),
        ("sum by (rule) (rate(unfurler_links_total[5m]))", "rule"),
        ('rate(unfurler_links_total{end="vanished"}[5m])', "end=vanished"),
    ],
)
def test_an_expression_that_asks_for_more_is_found_out(expression, fault, scrape):
    assert fault in faults(expression, scrape)


def test_a_rule_s_words_name_only_labels_that_its_expression_keeps():
    for rule in RULES:
        words = set(re.findall(r"\$labels\.(\w+)", str(rule["annotations"])))
        assert words <= grouped(rule["expr"]), rule["alert"]


def test_a_panel_s_legend_names_only_labels_that_its_expression_keeps():
    for panel in PANELS:
        for target in panel["targets"]:
            words = set(re.findall(r"{{(\w+)}}", target["legendFormat"]))
            assert words <= grouped(target["expr"]) | OF_PROMETHEUS, panel["title"]


def test_the_page_for_operators_explains_every_alert():
    said = {row[0]: row[1:] for row in table(read("docs/operating.md"), "alert")}
    assert list(said) == [rule["alert"] for rule in RULES]
    assert all(all(words) for words in said.values())


def test_every_alert_waits_and_says_how_much_it_matters():
    for rule in RULES:
        assert re.fullmatch(r"[0-9]+m", rule["for"])
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert rule["annotations"]["summary"].endswith(".")


def test_prometheus_takes_the_rules():
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed: the rules are only read as YAML (Debian: prometheus)")
    done = subprocess.run([promtool, "check", "rules", str(ALERTS)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
