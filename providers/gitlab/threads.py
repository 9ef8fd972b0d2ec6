"""Cards of what people talk about: issues, merge requests, epics."""

from __future__ import annotations

from providers.gitlab.buttons import issue_buttons, merge_request_buttons
from providers.gitlab.models import Approvals, Epic, Issue, MergeRequest, Note
from providers.gitlab.parts import (
    EXCERPT_CHARS,
    comments,
    fact_at,
    facts,
    few,
    fields,
    label_facts,
    label_names,
    quote_of,
    usernames,
)
from providers.gitlab.states import state_tag
from unfurler.sdk import Card, Fact, Status, Tone, excerpt, one_line

_CONFIDENTIAL = Fact("Confidential", tone="warning")
_KINDS = {"issue": "", "incident": "Incident", "task": "Task", "test_case": "Test case", "requirement": "Requirement"}


def issue_card(project: str, found: Issue, note: Note | None) -> Card:
    """An issue, incident or task."""
    return Card(
        kicker=f"{project}#{found.iid}",
        title=found.title,
        status=_state(found.state),
        facts=[
            *([_CONFIDENTIAL] if found.confidential else []),
            *facts(_KINDS.get(found.issue_type, one_line(found.issue_type).capitalize())),
            *facts(_severity(found), found.author.username),
            *fact_at("opened", found.created_at),
            *label_facts(found.labels),
            *comments(found.user_notes_count),
            *facts(f"👍 {found.upvotes:,}" if found.upvotes else ""),
        ],
        quote=quote_of(note),
        text=excerpt(found.description, EXCERPT_CHARS),
        fields=[
            *fields(
                labels=", ".join(label_names(found.labels)),
                assignees=few(usernames(found.assignees)),
                milestone=found.milestone.title,
                epic=found.epic.title,
                weight=f"{found.weight:,}" if found.weight is not None else "",
                due=found.due_date,
                merge_requests=f"{found.merge_requests_count:,}" if found.merge_requests_count else "",
                updated=found.updated_at,
                closed=found.closed_at,
            )
        ],
        buttons=issue_buttons(found),
        confidential=found.confidential,
    )


def merge_request_card(project: str, found: MergeRequest, approvals: Approvals | None, note: Note | None) -> Card:
    """A merge request; `approvals` is None where they were not asked for or not answered."""
    is_open, unresolved = found.state == "opened", not found.blocking_discussions_resolved
    return Card(
        kicker=f"{project}!{found.iid}",
        title=found.title,
        status=_request_state(found, approvals),
        facts=[
            *facts(found.author.username, _branches(found), _changes(found)),
            *([_approved(approvals)] if approvals and approvals.approvals_required else []),
            *([state_tag(found.head_pipeline.status)] if found.head_pipeline else []),
            *([Fact("Conflicts", tone="error")] if is_open and found.has_conflicts else []),
            *([Fact("Unresolved threads", tone="warning")] if is_open and unresolved else []),
            *([Fact("Auto-merge", tone="info")] if is_open and found.merge_when_pipeline_succeeds else []),
            *fact_at("updated", found.updated_at),
        ],
        quote=quote_of(note),
        text=excerpt(found.description, EXCERPT_CHARS),
        fields=[
            *fields(
                approved_by=few(usernames([one.user for one in approvals.approved_by])) if approvals else "",
                reviewers=few(usernames(found.reviewers)),
                coverage=_coverage(found),
                labels=", ".join(label_names(found.labels)),
                assignees=few(usernames(found.assignees)),
                milestone=found.milestone.title,
                comments=f"{found.user_notes_count:,}",
                opened=found.created_at,
                merged=found.merged_at,
                merged_by=found.merge_user.username if found.merged_at else "",
                closed=found.closed_at,
            )
        ],
        buttons=merge_request_buttons(found, approvals),
    )


def epic_card(group: str, found: Epic) -> Card:
    """An epic of a group."""
    return Card(
        kicker=f"{group}&{found.iid}",
        title=found.title,
        status=_state(found.state),
        facts=[
            *([_CONFIDENTIAL] if found.confidential else []),
            *facts("Epic", found.author.username),
            *fact_at("opened", found.created_at),
            *label_facts(found.labels),
        ],
        text=excerpt(found.description, EXCERPT_CHARS),
        fields=[
            *fields(
                labels=", ".join(label_names(found.labels)),
                starts=found.start_date,
                due=found.due_date,
                updated=found.updated_at,
                closed=found.closed_at,
            )
        ],
        confidential=found.confidential,
    )


def _state(state: str) -> Status:
    if state == "closed":
        return Status("Closed", "info")
    return Status("Open", "success") if state == "opened" else Status(one_line(state).capitalize() or "Unknown")


def _request_state(found: MergeRequest, approvals: Approvals | None) -> Status:
    match found.state:
        case "merged":
            return Status("Merged", "info")
        case "closed":
            return Status("Closed", "error")
        case "opened" if found.draft:
            return Status("Draft", "neutral")
        # Where none is required GitLab calls it approved from the beginning.
        case "opened" if approvals and approvals.approved and approvals.approved_by:
            return Status("Approved", "success")
        case _:
            return _state(found.state)


def _severity(found: Issue) -> str:
    known = one_line(found.severity).replace("_", " ").capitalize()
    return f"Severity: {known}" if found.issue_type == "incident" and known not in ("", "Unknown") else ""


def _branches(found: MergeRequest) -> str:
    forked = " (fork)" if found.source_project_id != found.target_project_id else ""
    return f"{found.target_branch} ← {found.source_branch}{forked}" if found.source_branch else ""


def _changes(found: MergeRequest) -> str:
    """GitLab counts to a thousand, and says `1000+` then."""
    count = one_line(found.changes_count)
    return f"{count} {'file' if count == '1' else 'files'}" if count else ""


def _approved(approvals: Approvals) -> Fact:
    given = max(0, approvals.approvals_required - approvals.approvals_left)
    tone: Tone = "warning" if approvals.approvals_left else "success"
    return Fact(f"{given}/{approvals.approvals_required} approvals", tone=tone)


def _coverage(found: MergeRequest) -> str:
    known = found.head_pipeline.coverage if found.head_pipeline else None
    return f"{known} %" if known is not None else ""
