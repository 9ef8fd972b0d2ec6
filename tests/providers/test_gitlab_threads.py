"""GitLab's issues, epics and merge requests: what a missing or failing reply changes."""

from __future__ import annotations

from typing import Any

import pytest

from providers.gitlab import gitlab
from tests.providers.gitlab_replies import (
    API,
    APPROVALS,
    EPIC,
    ISSUE,
    NOTE,
    PROJECT,
    REPLIES,
    REQUEST,
    SITE,
    card,
    words,
)
from tests.providers.kit import RecordedApi, card_of
from unfurler.sdk import Fact, Status

# Issues


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, Status("Open", "success")),
        ({"state": "closed"}, Status("Closed", "info")),
        ({"state": "frozen"}, Status("Frozen", "neutral")),
    ],
)
def test_an_issue_says_its_state(changes: dict[str, Any], status: Status):
    assert card("/-/issues/7", issue={**ISSUE, **changes}).status == status


@pytest.mark.parametrize("said", [True, None, "odd"])
def test_a_confidential_issue_says_so_and_so_does_one_that_does_not_say(said: Any):
    made = card("/-/issues/7", issue={**ISSUE, "confidential": said})
    assert made.confidential
    assert Fact("Confidential", tone="warning") in made.facts
    assert not card("/-/issues/7").confidential


def test_a_confidential_epic_says_so():
    replies = {**REPLIES, "/groups/group/epics/5": {**EPIC, "confidential": True}}
    assert card_of(gitlab, f"{SITE}/groups/group/-/epics/5", replies).confidential


def test_an_incident_says_how_severe_it_is():
    made = card("/-/issues/7", issue={**ISSUE, "issue_type": "incident", "severity": "CRITICAL"})
    assert {"Incident", "Severity: Critical"} <= set(words(made))


def test_three_labels_are_shown_and_the_others_counted():
    made = card("/-/issues/7", issue={**ISSUE, "labels": ["a", {"name": "b"}, {"name": None}, "c", "d", "e"]})
    assert [fact.text for fact in made.facts if fact.tone == "neutral"] == ["a", "b", "c"]
    assert "+2" in words(made)


@pytest.mark.parametrize(
    "note", [404, 429, 500, {**NOTE, "internal": True}, {**NOTE, "internal": None}, {**NOTE, "system": True}]
)
def test_a_comment_that_may_not_be_shown_does_not_lose_the_card(note: Any):
    made = card("/-/issues/7#note_1", note=note)
    assert (made.title, made.quote) == ("Crash on start", None)


# Merge requests


@pytest.mark.parametrize(
    ("changes", "approvals", "status"),
    [
        ({}, {}, Status("Open", "success")),
        ({}, {"approved": True, "approvals_left": 0}, Status("Approved", "success")),
        ({}, {"approved": True, "approvals_required": 0, "approved_by": []}, Status("Open", "success")),
        ({"draft": True}, {"approved": True}, Status("Draft", "neutral")),
        ({"state": "merged"}, {}, Status("Merged", "info")),
        ({"state": "closed"}, {}, Status("Closed", "error")),
        ({"state": "locked"}, {}, Status("Locked", "neutral")),
    ],
)
def test_a_merge_request_says_its_state(changes: dict[str, Any], approvals: dict[str, Any], status: Status):
    made = card("/-/merge_requests/8", request={**REQUEST, **changes}, approvals={**APPROVALS, **approvals})
    assert made.status == status


@pytest.mark.parametrize("failure", [401, 403, 404, 429, 500, 504, b"not JSON", []])
def test_a_merge_request_is_shown_without_its_approvals(failure: Any):
    assert card("/-/merge_requests/8", approvals=failure).status == Status("Open", "success")


def test_a_decided_merge_request_costs_one_request():
    api = RecordedApi({f"{API}/merge_requests/8": {**REQUEST, "state": "merged"}})
    card_of(gitlab, f"{PROJECT}/-/merge_requests/8", api=api)
    assert api.calls == [f"GET {API}/merge_requests/8"]


def test_what_stands_in_the_way_is_said():
    changes = {
        "has_conflicts": True,
        "blocking_discussions_resolved": False,
        "merge_when_pipeline_succeeds": True,
        "source_project_id": 5,
        "changes_count": "1000+",
    }
    said = words(card("/-/merge_requests/8", request={**REQUEST, **changes}))
    assert {"Conflicts", "Unresolved threads", "Auto-merge", "main ← no-crash (fork)", "1000+ files"} <= set(said)
    assert {"1/2 approvals", "Pipeline passed"} <= set(said)
