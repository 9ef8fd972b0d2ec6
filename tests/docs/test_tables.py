"""The tables of the documents say what the code says."""

from __future__ import annotations

import ast
import configparser
import re
from dataclasses import fields

import pytest
from prometheus_client import Counter
from pydantic import SecretStr

from tests.docs.pages import ROOT, read, table
from tests.docs.providers_page import page
from unfurler.config import PER_PROVIDER, PREFIX, Settings
from unfurler.engine.facts import Facts
from unfurler.engine.happenings import ClickDone, LinkEnded
from unfurler.fetch import Finished
from unfurler.limits import Limits
from unfurler.sdk.errors import UnfurlError
from unfurler.web.meters import Meters
from unfurler.web.traces import SWITCHES

SETTINGS = {row[0]: row for row in table(read("README.md"), "variable")}
LEVELS = {"info": "info", "warning": "warning", "error": "error", "exception": "error"}


def test_the_readme_lists_every_setting_and_no_other():
    own = {PREFIX + name.upper() for name in Settings.model_fields}
    of_providers = {f"{PREFIX}<PROVIDER>_{suffix}" for suffix in PER_PROVIDER}
    assert set(SETTINGS) == own | of_providers | {"PORT", "HOST", SWITCHES[0]}
    assert len(SETTINGS) == len(table(read("README.md"), "variable"))


@pytest.mark.parametrize("name", Settings.model_fields)
def test_a_setting_s_default_is_the_one_that_the_readme_says(name):
    default, said = Settings.model_fields[name].get_default(), SETTINGS[PREFIX + name.upper()][1]
    if name == "base_url":
        assert said == "http://localhost:$PORT"
    elif name == "space_hosts":
        assert f"*{default.domains[0].rjust(len(default.domains[0]) + 1, '.')}" == said
    elif isinstance(default, str | SecretStr):
        assert said == (default.get_secret_value() if isinstance(default, SecretStr) else default)
    else:
        assert said.startswith("none")


def test_the_readme_s_port_and_host_are_gunicorn_s():
    conf = read("gunicorn.conf.py")
    assert f"'PORT', '{SETTINGS['PORT'][1]}'" in conf
    assert f"'HOST', '{SETTINGS['HOST'][1]}'" in conf


def test_the_page_of_limits_has_every_limit_with_its_number_and_a_reason():
    rows = table(read("docs/limits.md"), "field")
    said = {name: float(number.replace(",", "")) for name, number, _ in rows}
    assert said == {field.name: float(getattr(Limits(), field.name)) for field in fields(Limits)}
    assert all(reason.endswith(".") for _, _, reason in rows)


def test_the_page_of_providers_is_the_one_that_its_command_writes():
    message = "write it anew: python -m tests.docs.providers_page > docs/providers.md"
    assert read("docs/providers.md") == page(), message


def test_the_page_for_operators_has_every_event_with_its_level():
    said = {name: level for name, level, *_ in table(read("docs/operating.md"), "event")}
    assert said == {name: level for _, name, level, _ in events()}


def test_the_page_for_operators_has_the_fields_of_every_event():
    said = {row[0]: set(re.findall(r"`(\w+)`", f"`{row[3]}`")) for row in table(read("docs/operating.md"), "event")}
    written: dict[str, set[str]] = {}
    for _, name, _, given in events():
        written.setdefault(name, set()).update(given)
    # What is not written out one by one comes from these classes.
    written["fetch.done"] |= {field.name for field in fields(Finished)}
    for name, happening in (("link.ended", LinkEnded), ("click.done", ClickDone)):
        written[name] |= {field.name for field in fields(happening)} - {"facts"} | {
            field.name for field in fields(Facts)
        }
    assert said == written


def test_the_page_for_operators_has_every_metric_with_its_labels():
    said = {row[0]: row[1] for row in table(read("docs/operating.md"), "metric")}
    there = {}
    for meter in vars(Meters()).values():
        if hasattr(meter, "_labelnames"):
            name = f"{meter._name}_total" if isinstance(meter, Counter) else meter._name
            there[name] = set(meter._labelnames)
    assert {name: set(re.findall(r"\w+", labels)) for name, labels in said.items()} == there


def test_the_page_for_operators_has_every_part_of_a_trace():
    source = "".join(path.read_text() for path in (ROOT / "unfurler").rglob("*.py"))
    named = re.findall(r"tracing\.(?:span|over)\(\s*\"(\w+)\"", source)
    assert sorted(row[0] for row in table(read("docs/operating.md"), "span")) == sorted(named)


def test_the_table_of_imports_has_the_layers_in_their_order():
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / ".importlinter")
    layers = re.findall(r"\w+", contracts["importlinter:contract:inwards"]["layers"])
    rows = table(read("docs/architecture.md"), "layer")
    said = [name for row in rows for name in re.findall(r"`(\w+)`", f"`{row[0]}`")]
    assert [name for name in said if name in layers] == layers


def test_the_errors_that_authors_meet_are_there():
    known = {error.__name__ for error in all_errors(UnfurlError)}
    for row in table(read("docs/writing-providers.md"), "raised by `api`"):
        assert set(re.findall(r"\b[A-Z]\w+", row[0])) <= known


def all_errors(error: type[UnfurlError]) -> list[type[UnfurlError]]:
    return [error] + [below for child in error.__subclasses__() for below in all_errors(child)]


def events() -> list[tuple[str, str, str, set[str]]]:
    """Every event that the code logs: file, name, level, fields."""
    found = []
    for path in sorted((ROOT / "unfurler").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            if isinstance(node.func.value, ast.Name) and node.func.value.id == "log":
                name = ast.literal_eval(node.args[0])
                given = {one.arg for one in node.keywords if one.arg is not None}
                if node.func.attr == "exception" or "exc_info" in given:
                    given = given - {"exc_info"} | {"error", "at"}
                found.append((str(path.relative_to(ROOT)), name, LEVELS[node.func.attr], given))
    return found
