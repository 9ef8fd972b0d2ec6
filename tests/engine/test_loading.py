"""Providers are found; a broken one is reported and the others run."""

from __future__ import annotations

import sys

import pytest

from unfurler.engine.loading import load_file, load_providers

GOOD = """
from unfurler.sdk import Card, Provider, Sites
{name} = Provider("{name}", title="T", sites=Sites("{name}.example"))
@{name}.link("/<project>")
def project(link, api, project):
    return Card(title=project)
"""
TWICE = GOOD + '@{name}.link("/<other>")\ndef other(link, api, other):\n    return Card(title=other)\n'


@pytest.fixture
def folder(tmp_path):
    """A folder of providers beside our own, which is forgotten afterwards."""
    yield tmp_path / "more"
    package = sys.modules["providers"]
    package.__path__[:] = [path for path in package.__path__ if str(tmp_path) not in path]
    for name in [name for name in sys.modules if name.startswith("providers.zz")]:
        del sys.modules[name]


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("this is no Python", "SyntaxError"),
        ("import nothing_that_is_there", "ModuleNotFoundError"),
        ("raise SystemExit(3)", "SystemExit"),
        ("x = 1", "holds 0 providers"),
        (GOOD.format(name="a1") + GOOD.format(name="a2"), "holds 2 providers"),
        (GOOD.format(name="github"), "called 'github' already"),
        (GOOD.format(name="a3").replace("/<project>", "/<typo>"), "gives ['typo']"),
        (GOOD.format(name="a4").replace("/<project>", "/<nope:project>"), "LookupError"),
        (TWICE.format(name="a5"), "two rules have the shape"),
        (GOOD.format(name="a6").replace("@a6.link", "#"), "no function is decorated"),
    ],
)
def test_a_broken_provider_takes_out_itself_and_says_why(folder, source, reason):
    folder.mkdir()
    (folder / "zzbroken.py").write_text(source)
    (folder / "zzgood.py").write_text(GOOD.format(name="zzgood"))
    loaded = load_providers(folder)
    ((name, why),) = [(broken.name, broken.reason) for broken in loaded.broken]
    assert name == "zzbroken"
    assert reason in why
    assert {"github", "generic", "zzgood"} <= {provider.name for provider in loaded.providers}


def test_one_file_is_judged_like_the_others(tmp_path):
    path = tmp_path / "zzfile.py"
    path.write_text(TWICE.format(name="zzfile"))
    with pytest.raises(Exception, match="two rules have the shape"):
        load_file(path)
