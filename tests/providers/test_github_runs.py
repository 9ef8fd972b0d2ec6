"""GitHub's runs and jobs: their state, how long they took, what can be done."""

from __future__ import annotations

from typing import Any

import pytest

from tests.providers.github_replies import RUN, buttons, card, reply, run, values, words
from unfurler.sdk import Fact, Status


@pytest.mark.parametrize(
    ("changes", "status", "offered"),
    [
        ({"status": "queued", "conclusion": None}, Status("Queued", "info"), ["Cancel"]),
        ({"status": "in_progress", "conclusion": None}, Status("Running", "info"), ["Cancel"]),
        ({}, Status("Success", "success"), ["Re-run all"]),
        ({"conclusion": "failure"}, Status("Failed", "error"), ["Re-run failed", "Re-run all"]),
        ({"conclusion": "cancelled"}, Status("Cancelled", "neutral"), ["Re-run failed", "Re-run all"]),
        ({"conclusion": "action_required"}, Status("Needs approval", "warning"), ["Approve run"]),
        ({"conclusion": "new_word"}, Status("New word", "neutral"), ["Re-run failed", "Re-run all"]),
    ],
)
def test_a_run_says_its_state(changes: dict[str, Any], status: Status, offered: list[str]):
    made = card("/actions/runs/5", replies={RUN: run(**changes)})
    assert (made.status, buttons(made)) == (status, offered)


def test_a_run_that_waits_for_approval_names_the_environments():
    made = card("/actions/runs/5", replies={RUN: run(status="waiting", conclusion=None)})
    assert made.status == Status("Waiting for approval", "warning")
    assert buttons(made) == ["Approve deployment", "Reject deployment", "Cancel"]
    assert values(made)["Waiting for approval"] == "staging"


def test_a_failed_run_names_the_first_job_and_step_that_failed():
    job = {"id": 2, "name": "test", "status": "completed", "conclusion": "failure"}
    jobs = {
        "total_count": 3,
        "jobs": [
            {"id": 1, "name": "build", "status": "completed", "conclusion": "success"},
            {**job, "steps": [{"name": "Set up", "conclusion": "success"}, {"name": "Run", "conclusion": "failure"}]},
        ],
    }
    made = card("/actions/runs/5", replies={RUN: run(conclusion="failure"), f"{RUN}/jobs": jobs})
    assert made.text == "test failed at Run"
    assert Fact("✔ 1 ✖ 1 ● 1", tone="error") in made.facts


@pytest.mark.parametrize(
    ("ended", "said"),
    [("00:00:42", "42 s"), ("00:03:05", "3 min 5 s"), ("02:04:59", "2 h 4 min")],
)
def test_a_run_says_how_long_it_took(ended: str, said: str):
    took = run(run_started_at="2026-01-01T00:00:00Z", updated_at=f"2026-01-01T{ended}Z")
    assert said in words(card("/actions/runs/5", replies={RUN: took}))


@pytest.mark.parametrize(("private", "public"), [(False, True), (True, False), (None, False)])
def test_a_run_is_as_public_as_its_repository(private: bool | None, public: bool):
    found = run(repository={"full_name": "o/r", "private": private})
    assert card("/actions/runs/5", replies={RUN: found}).public is public


def test_a_failed_job_can_be_run_again():
    job = reply("job", status="completed", conclusion="failure")
    made = card("/actions/runs/5/job/6", replies={RUN: run(conclusion="failure"), "/repos/o/r/actions/jobs/6": job})
    assert buttons(made) == ["Re-run job", "Re-run failed", "Re-run all"]
