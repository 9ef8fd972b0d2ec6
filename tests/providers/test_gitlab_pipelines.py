"""GitLab's pipelines and jobs: their state, their log, what can be done."""

from __future__ import annotations

from typing import Any

import pytest

from providers.gitlab import gitlab
from tests.providers.gitlab_replies import API, JOB, PIPELINE, PROJECT, REPLIES, card, labels, values
from tests.providers.kit import RecordedApi, card_of
from unfurler.sdk import Status
from unfurler.sdk.errors import LimitExceeded


@pytest.mark.parametrize(
    ("state", "status", "offered"),
    [
        ("running", Status("Running", "info"), ["Cancel"]),
        ("success", Status("Passed", "success"), []),
        ("failed", Status("Failed", "error"), ["Retry"]),
        ("canceled", Status("Cancelled", "neutral"), ["Retry"]),
        ("manual", Status("Waits for a person", "warning"), []),
        ("new_word", Status("New word", "neutral"), []),
    ],
)
def test_a_pipeline_says_its_state(state: str, status: Status, offered: list[str]):
    made = card("/-/pipelines/46", pipeline={**PIPELINE, "status": state})
    assert (made.status, labels(made)) == (status, offered)


def test_a_pipeline_shows_its_stages_in_their_order():
    made = card("/-/pipelines/46")
    assert made.text == "build ✔ · test ✖ · deploy ●"
    assert (values(made)["Failed jobs"], values(made)["Manual jobs"]) == ("unit", "ship")


@pytest.mark.parametrize(
    ("state", "offered"),
    [
        ("failed", ["Retry", "Download artifacts"]),
        ("success", ["Retry", "Download artifacts"]),
        ("running", ["Cancel", "Download artifacts"]),
        ("manual", ["Run", "Download artifacts"]),
        ("skipped", ["Download artifacts"]),
    ],
)
def test_a_job_has_the_buttons_of_its_state(state: str, offered: list[str]):
    assert labels(card("/-/jobs/9", job={**JOB, "status": state})) == offered
    assert labels(card("/-/jobs/9", job={**JOB, "status": state, "artifacts_file": None})) == offered[:-1]


def test_a_failed_job_shows_the_end_of_its_log_as_people_see_it():
    code = card("/-/jobs/9").code
    assert code is not None
    assert code.text.split("\n") == ["Running with runner", "Executing", "100 %", "ERROR: Job failed: exit code 1"]
    long = card("/-/jobs/9", trace="".join(f"{n}\n" for n in range(1, 31)).encode()).code
    assert long is not None
    assert (long.first_line, long.text.split("\n")[0], long.text.split("\n")[-1]) == (21, "21", "30")


@pytest.mark.parametrize("trace", [404, 403, b"", LimitExceeded("Too long.", limit="api_bytes")])
def test_a_job_without_a_log_is_shown_all_the_same(trace: Any):
    made = card("/-/jobs/9", trace=trace)
    assert (made.title, made.code) == ("unit", None)


def test_the_log_of_a_job_that_did_not_fail_is_not_asked_for():
    api = RecordedApi({**REPLIES, f"{API}/jobs/9": {**JOB, "status": "success"}})
    assert card_of(gitlab, f"{PROJECT}/-/jobs/9", api=api).code is None
    assert api.calls == [f"GET {API}/jobs/9"]
