"""Every snippet of Python in the documents runs."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime

import pytest

from tests.docs.pages import ROOT, blocks, documents, read
from tests.providers.kit import RecordedApi, card_of, match
from unfurler.engine.loading import load_file
from unfurler.sdk import Click, Provider

ISSUE = "https://tracker.example.com/web/issues/7"
PROVIDER, TEST = blocks(read("README.md"), "python")
(WIKI,) = blocks(read("docs/writing-providers.md"), "python")


def loaded(tmp_path, name: str, text: str) -> Provider:
    """The provider of a snippet, found as the service finds it."""
    folder = tmp_path / "providers"
    folder.mkdir()
    (folder / f"{name}.py").write_text(text)
    return load_file(folder / f"{name}.py")


def test_the_readme_s_provider_makes_a_card(tmp_path):
    tracker = loaded(tmp_path, "tracker", PROVIDER)
    reply = {"title": "Crash on start", "text": "It crashes.", "assignee": "ada", "votes": 1}
    card = card_of(tracker, ISSUE, {"/projects/web/issues/7": reply})
    assert (card.kicker, card.title, card.text) == ("web #7", "Crash on start", "It crashes.")
    assert (card.status.text, card.facts[0].text, card.fields[0].value) == ("Open", "1 vote", "ada")
    assert [button.action for button in card.buttons] == ["tracker.vote"]


def test_the_readme_s_provider_votes_as_the_one_who_clicked(tmp_path):
    tracker = loaded(tmp_path, "tracker", PROVIDER)
    vote, api = tracker.actions["tracker.vote"], RecordedApi({"PUT /projects/web/issues/7/votes/ada": {}})
    said = vote.function(Click("ada", datetime(2030, 1, 1, tzinfo=UTC)), api, **match(tracker, ISSUE).arguments)
    assert (said, api.writes) == ("You voted for web #7.", ["PUT /projects/web/issues/7/votes/ada"])


def test_the_readme_s_provider_is_a_file_of_under_sixty_lines():
    assert len(PROVIDER.splitlines()) < 60


def test_the_other_provider_reads_a_page_under_the_instance_s_path(tmp_path):
    wiki = loaded(tmp_path, "wiki", WIKI)
    replies = {"/spaces/team/pages/plans/2030": {"title": "Plans"}}
    assert card_of(wiki, "https://acme.example/wiki/team/plans/2030", replies, site_url="https://acme.example/wiki")
    assert wiki.sites.instance("https://acme.example/wiki").api_url == "https://acme.example/wiki/rest"


@pytest.mark.parametrize("path", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_what_is_called_python_is_python(path):
    for snippet in blocks(path.read_text(encoding="utf-8"), "python"):
        compile(snippet, str(path), "exec")


@pytest.mark.parametrize("snippet", [PROVIDER, TEST, WIKI])
def test_snippets_keep_the_style_of_the_code(snippet):
    command = [sys.executable, "-m", "ruff", "check", "-q", "--stdin-filename", "providers/tracker.py", "-"]
    done = subprocess.run(command, input=snippet, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
