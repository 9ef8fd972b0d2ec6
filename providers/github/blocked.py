"""Why a pull request cannot be merged, in words.

Source: https://docs.github.com/graphql/reference/objects#pullrequest, …#refupdaterule
"""

from __future__ import annotations

from unfurler.sdk import Part, plural

BLOCKED = """
query Blocked($owner: String!, $repo: String!, $number: Int!) {
  repository(owner: $owner, name: $repo) {
    pullRequest(number: $number) {
      mergeable
      mergeStateStatus
      reviewDecision
      baseRef { refUpdateRule { requiredApprovingReviewCount requiresConversationResolution } }
      latestOpinionatedReviews(first: 100, writersOnly: true) { nodes { state } }
      reviewThreads(first: 100) { nodes { isResolved } }
      commits(last: 1) { nodes { commit { statusCheckRollup { state } } } }
    }
  }
}
"""


class Rule(Part, frozen=True):
    requiredApprovingReviewCount: int = 0
    requiresConversationResolution: bool = False


class Base(Part, frozen=True):
    refUpdateRule: Rule = Rule()


class Opinion(Part, frozen=True):
    state: str = ""


class Opinions(Part, frozen=True):
    nodes: tuple[Opinion, ...] = ()


class Conversation(Part, frozen=True):
    isResolved: bool = True


class Conversations(Part, frozen=True):
    nodes: tuple[Conversation, ...] = ()


class Rollup(Part, frozen=True):
    state: str = ""


class RolledUp(Part, frozen=True):
    statusCheckRollup: Rollup = Rollup()


class Head(Part, frozen=True):
    commit: RolledUp = RolledUp()


class Heads(Part, frozen=True):
    nodes: tuple[Head, ...] = ()


class BlockedPull(Part, frozen=True):
    """What may stand in the way."""

    mergeable: str = ""
    mergeStateStatus: str = ""
    reviewDecision: str = ""
    baseRef: Base = Base()
    latestOpinionatedReviews: Opinions = Opinions()
    reviewThreads: Conversations = Conversations()
    commits: Heads = Heads()


class BlockedOf(Part, frozen=True):
    pullRequest: BlockedPull


class Blocked(Part, frozen=True):
    repository: BlockedOf


def why_blocked(found: BlockedPull) -> str:
    """`Merging is blocked: 1 review is missing, checks fail.`"""
    reasons = [*_of_reviews(found), *_of_checks(found)]
    if found.mergeable == "CONFLICTING":
        reasons.append("there are conflicts")
    if found.mergeStateStatus == "BEHIND":
        reasons.append("the branch is behind its base")
    unresolved = sum(not one.isResolved for one in found.reviewThreads.nodes)
    if unresolved and found.baseRef.refUpdateRule.requiresConversationResolution:
        reasons.append(f"{plural(unresolved, 'conversation is', 'conversations are')} unresolved")
    return f"Merging is blocked: {', '.join(reasons) or 'a rule of the repository forbids it'}."


def _of_reviews(found: BlockedPull) -> list[str]:
    if found.reviewDecision == "CHANGES_REQUESTED":
        return ["changes are requested"]
    if found.reviewDecision != "REVIEW_REQUIRED":
        return []
    approved = sum(one.state == "APPROVED" for one in found.latestOpinionatedReviews.nodes)
    missing = max(1, found.baseRef.refUpdateRule.requiredApprovingReviewCount - approved)
    return [f"{plural(missing, 'review is', 'reviews are')} missing"]


def _of_checks(found: BlockedPull) -> list[str]:
    states = {head.commit.statusCheckRollup.state for head in found.commits.nodes}
    if states & {"FAILURE", "ERROR"}:
        return ["checks fail"]
    return ["checks are not done"] if states & {"PENDING", "EXPECTED"} else []
