"""GitLab's buttons: what is sent, what is not sent twice, what is said."""

from __future__ import annotations

from typing import Any

import pytest

from providers.gitlab import gitlab
from providers.gitlab.blocked import why_blocked
from providers.gitlab.models import MergeRequest
from tests.providers.gitlab_replies import (
    ADA,
    API,
    APPROVALS,
    BEN,
    ISSUE,
    JOB,
    PIPELINE,
    PROJECT,
    REPLIES,
    REQUEST,
    SHA,
    labels,
)
from tests.providers.kit import RecordedApi, card_of, press
from unfurler.sdk import AccessDenied, ActionRefused, Card, Identity, NothingToShow
from unfurler.sdk.errors import UpstreamDown

AN_ISSUE, A_REQUEST = f"{PROJECT}/-/issues/7", f"{PROJECT}/-/merge_requests/8"
A_PIPELINE, A_JOB = f"{PROJECT}/-/pipelines/46", f"{PROJECT}/-/jobs/9"
AT_ISSUE, AT_REQUEST, AT_PIPELINE, AT_JOB = (
    f"{API}/issues/7", f"{API}/merge_requests/8", f"{API}/pipelines/46", f"{API}/jobs/9",
)  # fmt: skip
RUNNING = {**PIPELINE, "status": "running"}
USER = {"/user": ADA}


def issue(**changes: Any) -> dict[str, Any]:
    return {AT_ISSUE: {**ISSUE, **changes}, **USER}


def request(**changes: Any) -> dict[str, Any]:
    return {AT_REQUEST: {**REQUEST, **changes}, f"{AT_REQUEST}/approvals": APPROVALS, **USER}


def approvals(**changes: Any) -> dict[str, Any]:
    return {**request(), f"{AT_REQUEST}/approvals": {**APPROVALS, **changes}}


def pipeline(state: str) -> dict[str, Any]:
    return {AT_PIPELINE: {**PIPELINE, "status": state}}


def job(state: str) -> dict[str, Any]:
    return {AT_JOB: {**JOB, "status": state}}


def said(author: Any, body: str, at: str = "2026-10-01T11:55:00.000Z") -> dict[str, Any]:
    note = {"body": body, "author": author, "created_at": at, "internal": False}
    return {**USER, f"{AT_ISSUE}/notes": [note], f"{AT_REQUEST}/notes": [note]}


AUTO = {"sha": SHA, "auto_merge": True, "merge_when_pipeline_succeeds": True}
# Action, address, what is there, what is sent, what is said. The reply to what is sent is beside what is there.
DOES = [
    ("close-issue", AN_ISSUE, issue(), f"PUT {AT_ISSUE}", {"state_event": "close"}, "Closed #7"),
    ("reopen-issue", AN_ISSUE, issue(state="closed"), f"PUT {AT_ISSUE}", {"state_event": "reopen"}, "Reopened #7"),
    ("assign-issue-to-me", AN_ISSUE, {**issue(), f"PUT {AT_ISSUE}": {**ISSUE, "assignees": [ADA, BEN]}},
     f"PUT {AT_ISSUE}", {"assignee_ids": [1, 2]}, "Assigned #7 to ada"),
    ("unassign-me-from-issue", AN_ISSUE, issue(assignees=[ADA]), f"PUT {AT_ISSUE}", {"assignee_ids": [0]},
     "#7 is not assigned to ada any more"),
    ("subscribe-to-issue", AN_ISSUE, issue(), f"POST {AT_ISSUE}/subscribe", None, "Subscribed to #7"),
    ("unsubscribe-from-issue", AN_ISSUE, issue(subscribed=True), f"POST {AT_ISSUE}/unsubscribe", None,
     "Unsubscribed from #7"),
    ("comment-on-issue", AN_ISSUE, said(BEN, "Hello"), f"POST {AT_ISSUE}/notes", {"body": "Hello"}, "Commented on #7"),
    ("approve", A_REQUEST, request(), f"POST {AT_REQUEST}/approve", {"sha": SHA}, "Approved !8"),
    ("revoke-approval", A_REQUEST, approvals(user_has_approved=True), f"POST {AT_REQUEST}/unapprove", None,
     "Took the approval of !8 back"),
    ("merge", A_REQUEST, request(), f"PUT {AT_REQUEST}/merge", {"sha": SHA}, "Merged !8"),
    ("merge-when-passed", A_REQUEST, request(head_pipeline=RUNNING, detailed_merge_status="ci_still_running"),
     f"PUT {AT_REQUEST}/merge", AUTO, "!8 merges by itself as soon as it may"),
    ("cancel-auto-merge", A_REQUEST, request(merge_when_pipeline_succeeds=True),
     f"POST {AT_REQUEST}/cancel_merge_when_pipeline_succeeds", None, "!8 does not merge by itself any more"),
    ("rebase", A_REQUEST, request(detailed_merge_status="need_rebase"), f"PUT {AT_REQUEST}/rebase", None,
     "Rebasing !8"),
    ("assign-merge-request-to-me", A_REQUEST, {**request(), f"PUT {AT_REQUEST}": {**REQUEST, "assignees": [ADA]}},
     f"PUT {AT_REQUEST}", {"assignee_ids": [1]}, "Assigned !8 to ada"),
    ("unassign-me-from-merge-request", A_REQUEST, request(assignees=[BEN, ADA]), f"PUT {AT_REQUEST}",
     {"assignee_ids": [2]}, "!8 is not assigned to ada any more"),
    ("review-me", A_REQUEST, {**request(), f"PUT {AT_REQUEST}": {**REQUEST, "reviewers": [ADA]}},
     f"PUT {AT_REQUEST}", {"reviewer_ids": [1, 2]}, "Asked ada to review !8"),
    ("unreview-me", A_REQUEST, request(reviewers=[ADA, BEN]), f"PUT {AT_REQUEST}", {"reviewer_ids": [2]},
     "ada is not asked to review !8 any more"),
    ("mark-ready", A_REQUEST, request(draft=True, title="Draft: Start"), f"PUT {AT_REQUEST}", {"title": "Start"},
     "!8 is ready"),
    ("mark-draft", A_REQUEST, request(title="Start"), f"PUT {AT_REQUEST}", {"title": "Draft: Start"},
     "!8 is a draft again"),
    ("close-merge-request", A_REQUEST, request(), f"PUT {AT_REQUEST}", {"state_event": "close"}, "Closed !8"),
    ("reopen-merge-request", A_REQUEST, request(state="closed"), f"PUT {AT_REQUEST}", {"state_event": "reopen"},
     "Reopened !8"),
    ("subscribe-to-merge-request", A_REQUEST, request(), f"POST {AT_REQUEST}/subscribe", None, "Subscribed to !8"),
    ("unsubscribe-from-merge-request", A_REQUEST, request(subscribed=True), f"POST {AT_REQUEST}/unsubscribe", None,
     "Unsubscribed from !8"),
    ("comment-on-merge-request", A_REQUEST, said(ADA, "Hello", "2026-10-01T11:00:00Z"), f"POST {AT_REQUEST}/notes",
     {"body": "Hello"}, "Commented on !8"),
    ("retry-pipeline", A_PIPELINE, pipeline("failed"), f"POST {AT_PIPELINE}/retry", None,
     "Running the failed jobs of pipeline 46 again"),
    ("cancel-pipeline", A_PIPELINE, pipeline("running"), f"POST {AT_PIPELINE}/cancel", None, "Cancelling pipeline 46"),
    ("retry-job", A_JOB, job("failed"), f"POST {AT_JOB}/retry", None, "Running unit again"),
    ("play-job", A_JOB, job("manual"), f"POST {AT_JOB}/play", None, "Started unit"),
    ("cancel-job", A_JOB, job("running"), f"POST {AT_JOB}/cancel", None, "Cancelling unit"),
]  # fmt: skip
# Where the state is already what is wanted, nothing is sent.
LEAVES = [
    ("close-issue", AN_ISSUE, issue(state="closed"), "#7 is closed already"),
    ("reopen-issue", AN_ISSUE, issue(), "#7 is open already"),
    ("assign-issue-to-me", AN_ISSUE, issue(assignees=[BEN, ADA]), "#7 is assigned to ada already"),
    ("unassign-me-from-issue", AN_ISSUE, issue(), "#7 is not assigned to ada"),
    ("subscribe-to-issue", AN_ISSUE, issue(subscribed=True), "Subscribed to #7"),
    ("unsubscribe-from-issue", AN_ISSUE, issue(), "Unsubscribed from #7"),
    ("comment-on-issue", AN_ISSUE, said(ADA, "Hello\r\n"), "The comment is on #7 already"),
    ("approve", A_REQUEST, approvals(user_has_approved=True), "You have approved !8 already"),
    ("revoke-approval", A_REQUEST, approvals(), "You have not approved !8"),
    ("merge", A_REQUEST, request(state="merged"), "!8 is merged already"),
    ("merge-when-passed", A_REQUEST, request(state="merged"), "!8 is merged already"),
    ("merge-when-passed", A_REQUEST, request(merge_when_pipeline_succeeds=True), "!8 merges by itself already"),
    ("cancel-auto-merge", A_REQUEST, request(), "!8 does not merge by itself"),
    ("cancel-auto-merge", A_REQUEST, request(state="merged"), "!8 is merged already"),
    ("rebase", A_REQUEST, request(rebase_in_progress=True), "!8 is being rebased already"),
    ("rebase", A_REQUEST, request(diverged_commits_count=0), "!8 is up to date already"),
    ("assign-merge-request-to-me", A_REQUEST, request(assignees=[ADA]), "!8 is assigned to ada already"),
    ("unassign-me-from-merge-request", A_REQUEST, request(), "!8 is not assigned to ada"),
    ("review-me", A_REQUEST, request(reviewers=[ADA]), "ada is asked to review !8 already"),
    ("unreview-me", A_REQUEST, request(), "ada is not asked to review !8"),
    ("mark-ready", A_REQUEST, request(), "!8 is ready already"),
    ("mark-draft", A_REQUEST, request(draft=True), "!8 is a draft already"),
    ("close-merge-request", A_REQUEST, request(state="closed"), "!8 is closed already"),
    ("close-merge-request", A_REQUEST, request(state="merged"), "!8 is merged already"),
    ("reopen-merge-request", A_REQUEST, request(), "!8 is open already"),
    ("subscribe-to-merge-request", A_REQUEST, request(subscribed=True), "Subscribed to !8"),
    ("unsubscribe-from-merge-request", A_REQUEST, request(), "Unsubscribed from !8"),
    ("comment-on-merge-request", A_REQUEST, said(ADA, "Hello"), "The comment is on !8 already"),
    ("retry-pipeline", A_PIPELINE, pipeline("running"), "Pipeline 46 is under way already"),
    ("retry-pipeline", A_PIPELINE, pipeline("success"), "Nothing in pipeline 46 has failed"),
    ("cancel-pipeline", A_PIPELINE, pipeline("success"), "Pipeline 46 is over already"),
    ("retry-job", A_JOB, job("pending"), "unit is under way already"),
    ("play-job", A_JOB, job("running"), "unit does not wait to be started"),
    ("cancel-job", A_JOB, job("failed"), "unit is over already"),
]  # fmt: skip
# What GitLab would refuse, or has to.
REFUSED = [
    ("assign-issue-to-me", AN_ISSUE, {**issue(), f"PUT {AT_ISSUE}": ISSUE}, "GitLab does not let ada take #7."),
    ("assign-merge-request-to-me", A_REQUEST, {**request(), f"PUT {AT_REQUEST}": REQUEST},
     "GitLab does not let ada take !8."),
    ("review-me", A_REQUEST, {**request(), f"PUT {AT_REQUEST}": REQUEST}, "GitLab does not let ada review !8."),
    ("review-me", A_REQUEST, request(state="merged"), "!8 is merged already."),
    ("approve", A_REQUEST, request(state="closed"), "!8 is closed already."),
    ("approve", A_REQUEST, approvals(user_can_approve=False), "GitLab does not let you approve !8."),
    ("approve", A_REQUEST, {**request(), f"POST {AT_REQUEST}/approve": AccessDenied("401")},
     "GitLab does not let you approve !8."),
    ("merge", A_REQUEST, request(state="closed"), "!8 is closed already."),
    ("merge", A_REQUEST, request(user={"can_merge": False}), "GitLab does not let you merge into main."),
    ("merge", A_REQUEST, {**request(user=None), f"PUT {AT_REQUEST}/merge": AccessDenied("401")},
     "GitLab does not let you merge into main."),
    ("merge", A_REQUEST, request(detailed_merge_status="not_approved"), "Merging is blocked: 1 approval is missing."),
    ("merge", A_REQUEST, request(detailed_merge_status="ci_must_pass"),
     "Merging is blocked: its pipeline has to pass."),
    ("merge", A_REQUEST, request(detailed_merge_status="unchecked"), "The other system says no."),
    ("merge-when-passed", A_REQUEST, request(), "!8 has nothing to wait for; merge it now."),
    ("merge-when-passed", A_REQUEST, request(detailed_merge_status="conflict"),
     "Merging is blocked: there are conflicts."),
    ("rebase", A_REQUEST, request(state="merged"), "!8 is merged already."),
    ("mark-ready", A_REQUEST, request(state="closed", draft=True), "!8 is closed already."),
    ("mark-ready", A_REQUEST, request(draft=True, title="Start"),
     "The title of !8 has no mark of a draft that could be taken away."),
    ("reopen-merge-request", A_REQUEST, request(state="merged"), "!8 is merged; that cannot be taken back."),
]  # fmt: skip


def pressed(name: str, url: str, api: RecordedApi) -> str:
    action = gitlab.actions[f"gitlab.{name}"]
    return press(gitlab, action, url, api, **({"text": "Hello"} if action.asks else {}))


@pytest.mark.parametrize(("name", "url", "there", "call", "sent", "says"), DOES, ids=[row[0] for row in DOES])
def test_a_button_does_what_it_says(name: str, url: str, there: Any, call: str, sent: Any, says: str):
    api = RecordedApi({call: {}, **there})
    assert pressed(name, url, api) == says
    assert (api.writes, api.sent) == ([call], [sent])


@pytest.mark.parametrize(("name", "url", "there", "says"), LEAVES)
def test_what_is_so_already_is_left_alone(name: str, url: str, there: Any, says: str):
    api = RecordedApi(there)
    assert pressed(name, url, api) == says
    assert api.writes == []


@pytest.mark.parametrize(("name", "url", "there", "says"), REFUSED)
def test_a_refusal_is_a_sentence(name: str, url: str, there: Any, says: str):
    with pytest.raises(ActionRefused) as refused:
        pressed(name, url, RecordedApi(there))
    assert str(refused.value) == says


def test_every_action_is_tried():
    assert {f"gitlab.{row[0]}" for row in DOES} == set(gitlab.actions)
    assert {f"gitlab.{row[0]}" for row in LEAVES} == set(gitlab.actions)


@pytest.mark.parametrize("name", [row[0] for row in DOES])
@pytest.mark.parametrize("status", [401, 404])
def test_what_the_state_is_asked_of_says_no(name: str, status: int):
    url = next(row[1] for row in DOES if row[0] == name)
    api = RecordedApi(dict.fromkeys(REPLIES | USER | said(ADA, ""), status))
    with pytest.raises(NothingToShow):
        pressed(name, url, api)
    assert api.writes == []


def test_what_cannot_be_taken_back_asks_once_more():
    confirmed = {action.id for action in gitlab.actions.values() if action.confirm}
    assert confirmed == {"gitlab.merge", "gitlab.cancel-pipeline", "gitlab.cancel-job"}


def test_a_merge_whose_answer_was_lost_is_not_done_again():
    lost = RecordedApi({**request(), f"PUT {AT_REQUEST}/merge": UpstreamDown("The source failed.")})
    with pytest.raises(UpstreamDown):
        pressed("merge", A_REQUEST, lost)
    assert pressed("merge", A_REQUEST, RecordedApi(request(state="merged"))) == "!8 is merged already"


def test_an_account_is_known_by_its_number():
    assert gitlab.who is not None
    assert gitlab.who(RecordedApi(USER)) == Identity("1", "ada")


@pytest.mark.parametrize(
    ("title", "ready"),
    [
        ("Draft: Start", "Start"),
        ("draft:Start", "Start"),
        ("[Draft] Start", "Start"),
        ("(draft) Draft: Start", "Start"),
        ("Draft: Draft board", "Draft board"),
    ],
)
def test_a_title_is_ready_without_its_mark(title: str, ready: str):
    api = RecordedApi({**request(draft=True, title=title), f"PUT {AT_REQUEST}": {}})
    pressed("mark-ready", A_REQUEST, api)
    assert api.sent == [{"title": ready}]


@pytest.mark.parametrize(
    ("changes", "left", "later", "says"),
    [
        ({}, 0, False, ""),
        ({"detailed_merge_status": "new_word"}, 0, False, ""),
        ({"detailed_merge_status": "new_word", "has_conflicts": True}, 0, False, "there are conflicts."),
        ({"detailed_merge_status": "not_approved"}, 2, False, "2 approvals are missing."),
        ({"detailed_merge_status": "not_approved"}, 0, False, "1 approval is missing."),
        ({"detailed_merge_status": "not_approved"}, 2, True, ""),
        ({"detailed_merge_status": "discussions_not_resolved"}, 0, False, "threads are unresolved."),
        ({"detailed_merge_status": "draft_status"}, 0, True, "it is a draft; mark it ready first."),
        ({"detailed_merge_status": "need_rebase"}, 0, True, "it has to be rebased first."),
    ],
)
def test_what_blocks_a_merge_is_said(changes: dict[str, Any], left: int, later: bool, says: str):
    found = MergeRequest.model_validate({**REQUEST, **changes})
    assert why_blocked(found, left, later=later) == (f"Merging is blocked: {says}" if says else "")


# Which buttons there are


def card(path: str, at: str, reply: Any) -> Card:
    return card_of(gitlab, f"{PROJECT}{path}", {**REPLIES, at: reply})


def test_an_issue_has_the_buttons_of_its_state():
    opened = card("/-/issues/7", AT_ISSUE, ISSUE)
    assert labels(opened) == ["Assign to me", "Close", "Comment", "Subscribe", "Unassign me"]
    closed = card("/-/issues/7", AT_ISSUE, {**ISSUE, "state": "closed"})
    assert labels(closed) == ["Reopen", "Comment", "Subscribe"]


@pytest.mark.parametrize(
    ("changes", "first"),
    [
        ({}, ["Approve", "Merge", "Assign to me"]),
        ({"head_pipeline": RUNNING}, ["Approve", "Merge", "Merge when pipeline passes"]),
        (
            {"head_pipeline": RUNNING, "detailed_merge_status": "ci_still_running"},
            ["Approve", "Merge when pipeline passes", "Assign to me"],
        ),
        ({"detailed_merge_status": "ci_must_pass"}, ["Approve", "Assign to me", "Review it myself"]),
        ({"detailed_merge_status": "need_rebase"}, ["Approve", "Rebase", "Assign to me"]),
        ({"detailed_merge_status": "conflict"}, ["Approve", "Assign to me", "Review it myself"]),
        ({"merge_when_pipeline_succeeds": True}, ["Approve", "No auto-merge", "Assign to me"]),
        ({"draft": True}, ["Mark ready", "Assign to me", "Review it myself"]),
        ({"state": "closed"}, ["Reopen", "Comment", "Subscribe"]),
        ({"state": "merged"}, ["Comment", "Subscribe"]),
        ({"state": "locked"}, ["Comment", "Subscribe"]),
    ],
)
def test_a_merge_request_has_the_buttons_of_its_state(changes: dict[str, Any], first: list[str]):
    assert labels(card("/-/merge_requests/8", AT_REQUEST, {**REQUEST, **changes}))[:3] == first


def test_an_approval_can_be_taken_back_where_there_is_one():
    at = f"{AT_REQUEST}/approvals"
    assert "Revoke approval" in labels(card("/-/merge_requests/8", at, APPROVALS))
    assert "Revoke approval" not in labels(card("/-/merge_requests/8", at, {**APPROVALS, "approved_by": []}))
