"""GitLab's replies, as far as a card needs them.

Source: https://docs.gitlab.com/api/api_resources/ (REST API v4)
"""

from __future__ import annotations

from datetime import date

from pydantic import (
    AwareDatetime,
    RootModel,
)

from unfurler.sdk import Part


class Account(Part, frozen=True):
    """The account that a token belongs to."""

    id: int
    username: str


class User(Part, frozen=True):
    id: int = 0
    username: str = "ghost"  # as GitLab itself calls an account that was deleted


class Label(Part, frozen=True):
    name: str = ""


class Milestone(Part, frozen=True):
    title: str = ""


class Licence(Part, frozen=True):
    name: str = ""


class EpicOfIssue(Part, frozen=True):
    title: str = ""


class Project(Part, frozen=True):
    path_with_namespace: str
    description: str = ""
    visibility: str = ""
    archived: bool = False
    default_branch: str = ""
    topics: tuple[str, ...] = ()
    star_count: int = 0
    forks_count: int = 0
    open_issues_count: int | None = None
    license: Licence = Licence()
    last_activity_at: AwareDatetime | None = None


class Group(Part, frozen=True):
    full_path: str
    description: str = ""
    visibility: str = ""
    created_at: AwareDatetime | None = None


class Issue(Part, frozen=True):
    """An issue, incident or task; `subscribed` is told to those who are signed in."""

    iid: int
    title: str
    state: str
    # Where it is not said, nobody knows whom the rest may be shown to.
    confidential: bool = True
    description: str = ""
    issue_type: str = "issue"
    severity: str = ""
    author: User = User()
    labels: tuple[Label | str, ...] = ()
    assignees: tuple[User, ...] = ()
    milestone: Milestone = Milestone()
    epic: EpicOfIssue = EpicOfIssue()
    weight: int | None = None
    due_date: date | None = None
    user_notes_count: int = 0
    merge_requests_count: int = 0
    upvotes: int = 0
    subscribed: bool | None = None
    created_at: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None
    closed_at: AwareDatetime | None = None


class Note(Part, frozen=True):
    """A comment; an internal one is for members of the project only."""

    body: str
    internal: bool = True
    author: User = User()
    system: bool = False
    created_at: AwareDatetime | None = None


class Notes(RootModel[tuple[Note, ...]], frozen=True):
    """Of one thread."""


class Pipeline(Part, frozen=True):
    """A pipeline; the whole of it where it was asked for by itself, `duration` in seconds."""

    id: int
    status: str
    name: str = ""
    ref: str = ""
    sha: str = ""
    source: str = ""
    user: User = User()
    coverage: str | float | None = None
    duration: float | None = None
    created_at: AwareDatetime | None = None
    started_at: AwareDatetime | None = None
    finished_at: AwareDatetime | None = None


class Rights(Part, frozen=True):
    can_merge: bool | None = None


class MergeRequest(Part, frozen=True):
    """A merge request; `changes_count` is a text that may end in `+`.

    `subscribed` and `user` are of who asks.
    """

    iid: int
    title: str
    state: str
    draft: bool = False
    description: str = ""
    author: User = User()
    source_branch: str = ""
    target_branch: str = ""
    source_project_id: int = 0
    target_project_id: int = 0
    sha: str = ""
    labels: tuple[Label | str, ...] = ()
    assignees: tuple[User, ...] = ()
    reviewers: tuple[User, ...] = ()
    milestone: Milestone = Milestone()
    changes_count: str = ""
    user_notes_count: int = 0
    has_conflicts: bool = False
    blocking_discussions_resolved: bool = True
    detailed_merge_status: str = ""
    merge_when_pipeline_succeeds: bool = False
    rebase_in_progress: bool = False
    diverged_commits_count: int | None = None
    head_pipeline: Pipeline | None = None
    merge_user: User = User()
    subscribed: bool | None = None
    user: Rights = Rights()
    merged_at: AwareDatetime | None = None
    closed_at: AwareDatetime | None = None
    created_at: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None


class Approver(Part, frozen=True):
    user: User = User()


class Approvals(Part, frozen=True):
    """Who approved; how many are required only where the edition has that; `user_…` are of who asks."""

    approved: bool = False
    approvals_required: int = 0
    approvals_left: int = 0
    approved_by: tuple[Approver, ...] = ()
    user_has_approved: bool = False
    user_can_approve: bool | None = None


class Stats(Part, frozen=True):
    additions: int | None = None
    deletions: int | None = None


class PipelineOfCommit(Part, frozen=True):
    status: str = ""


class Commit(Part, frozen=True):
    id: str
    title: str = ""
    message: str = ""
    author_name: str = ""
    authored_date: AwareDatetime | None = None
    committed_date: AwareDatetime | None = None
    stats: Stats = Stats()
    last_pipeline: PipelineOfCommit | None = None


class Commits(RootModel[tuple[Commit, ...]], frozen=True):
    """Newest first."""


class RequestOfCommit(Part, frozen=True):
    iid: int
    title: str = ""


class RequestsOfCommit(RootModel[tuple[RequestOfCommit, ...]], frozen=True):
    """Merge requests that hold one commit."""


class ChangedFile(Part, frozen=True):
    new_path: str = ""


class Comparison(Part, frozen=True):
    """What one has that another has not, oldest commit first; cut where `compare_timeout`."""

    commits: tuple[Commit, ...]
    diffs: tuple[ChangedFile, ...] = ()
    compare_timeout: bool = False
    compare_same_ref: bool = False


class File(Part, frozen=True):
    """A file, its bytes in base64; `size` in bytes."""

    file_path: str
    size: int | None = None
    content: str = ""
    last_commit_id: str = ""


class Entry(Part, frozen=True):
    """A file (`blob`), folder (`tree`) or submodule (`commit`)."""

    name: str
    type: str = "blob"


class Entries(RootModel[tuple[Entry, ...]], frozen=True):
    """What stands in a folder."""


class AssetLink(Part, frozen=True):
    name: str = ""
    url: str = ""
    direct_asset_url: str = ""


class Assets(Part, frozen=True):
    count: int = 0
    links: tuple[AssetLink, ...] = ()


class Evidence(Part, frozen=True):
    sha: str = ""


class Release(Part, frozen=True):
    tag_name: str
    name: str = ""
    description: str = ""
    author: User = User()
    upcoming_release: bool = False
    released_at: AwareDatetime | None = None
    assets: Assets = Assets()
    milestones: tuple[Milestone, ...] = ()
    evidences: tuple[Evidence, ...] = ()


class ReleaseOfTag(Part, frozen=True):
    description: str = ""


class Tag(Part, frozen=True):
    name: str
    message: str = ""
    protected: bool = False
    commit: Commit = Commit(id="")
    release: ReleaseOfTag | None = None


class SnippetFile(Part, frozen=True):
    path: str = ""


class Snippet(Part, frozen=True):
    id: int
    title: str
    file_name: str = ""
    description: str = ""
    visibility: str = ""
    author: User = User()
    files: tuple[SnippetFile, ...] = ()
    created_at: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None


class Artifacts(Part, frozen=True):
    filename: str = ""
    size: int = 0


class PipelineOfJob(Part, frozen=True):
    id: int = 0


class Job(Part, frozen=True):
    """A job of a pipeline; `duration` in seconds."""

    id: int
    name: str
    status: str
    stage: str = ""
    ref: str = ""
    allow_failure: bool = False
    failure_reason: str = ""
    user: User = User()
    commit: Commit = Commit(id="")
    pipeline: PipelineOfJob = PipelineOfJob()
    artifacts_file: Artifacts | None = None
    duration: float | None = None
    created_at: AwareDatetime | None = None
    started_at: AwareDatetime | None = None
    finished_at: AwareDatetime | None = None


class Jobs(RootModel[tuple[Job, ...]], frozen=True):
    """Of one pipeline, newest first, retried ones left out."""


class Epic(Part, frozen=True):
    iid: int
    title: str
    state: str
    confidential: bool = True
    description: str = ""
    author: User = User()
    labels: tuple[Label | str, ...] = ()
    start_date: date | None = None
    due_date: date | None = None
    created_at: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None
    closed_at: AwareDatetime | None = None
