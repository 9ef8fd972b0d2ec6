"""The provider that is installed as a package of its own, read from its file."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.providers.kit import RecordedApi, card_of, match
from unfurler.engine.loading import load_file
from unfurler.sdk import ActionRefused, Click, Status

FILE = Path(__file__).parents[2] / "examples" / "unfurler-tally" / "unfurler_tally.py"
SITE = "https://tally.acme.example/club"
POLL: dict[str, Any] = {"number": 7, "question": "Move to Porto?", "open": True, "yes": 3, "no": 1}
CLICK = Click("ada", datetime(2030, 1, 1, tzinfo=UTC))
tally = load_file(FILE)


def test_it_is_a_file_of_under_sixty_lines():
    assert len(FILE.read_text(encoding="utf-8").splitlines()) < 60


def test_an_open_poll_can_be_voted_on():
    made = card_of(tally, f"{SITE}/polls/7", {"/polls/7": POLL}, site_url=SITE)
    assert [fact.text for fact in made.facts] == ["3 yes", "1 no", "4 votes"]
    assert [button.action for button in made.buttons] == ["tally.vote-yes", "tally.vote-no"]


def test_a_closed_poll_has_no_buttons():
    made = card_of(tally, f"{SITE}/polls/7", {"/polls/7": {**POLL, "open": False}}, site_url=SITE)
    assert (made.status, made.buttons) == (Status("Closed"), ())


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_a_vote_is_the_vote_of_the_one_who_clicked(answer: str):
    found = match(tally, f"{SITE}/polls/7", SITE)
    assert found is not None
    action = tally.actions[f"tally.vote-{answer}"]
    api = RecordedApi({"PUT /polls/7/votes/ada": {}})
    said = action.function(CLICK, api, **(found.arguments_of(action) or {}))
    assert (api.calls, api.sent) == (["PUT /polls/7/votes/ada"], [{"answer": answer}])
    assert said == f"You voted {answer} in poll #7."


def test_a_refused_vote_is_said():
    with pytest.raises(ActionRefused):
        tally.actions["tally.vote-yes"].function(CLICK, RecordedApi(), 7)
