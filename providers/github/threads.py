"""Cards of what people talk about: issues and pull requests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from providers.github.buttons import issue_buttons, pull_buttons
from providers.github.checks import PAGE, Checks
from providers.github.models import Comment, Issue, Label, Pull, Review
from providers.github.parts import (
    EXCERPT_CHARS,
    fact_at,
    facts,
    few,
    fields,
    is_public,
    label_names,
    logins,
    size_of_change,
)
from unfurler.sdk import Card, Fact, Quote, Status, excerpt, one_line, plural

SHOWN_LABELS = 3
_VERDICTS = ("APPROVED", "CHANGES_REQUESTED", "DISMISSED")
_DECIDING = ("OWNER", "MEMBER", "COLLABORATOR")


def issue_card(place: str, found: Issue, comment: Comment | None) -> Card:
    """An issue, or a pull request that was linked as one; `place` is its repository."""
    return Card(
        kicker=f"{place} #{found.number}",
        title=found.title,
        status=_issue_status(found),
        facts=[
            *facts(found.user.login),
            *fact_at("opened", found.created_at),
            *_label_facts(found.labels),
            *facts(plural(found.comments, "comment") if found.comments else ""),
            *facts(f"👍 {found.reactions.plus_one:,}" if found.reactions.plus_one else ""),
        ],
        quote=_quote(comment),
        text=excerpt(found.body, EXCERPT_CHARS),
        fields=[
            *fields(
                labels=", ".join(label_names(found.labels)),
                assignees=few(logins(found.assignees)),
                milestone=found.milestone.title,
                updated=found.updated_at,
                closed=found.closed_at,
            )
        ],
        buttons=issue_buttons(found),
    )


def pull_card(
    place: str, found: Pull, reviews: Sequence[Review], checks: Checks | None, comment: Comment | None
) -> Card:
    """A pull request; `reviews` and `checks` are empty where they were not asked for or not answered."""
    is_open = found.state == "open"
    return Card(
        kicker=f"{place} #{found.number}",
        title=found.title,
        status=_pull_status(found, reviews),
        facts=[
            *facts(found.user.login, _branches(found)),
            *facts(size_of_change(found.additions, found.deletions, found.changed_files)),
            *([checks.fact] if checks else []),
            *([Fact("Conflicts", tone="error")] if is_open and found.mergeable is False else []),
            *([Fact("Auto-merge", tone="info")] if is_open and found.auto_merge is not None else []),
            *fact_at("updated", found.updated_at),
        ],
        quote=_quote(comment),
        text=excerpt(found.body, EXCERPT_CHARS),
        fields=[
            *fields(
                reviews=_who_reviewed(found, reviews),
                first_failing_check=checks.first_failing if checks else "",
                labels=", ".join(label_names(found.labels)),
                assignees=few(logins(found.assignees)),
                milestone=found.milestone.title,
                comments=f"{found.comments + found.review_comments:,}",
                opened=found.created_at,
                merged=found.merged_at,
                merged_by=found.merged_by.login if found.merged_at else "",
                closed=found.closed_at if not found.merged_at else None,
            )
        ],
        buttons=pull_buttons(found),
        public=found.base.repo is not None and is_public(found.base.repo),
    )


def _issue_status(found: Issue) -> Status:
    if found.pull_request is not None:
        return _thread_status(found.state, draft=found.draft, merged=found.pull_request.merged_at is not None)
    match (found.state, found.state_reason):
        case ("closed", "not_planned"):
            return Status("Closed as not planned", "neutral")
        case ("closed", "duplicate"):
            return Status("Closed as duplicate", "neutral")
        case ("closed", "completed"):
            return Status("Closed as completed", "info")
        case ("closed", _):
            return Status("Closed", "info")
    return _thread_status(found.state, draft=False, merged=False)


def _pull_status(found: Pull, reviews: Sequence[Review]) -> Status:
    status = _thread_status(found.state, draft=found.draft, merged=found.merged or found.merged_at is not None)
    # A full page of reviews may not hold the latest ones: no verdict is better than an outdated one.
    if status.text != "Open" or len(reviews) >= PAGE:
        return status
    # Anybody may review a public pull request; only those who belong to the repository decide.
    states = {review.state for review in _verdicts(found, reviews) if review.author_association in _DECIDING}
    if "CHANGES_REQUESTED" in states:
        return Status("Changes requested", "warning")
    return Status("Approved", "success") if "APPROVED" in states else status


def _thread_status(state: str, *, draft: bool, merged: bool) -> Status:
    if merged:
        return Status("Merged", "info")
    if state == "closed":
        return Status("Closed", "error")
    if draft:
        return Status("Draft", "neutral")
    return Status("Open", "success") if state == "open" else Status(one_line(state).capitalize() or "Unknown")


def _verdicts(found: Pull, reviews: Sequence[Review]) -> Iterable[Review]:
    """The last word of each who reviewed and was not asked again; a mere comment takes nothing back."""
    left_out = {found.user.login, *logins(found.requested_reviewers)}
    return {
        review.user.login: review
        for review in reviews
        if review.state in _VERDICTS and review.user.login not in left_out
    }.values()


def _who_reviewed(found: Pull, reviews: Sequence[Review]) -> str:
    verdicts = _verdicts(found, reviews)
    waiting = [*logins(found.requested_reviewers), *(team.name for team in found.requested_teams)]
    groups = (
        ("✔", [review.user.login for review in verdicts if review.state == "APPROVED"]),
        ("✖", [review.user.login for review in verdicts if review.state == "CHANGES_REQUESTED"]),
        ("waiting for", waiting),
    )
    return " · ".join(f"{mark} {few(names)}" for mark, names in groups if names)


def _branches(found: Pull) -> str:
    base, head = found.base, found.head
    forked = head.repo is None or (base.repo is not None and head.repo.full_name != base.repo.full_name)
    name = (head.label if forked else "") or head.ref
    return f"{base.ref} ← {name}" if base.ref and name else ""


def _label_facts(labels: Sequence[Label | str]) -> list[Fact]:
    names = label_names(labels)
    more = f"+{len(names) - SHOWN_LABELS}" if len(names) > SHOWN_LABELS else ""
    return [*(Fact(name, tone="neutral") for name in names[:SHOWN_LABELS]), *facts(more)]


def _quote(comment: Comment | None) -> Quote | None:
    if comment is None or comment.minimized is not None:
        return None
    text = excerpt(comment.body, EXCERPT_CHARS)
    return Quote(comment.user.login, text, comment.created_at) if text else None
