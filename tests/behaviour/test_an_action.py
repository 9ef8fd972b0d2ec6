"""A button that does something in another system: tried with the provider that is installed as a package of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.world.service import ROOT, Service
from tests.world.sites import Site
from tests.world.space import buttons, texts, wait_for

POLL = {"number": 7, "question": "Move to Porto?", "open": True, "yes": 3, "no": 1}


@pytest.fixture(scope="module")
def tally():
    """A poll server, under a path."""
    site = Site()
    yield site
    site.close()


@pytest.fixture(scope="module")
def voting(tmp_path_factory, settings, tally):
    """A service into whose environment the example package was installed."""
    packages = tmp_path_factory.mktemp("packages")
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "--target",
        str(packages),
    ]
    source = tmp_path_factory.mktemp("source") / "tally"
    subprocess.run(["cp", "-r", str(ROOT / "examples" / "unfurler-tally"), str(source)], check=True)
    subprocess.run([*command, str(source)], check=True, capture_output=True)
    environ = settings | {"UNFURLER_TALLY_URL": f"{tally.url}/club", "PYTHONPATH": f"{packages}:{ROOT}"}
    service = Service(tmp_path_factory.mktemp("voting"), environ).start()
    yield service
    service.stop()


@pytest.fixture
def space(space_server, voting, tally):
    tally.told.clear()
    tally.asked.clear()
    tally.answers("/club/api/polls/7", json_body=POLL)
    return space_server.install(voting.endpoint)


def posted(space, tally) -> str:
    (item,) = space.someone_posts(f"{tally.url}/club/polls/7")
    assert space.card(item)
    return item


def votes(tally):
    return [asked for asked in tally.asked if asked.method == "PUT"]


def test_it_is_found_through_its_entry_point(voting):
    assert "tally  runs" in voting.run("providers").stdout


def test_a_vote_counts_for_the_one_who_clicked_and_the_card_shows_it(space, tally):
    item = posted(space, tally)
    assert buttons(space.card(item))[:2] == ["Yes", "No"]
    tally.answers("*", method="PUT", json_body={})
    tally.answers("/club/api/polls/7", json_body=POLL | {"yes": 4})
    space.press(item, "Yes", space.people[1])
    assert wait_for(lambda: "4 yes" in texts(space.item(item)["content"]))
    (vote,) = votes(tally)
    assert space.people[1] not in vote.path
    assert space.messages(space.people[1]) == []


@pytest.mark.parametrize("same_bytes", [True, False])
def test_the_same_click_delivered_three_times_votes_once(space, tally, same_bytes):
    item = posted(space, tally)
    tally.answers("*", method="PUT", json_body={})
    assert space.press(item, "No", times=3, sameBytes=same_bytes) == [200, 200, 200]
    assert wait_for(lambda: space.posts(item) == 2)
    assert len(votes(tally)) == 1


def test_a_refusal_is_told_to_the_one_who_clicked(space, tally):
    item = posted(space, tally)
    tally.answers("*", method="PUT", status=409)
    space.press(item, "Yes")
    assert wait_for(space.messages)
    assert space.posts(item) == 1


def test_a_click_after_the_items_life_acts_and_says_so(space, tally):
    item = posted(space, tally)
    tally.answers("*", method="PUT", json_body={})
    space.server.post("clock", advance_s=3 * 86_400)
    space.press(item, "Yes")
    (message,) = wait_for(space.messages)
    assert "You voted yes" in str(message["content"])
    assert len(votes(tally)) == 1
