"""GitHub's buttons: what is sent, what is not sent twice, what is said. GitHub's descriptions judge each request."""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from pydantic import SecretStr

import providers.github
from providers.github import github
from tests.providers.github_judge import OPENAPI, judge_graphql, judge_rest, judged
from tests.providers.github_replies import REPLIES, REPO, issue, pull, reply
from tests.providers.kit import card_of, press
from tests.providers.test_github import CLAIMS
from unfurler.fetch import RawReply
from unfurler.fetch.oauth import OAuthClient
from unfurler.sdk import ActionRefused, Card, Identity, NothingToShow, OAuth2
from unfurler.sdk.errors import UpstreamDown, UpstreamOdd

ISSUE, PULL, RUN = f"{REPO}/issues/7", f"{REPO}/pull/7", f"{REPO}/actions/runs/5"
JOB = f"{RUN}/job/6"
AT_ISSUE, AT_PULL, AT_RUN = "/repos/o/r/issues/7", "/repos/o/r/pulls/7", "/repos/o/r/actions/runs/5"
ME, OTHER = {"login": "octocat", "id": 1}, {"login": "ada", "id": 2}
HEAD = pull()["head"]["sha"]
USER = {"/user": reply("user")}
DONE: dict[str, Any] = {}


def opened(**changes: Any) -> dict[str, Any]:
    """An issue in which nothing of the one who clicks is done yet."""
    return {AT_ISSUE: issue(number=7, **{"state": "open", "assignees": [OTHER], **changes}), **USER}


def proposed(**changes: Any) -> dict[str, Any]:
    """A pull request of somebody else that can be merged."""
    made = {"number": 7, "user": OTHER, "requested_reviewers": [], "draft": False, **changes}
    return {AT_PULL: pull(**made), f"{AT_PULL}/reviews": [], **USER}


def ran(**changes: Any) -> dict[str, Any]:
    return {AT_RUN: reply("run", **{"run_number": 3, "status": "completed", "conclusion": "failure", **changes})}


def ways(state: str = "OPEN", *, by_itself: bool = False, allowed: bool = True) -> dict[str, Any]:
    found = {
        "id": "P_1",
        "state": state,
        "autoMergeRequest": {"enabledAt": "2026-01-01T00:00:00Z"} if by_itself else None,
    }
    made = {"viewerDefaultMergeMethod": "SQUASH", "autoMergeAllowed": allowed, "pullRequest": found}
    return {"MergeWays": {"repository": made}}


def subscribed(state: str) -> dict[str, Any]:
    thread = {"id": "I_1", "viewerSubscription": state}
    return {"Subscription": {"repository": {"issueOrPullRequest": thread}}}


def waiting(*, mine: bool = True) -> dict[str, Any]:
    deployments = [
        {"environment": {"id": 11, "name": "staging"}, "current_user_can_approve": mine},
        {"environment": {"id": 12, "name": "production"}, "current_user_can_approve": False},
    ]
    return {f"{AT_RUN}/pending_deployments": deployments}


MERGE = {"sha": HEAD}
DEPLOY = {"environment_ids": [11]}
# Action, address, what is there, what is sent, what is said. The replies to what is sent are beside what is there.
DOES = [
    ("close-completed", ISSUE, opened(), f"PATCH {AT_ISSUE}", {"state": "closed", "state_reason": "completed"},
     "Closed #7 as completed"),
    ("close-not-planned", ISSUE, opened(), f"PATCH {AT_ISSUE}", {"state": "closed", "state_reason": "not_planned"},
     "Closed #7 as not planned"),
    ("reopen", ISSUE, opened(state="closed"), f"PATCH {AT_ISSUE}", {"state": "open"}, "Reopened #7"),
    ("assign-me", ISSUE, {**opened(), f"POST {AT_ISSUE}/assignees": issue(assignees=[OTHER, ME])},
     f"POST {AT_ISSUE}/assignees", {"assignees": ["octocat"]}, "Assigned #7 to octocat"),
    ("unassign-me", ISSUE, {**opened(assignees=[ME, OTHER]), f"PATCH {AT_ISSUE}": issue(assignees=[OTHER])},
     f"PATCH {AT_ISSUE}", {"assignees": ["ada"]}, "#7 is not assigned to octocat any more"),
    ("subscribe", ISSUE, subscribed("UNSUBSCRIBED"), "MUTATION UpdateSubscription",
     {"thread": "I_1", "state": "SUBSCRIBED"}, "Subscribed to #7"),
    ("unsubscribe", ISSUE, subscribed("SUBSCRIBED"), "MUTATION UpdateSubscription",
     {"thread": "I_1", "state": "UNSUBSCRIBED"}, "Unsubscribed from #7"),
    ("comment", ISSUE, {**USER, f"{AT_ISSUE}/comments": reply("comments")}, f"POST {AT_ISSUE}/comments",
     {"body": "Hello"}, "Commented on #7"),
    ("approve", PULL, proposed(), f"POST {AT_PULL}/reviews", {"event": "APPROVE", "commit_id": HEAD}, "Approved #7"),
    ("merge-squash", PULL, proposed(), f"PUT {AT_PULL}/merge", {"merge_method": "squash", **MERGE},
     "Squashed and merged #7"),
    ("merge-commit", PULL, proposed(), f"PUT {AT_PULL}/merge", {"merge_method": "merge", **MERGE}, "Merged #7"),
    ("merge-rebase", PULL, proposed(), f"PUT {AT_PULL}/merge", {"merge_method": "rebase", **MERGE},
     "Rebased and merged #7"),
    ("merge", PULL, {**proposed(), **ways()}, f"PUT {AT_PULL}/merge", {"merge_method": "squash", **MERGE},
     "Squashed and merged #7"),
    ("enable-auto-merge", PULL, ways(), "MUTATION EnableAutoMerge", {"pull": "P_1", "method": "SQUASH"},
     "#7 merges by itself as soon as it may"),
    ("disable-auto-merge", PULL, ways(by_itself=True), "MUTATION DisableAutoMerge", {"pull": "P_1"},
     "#7 does not merge by itself any more"),
    ("review-me", PULL, proposed(), f"POST {AT_PULL}/requested_reviewers", {"reviewers": ["octocat"]},
     "Asked octocat to review #7"),
    ("mark-ready", PULL, proposed(draft=True, node_id="P_1"), "MUTATION MarkReady", {"pull": "P_1"},
     "#7 is ready for review"),
    ("mark-draft", PULL, proposed(node_id="P_1"), "MUTATION MarkDraft", {"pull": "P_1"}, "#7 is a draft again"),
    ("close-pull", PULL, proposed(), f"PATCH {AT_PULL}", {"state": "closed"}, "Closed #7"),
    ("reopen-pull", PULL, proposed(state="closed"), f"PATCH {AT_PULL}", {"state": "open"}, "Reopened #7"),
    ("rerun-failed", RUN, ran(), f"POST {AT_RUN}/rerun-failed-jobs", None, "Running the failed jobs of run 3 again"),
    ("rerun", RUN, ran(), f"POST {AT_RUN}/rerun", None, "Running run 3 again"),
    ("rerun-job", JOB, {**ran(), "/repos/o/r/actions/jobs/6": reply("job")}, "POST /repos/o/r/actions/jobs/6/rerun",
     None, "Running build again"),
    ("cancel", RUN, ran(status="in_progress", conclusion=None), f"POST {AT_RUN}/cancel", None, "Cancelling run 3"),
    ("approve-run", RUN, ran(conclusion="action_required"), f"POST {AT_RUN}/approve", None, "Approved run 3"),
    ("approve-deployment", RUN, waiting(), f"POST {AT_RUN}/pending_deployments",
     {**DEPLOY, "state": "approved", "comment": "Approved in chat"}, "Approved the deployment to staging"),
    ("reject-deployment", RUN, waiting(), f"POST {AT_RUN}/pending_deployments",
     {**DEPLOY, "state": "rejected", "comment": "Rejected in chat"}, "Rejected the deployment to staging"),
]  # fmt: skip
# Where the state is already what is wanted, nothing is sent.
LEAVES = [
    ("close-completed", ISSUE, opened(state="closed"), "#7 is closed already"),
    ("close-not-planned", ISSUE, opened(state="closed"), "#7 is closed already"),
    ("reopen", ISSUE, opened(), "#7 is open already"),
    ("assign-me", ISSUE, opened(assignees=[ME]), "#7 is assigned to octocat already"),
    ("unassign-me", ISSUE, opened(), "#7 is not assigned to octocat"),
    ("subscribe", ISSUE, subscribed("SUBSCRIBED"), "Subscribed to #7"),
    ("unsubscribe", ISSUE, subscribed("UNSUBSCRIBED"), "Unsubscribed from #7"),
    ("comment", ISSUE, {**USER, f"{AT_ISSUE}/comments": [{"body": "Hello\r\n", "user": ME}]},
     "The comment is on #7 already"),
    ("approve", PULL, {**proposed(), f"{AT_PULL}/reviews": [{"state": "APPROVED", "user": ME, "commit_id": HEAD}]},
     "octocat has approved #7 already"),
    ("merge-squash", PULL, proposed(merged=True, state="closed"), "#7 is merged already"),
    ("merge-commit", PULL, proposed(merged=True, state="closed"), "#7 is merged already"),
    ("merge-rebase", PULL, proposed(merged=True, state="closed"), "#7 is merged already"),
    ("merge", PULL, {**proposed(merged=True, state="closed"), **ways("MERGED")}, "#7 is merged already"),
    ("enable-auto-merge", PULL, ways(by_itself=True), "#7 merges by itself already"),
    ("enable-auto-merge", PULL, ways("MERGED"), "#7 is merged already"),
    ("disable-auto-merge", PULL, ways(), "#7 does not merge by itself"),
    ("disable-auto-merge", PULL, ways("MERGED"), "#7 is merged already"),
    ("review-me", PULL, proposed(requested_reviewers=[ME]), "octocat is asked to review #7 already"),
    ("mark-ready", PULL, proposed(), "#7 is ready for review already"),
    ("mark-draft", PULL, proposed(draft=True), "#7 is a draft already"),
    ("close-pull", PULL, proposed(state="closed"), "#7 is closed already"),
    ("close-pull", PULL, proposed(state="closed", merged=True), "#7 is merged already"),
    ("reopen-pull", PULL, proposed(), "#7 is open already"),
    ("rerun-failed", RUN, ran(status="queued", conclusion=None), "Run 3 is under way already"),
    ("rerun-failed", RUN, ran(conclusion="success"), "Nothing in run 3 has failed"),
    ("rerun", RUN, ran(status="in_progress", conclusion=None), "Run 3 is under way already"),
    ("rerun-job", JOB, ran(status="in_progress", conclusion=None), "The run is under way already"),
    ("cancel", RUN, ran(), "Run 3 is over already"),
    ("approve-run", RUN, ran(), "Run 3 does not wait for approval"),
    ("approve-deployment", RUN, {f"{AT_RUN}/pending_deployments": []}, "No deployment of this run waits for approval"),
    ("reject-deployment", RUN, {f"{AT_RUN}/pending_deployments": []}, "No deployment of this run waits for approval"),
]  # fmt: skip
# What GitHub would refuse, or has to.
REFUSED = [
    ("assign-me", ISSUE, {**opened(), f"POST {AT_ISSUE}/assignees": issue(assignees=[])},
     "GitHub does not let octocat take #7: that needs write access to the repository."),
    ("unassign-me", ISSUE, {**opened(assignees=[ME]), f"PATCH {AT_ISSUE}": issue(assignees=[ME])},
     "GitHub does not let octocat change who has #7."),
    ("approve", PULL, proposed(user=ME), "GitHub does not let people approve their own pull requests."),
    ("approve", PULL, proposed(state="closed"), "#7 is closed already."),
    ("review-me", PULL, proposed(user=ME), "GitHub does not let people review their own pull requests."),
    ("review-me", PULL, proposed(state="closed", merged=True), "#7 is merged already."),
    ("mark-ready", PULL, proposed(state="closed"), "#7 is closed already."),
    ("merge-commit", PULL, proposed(state="closed"), "#7 is closed; reopen it first."),
    ("merge-commit", PULL, proposed(draft=True), "#7 is a draft; mark it ready first."),
    ("merge-commit", PULL, proposed(mergeable=False), "Merging is blocked: there are conflicts."),
    ("reopen-pull", PULL, proposed(state="closed", merged=True), "#7 is merged; that cannot be taken back."),
    ("enable-auto-merge", PULL, ways(allowed=False), "This repository does not allow auto-merge."),
    ("approve-deployment", RUN, waiting(mine=False), "Others have to approve the deployment to staging, production."),
]  # fmt: skip


def text_of(name: str) -> dict[str, str]:
    return {"text": "Hello"} if github.actions[f"github.{name}"].asks else {}


def pressed(name: str, url: str, api: Any) -> str:
    return press(github, github.actions[f"github.{name}"], url, api, **text_of(name))


@pytest.mark.parametrize(("name", "url", "there", "call", "sent", "said"), DOES, ids=[row[0] for row in DOES])
def test_a_button_does_what_it_says(name: str, url: str, there: Any, call: str, sent: Any, said: str):
    api = judged({call.removeprefix("MUTATION "): DONE, **there})
    assert pressed(name, url, api) == said
    assert (api.writes, api.sent) == ([call], [sent])


@pytest.mark.parametrize(("name", "url", "there", "said"), LEAVES)
def test_what_is_so_already_is_left_alone(name: str, url: str, there: Any, said: str):
    api = judged(there)
    assert pressed(name, url, api) == said
    assert api.writes == []


@pytest.mark.parametrize(("name", "url", "there", "said"), REFUSED)
def test_a_refusal_is_a_sentence(name: str, url: str, there: Any, said: str):
    with pytest.raises(ActionRefused) as refused:
        pressed(name, url, judged(there))
    assert str(refused.value) == said


def test_every_action_is_tried():
    names = {f"github.{row[0]}" for row in DOES}
    assert names == set(github.actions)
    assert {f"github.{row[0]}" for row in LEAVES} == set(github.actions)


@pytest.mark.parametrize("name", [row[0] for row in DOES])
@pytest.mark.parametrize("status", [401, 404])
def test_what_the_state_is_asked_of_says_no(name: str, status: int):
    url = next(row[1] for row in DOES if row[0] == name)
    there = dict.fromkeys(REPLIES | USER | ways() | subscribed("") | waiting() | opened() | proposed(), status)
    api = judged(there)
    with pytest.raises(NothingToShow):
        pressed(name, url, api)
    assert api.writes == []


@pytest.mark.parametrize("answer", [{}, {"repository": None}, {"repository": {"pullRequest": None}}, [], None])
def test_an_odd_graphql_answer_is_a_named_error(answer: Any):
    with pytest.raises(UpstreamOdd):
        pressed("enable-auto-merge", PULL, judged({"MergeWays": answer}))


# Merging that is refused


BLOCKED = {
    "mergeable": "MERGEABLE",
    "mergeStateStatus": "BLOCKED",
    "reviewDecision": None,
    "baseRef": {"refUpdateRule": {"requiredApprovingReviewCount": 2, "requiresConversationResolution": True}},
    "latestOpinionatedReviews": {"nodes": [{"state": "APPROVED"}]},
    "reviewThreads": {"nodes": [{"isResolved": True}]},
    "commits": {"nodes": [{"commit": {"statusCheckRollup": {"state": "SUCCESS"}}}]},
}
FAILING = {"nodes": [{"commit": {"statusCheckRollup": {"state": "FAILURE"}}}]}
RUNNING = {"nodes": [{"commit": {"statusCheckRollup": {"state": "PENDING"}}}]}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "Merging is blocked: a rule of the repository forbids it."),
        ({"reviewDecision": "REVIEW_REQUIRED"}, "Merging is blocked: 1 review is missing."),
        (
            {"reviewDecision": "REVIEW_REQUIRED", "latestOpinionatedReviews": None, "commits": FAILING},
            "Merging is blocked: 2 reviews are missing, checks fail.",
        ),
        ({"reviewDecision": "REVIEW_REQUIRED", "baseRef": None}, "Merging is blocked: 1 review is missing."),
        ({"reviewDecision": "CHANGES_REQUESTED"}, "Merging is blocked: changes are requested."),
        ({"commits": RUNNING}, "Merging is blocked: checks are not done."),
        ({"mergeStateStatus": "BEHIND"}, "Merging is blocked: the branch is behind its base."),
        ({"mergeable": "CONFLICTING"}, "Merging is blocked: there are conflicts."),
        (
            {"reviewThreads": {"nodes": [{"isResolved": False}]}},
            "Merging is blocked: 1 conversation is unresolved.",
        ),
    ],
)
def test_a_refused_merge_says_what_is_missing(changes: dict[str, Any], said: str):
    asked = {"Blocked": {"repository": {"pullRequest": {**BLOCKED, **changes}}}}
    with pytest.raises(ActionRefused) as refused:
        pressed("merge-squash", PULL, judged({**proposed(), **asked}))
    assert str(refused.value) == said


def test_a_refused_merge_whose_reason_is_not_told_says_no_more_than_is_known():
    with pytest.raises(ActionRefused, match=r"The other system says no\."):
        pressed("merge-squash", PULL, judged({**proposed(), "Blocked": 500}))


def test_a_merge_whose_answer_was_lost_is_not_done_again():
    lost = judged({**proposed(), f"PUT {AT_PULL}/merge": UpstreamDown("The source failed.")})
    with pytest.raises(UpstreamDown):
        pressed("merge-squash", PULL, lost)
    assert pressed("merge-squash", PULL, judged(proposed(merged=True, state="closed"))) == "#7 is merged already"


# Comments


@pytest.mark.parametrize(("author", "body"), [("ada", "Hello"), ("octocat", "Hello you")])
def test_another_comment_is_another_comment(author: str, body: str):
    there = {**USER, f"{AT_ISSUE}/comments": [{"body": body, "user": {"login": author}}]}
    assert pressed("comment", ISSUE, judged({**there, f"POST {AT_ISSUE}/comments": DONE})) == "Commented on #7"


def test_only_the_last_ten_minutes_are_looked_at():
    api = judged({**USER, f"{AT_ISSUE}/comments": [], f"POST {AT_ISSUE}/comments": DONE})
    pressed("comment", ISSUE, api)
    assert f"GET {AT_ISSUE}/comments?since=2026-10-01T11%3A50%3A00Z&per_page=100" in api.calls


# Approving


@pytest.mark.parametrize(
    "reviews",
    [
        [{"state": "APPROVED", "user": ME, "commit_id": "0" * 40}],
        [{"state": "APPROVED", "user": OTHER, "commit_id": HEAD}],
        [{"state": "APPROVED", "user": ME, "commit_id": HEAD}, {"state": "DISMISSED", "user": ME, "commit_id": HEAD}],
    ],
)
def test_what_was_approved_before_is_not_approved_now(reviews: list[Any]):
    there = {**proposed(), f"{AT_PULL}/reviews": reviews, f"POST {AT_PULL}/reviews": DONE}
    assert pressed("approve", PULL, judged(there)) == "Approved #7"


# Which buttons there are


def card(path: str, **replies: Any) -> Card:
    return card_of(github, f"{REPO}{path}", {**REPLIES, **replies})


def labels(card: Card) -> list[str]:
    return [button.text for button in card.buttons]


def test_an_open_issue_can_be_taken_and_closed():
    assert labels(card("/issues/7", **opened())) == [
        "Assign to me", "Close as completed", "Comment", "Close as not planned", "Subscribe", "Unassign me",
    ]  # fmt: skip
    assert "Unassign me" not in labels(card("/issues/7", **opened(assignees=[])))


def test_a_closed_issue_can_be_reopened():
    assert labels(card("/issues/7", **opened(state="closed"))) == ["Reopen", "Comment", "Subscribe"]


@pytest.mark.parametrize(
    ("changes", "first", "last"),
    [
        ({}, "Approve", "Close"),
        ({"draft": True}, "Ready for review", "Close"),
        ({"state": "closed"}, "Reopen", "Subscribe"),
        ({"state": "closed", "pull_request": {"merged_at": "2026-01-01T00:00:00Z"}}, "Comment", "Subscribe"),
    ],
)
def test_a_pull_request_linked_as_an_issue_has_the_buttons_of_one(changes: dict[str, Any], first: str, last: str):
    made = card("/issues/7", **opened(**{"pull_request": {"merged_at": None}, **changes}))
    assert (labels(made)[0], labels(made)[-1]) == (first, last)


def allowing(**allowed: bool | None) -> dict[str, Any]:
    unsaid = {"allow_squash_merge": None, "allow_merge_commit": None, "allow_rebase_merge": None}
    return {"base": {**pull()["base"], "repo": {**reply("repository"), **unsaid, **allowed}}}


@pytest.mark.parametrize(
    ("changes", "merging"),
    [
        ({}, ["Squash and merge", "Merge", "Rebase and merge"]),
        (allowing(allow_squash_merge=True, allow_merge_commit=False), ["Squash and merge"]),
        (allowing(allow_rebase_merge=True), ["Rebase and merge"]),
        (allowing(), ["Merge"]),
        ({"mergeable_state": "unstable"}, ["Squash and merge", "Merge", "Rebase and merge"]),
        ({"mergeable": None, "mergeable_state": "unknown"}, []),
        ({"mergeable": False, "mergeable_state": "dirty"}, []),
        ({"draft": True}, []),
        ({"mergeable_state": "blocked"}, ["Enable auto-merge"]),
        ({"mergeable_state": "blocked", **allowing(allow_auto_merge=False)}, []),
        ({"mergeable_state": "blocked", "auto_merge": {"merge_method": "squash"}}, ["No auto-merge"]),
        ({"state": "closed"}, []),
        ({"state": "closed", "merged": True}, []),
    ],
)
def test_merging_is_offered_in_the_ways_that_are_open(changes: dict[str, Any], merging: list[str]):
    made = card("/pull/7", **proposed(**changes))
    assert [text for text in labels(made) if "erge" in text] == merging


def test_what_cannot_be_taken_back_asks_once_more():
    confirmed = {action.id.removeprefix("github.") for action in github.actions.values() if action.confirm}
    merges = {"merge", "merge-commit", "merge-rebase", "merge-squash"}
    assert confirmed == merges | {"approve-deployment", "approve-run", "cancel", "reject-deployment"}


# Signing in


def test_an_account_is_known_by_its_number():
    assert github.who is not None
    assert github.who(judged(USER)) == Identity("1", "octocat")


# GitHub's own descriptions


@pytest.mark.parametrize("url", [row[0] for row in CLAIMS])
def test_every_request_for_a_card_is_one_that_github_has(url: str):
    api = judged(REPLIES)
    card_of(github, url, api=api)
    assert len(api.operations) == len(api.calls)


def test_every_graphql_document_is_valid():
    names = {"owner": "o", "repo": "r", "number": 7}
    mutations = {"thread": "I", "state": "SUBSCRIBED", "pull": "P", "method": "MERGE"}
    documents = set()
    for module in pkgutil.iter_modules(providers.github.__path__, "providers.github."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, str) and re.match(r"\s*(query|mutation) ", value):
                documents.add(value)
                wanted = re.findall(r"\$(\w+):", value)
                judge_graphql(value, {name: {**names, **mutations}[name] for name in wanted})
    assert len(documents) == 9


@pytest.mark.parametrize(
    ("method", "path", "params", "body"),
    [
        ("get", "/repos/o/r/issue/7", {}, None),
        ("delete", "/repos/o/r/issues/7", {}, None),
        ("get", "/repos/o/r/issues/seven", {}, None),
        ("get", "/repos/o/r/pulls/7/reviews", {"page_size": 1}, None),
        ("get", "/repos/o/r/pulls/7/reviews", {"per_page": "many"}, None),
        ("patch", "/repos/o/r/issues/7", {}, {"state": "shut"}),
        ("patch", "/repos/o/r/issues/7", {}, {"status": "closed"}),
        ("put", "/repos/o/r/pulls/7/merge", {}, {"merge_method": "fast-forward"}),
        ("post", "/repos/o/r/issues/7/comments", {}, {}),
        ("post", "/repos/o/r/actions/runs/5/cancel", {}, {"force": True}),
    ],
)
def test_the_judge_refuses_what_github_does_not_have(method: str, path: str, params: Any, body: Any):
    with pytest.raises(AssertionError):
        judge_rest(method, path, params, body)


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("query A { nothing }", {}),
        ("mutation A($pull: ID!) { markPullRequestReadyForReview(input: {pull: $pull}) { clientMutationId } }", {}),
        ('query A($n: Int!) { repository(owner: "o", name: "r") { issueOrPullRequest(number: $n) } }', {"n": 1}),
    ],
)
def test_the_judge_refuses_a_document_that_does_not_fit(query: str, variables: Any):
    with pytest.raises(AssertionError):
        judge_graphql(query, variables)


@dataclass
class Outbox:
    """A way out on which everything is accepted and kept."""

    sent: list[tuple[str, str, Any]] = field(default_factory=list)

    def request(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, data: bytes | None = None
    ) -> RawReply:
        self.sent.append((method, url, json.loads(data or b"null")))
        return RawReply(204, {}, b"")


def signing_out() -> str:
    """The operation by which GitHub is told to forget a token."""
    outbox, api = Outbox(), "https://api.github.com"
    assert isinstance(github.sign_in, OAuth2)
    client = OAuthClient(github.sign_in, "https://github.com", "c1", SecretStr("s"), "https://u/c", outbox, api_url=api)
    client.revoke("gho_16C7e42F292c6912E7")
    ((method, url, body),) = outbox.sent
    assert url.startswith(api)
    return judge_rest(method.lower(), url.removeprefix(api), {}, body)


def test_signing_out_is_a_request_that_github_knows():
    assert signing_out() == "DELETE /applications/{client_id}/token"


def test_the_extract_has_nothing_that_is_not_used():
    used = {signing_out()}
    for url in [*(row[0] for row in CLAIMS), f"{PULL}#discussion_r1"]:
        api = judged(REPLIES)
        card_of(github, url, api=api)
        used.update(api.operations)
    for name, url, there, call, _, _ in DOES:
        api = judged({call.removeprefix("MUTATION "): DONE, **there})
        pressed(name, url, api)
        used.update(api.operations)
    paths = [(path, methods) for path, methods in OPENAPI["paths"].items() if not path.startswith("/gists/")]
    known = {f"{method.upper()} {path}" for path, methods in paths for method in methods}
    assert known == {one for one in used if not one.startswith(("QUERY ", "MUTATION "))}
