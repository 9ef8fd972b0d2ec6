"""GitHub's replies, as far as a card needs them.

Source: GitHub's OpenAPI description, https://github.com/github/rest-api-description (API version 2022-11-28)
"""

from __future__ import annotations

from pydantic import (
    AwareDatetime,
    Field,
    RootModel,
)

from unfurler.sdk import Part


class Account(Part, frozen=True):
    """The account that a token belongs to."""

    id: int
    login: str


class User(Part, frozen=True):
    login: str = "ghost"  # as GitHub itself calls an account that was deleted


class Label(Part, frozen=True):
    name: str = ""


class Milestone(Part, frozen=True):
    title: str = ""


class Team(Part, frozen=True):
    name: str = ""


class Licence(Part, frozen=True):
    name: str = ""


class Repository(Part, frozen=True):
    full_name: str
    description: str = ""
    private: bool = True
    visibility: str = ""
    archived: bool = False
    language: str = ""
    default_branch: str = ""
    homepage: str = ""
    topics: tuple[str, ...] = ()
    stargazers_count: int = 0
    forks_count: int = 0
    open_issues_count: int = 0
    license: Licence = Licence()
    pushed_at: AwareDatetime | None = None
    # Told to those who may push, and to nobody else.
    allow_squash_merge: bool | None = None
    allow_merge_commit: bool | None = None
    allow_rebase_merge: bool | None = None
    allow_auto_merge: bool | None = None


class Reactions(Part, frozen=True):
    plus_one: int = Field(0, alias="+1")


class PullOfIssue(Part, frozen=True):
    merged_at: AwareDatetime | None = None


class Issue(Part, frozen=True):
    """An issue; `pull_request` says that it is a pull request, which GitHub answers under the same path."""

    number: int
    title: str
    state: str
    state_reason: str = ""
    draft: bool = False
    body: str = ""
    user: User = User()
    labels: tuple[Label | str, ...] = ()
    assignees: tuple[User, ...] = ()
    milestone: Milestone = Milestone()
    comments: int = 0
    reactions: Reactions = Reactions()
    created_at: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None
    closed_at: AwareDatetime | None = None
    pull_request: PullOfIssue | None = None


class Minimized(Part, frozen=True):
    reason: str = ""


class Comment(Part, frozen=True):
    """A comment of a thread, or of a review; only one of the two addresses is given."""

    body: str
    user: User = User()
    created_at: AwareDatetime | None = None
    minimized: Minimized | None = None
    issue_url: str = ""
    pull_request_url: str = ""


class Comments(RootModel[tuple[Comment, ...]], frozen=True):
    """Of one thread, oldest first."""


class Branch(Part, frozen=True):
    ref: str = ""
    label: str = ""
    sha: str = ""
    repo: Repository | None = None


class Pull(Part, frozen=True):
    number: int
    title: str
    state: str
    node_id: str = ""
    draft: bool = False
    body: str = ""
    user: User = User()
    base: Branch = Branch()
    head: Branch = Branch()
    labels: tuple[Label, ...] = ()
    assignees: tuple[User, ...] = ()
    requested_reviewers: tuple[User, ...] = ()
    requested_teams: tuple[Team, ...] = ()
    milestone: Milestone = Milestone()
    additions: int | None = None
    deletions: int | None = None
    changed_files: int | None = None
    comments: int = 0
    review_comments: int = 0
    mergeable: bool | None = None
    mergeable_state: str = ""
    merged: bool = False
    merged_by: User = User()
    merged_at: AwareDatetime | None = None
    closed_at: AwareDatetime | None = None
    created_at: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None
    auto_merge: dict[str, object] | None = None


class Review(Part, frozen=True):
    state: str
    user: User = User()
    commit_id: str = ""
    author_association: str = ""


class Reviews(RootModel[tuple[Review, ...]], frozen=True):
    """Oldest first."""


class CheckRun(Part, frozen=True):
    name: str = "a check"
    status: str = ""
    conclusion: str = ""


class CheckRuns(Part, frozen=True):
    total_count: int = 0
    check_runs: tuple[CheckRun, ...] = ()


class StatusContext(Part, frozen=True):
    context: str = "a check"
    state: str = ""


class CombinedStatus(Part, frozen=True):
    total_count: int = 0
    statuses: tuple[StatusContext, ...] = ()


class Signature(Part, frozen=True):
    name: str = ""
    date: AwareDatetime | None = None


class Verification(Part, frozen=True):
    verified: bool = False


class GitCommit(Part, frozen=True):
    message: str = ""
    author: Signature = Signature()
    committer: Signature = Signature()
    verification: Verification = Verification()


class Stats(Part, frozen=True):
    additions: int | None = None
    deletions: int | None = None


class ChangedFile(Part, frozen=True):
    filename: str = ""
    additions: int = 0
    deletions: int = 0


class Commit(Part, frozen=True):
    """A commit; `files` holds at most 300, `author` is nobody where the e-mail belongs to no account."""

    sha: str
    commit: GitCommit = GitCommit()
    author: User = User(login="")
    stats: Stats = Stats()
    files: tuple[ChangedFile, ...] | None = None


class Commits(RootModel[tuple[Commit, ...]], frozen=True):
    """Newest first."""


class PullOfCommit(Part, frozen=True):
    number: int
    title: str = ""


class Comparison(Part, frozen=True):
    """What `head` has that `base` has not; the first 250 commits, oldest first, the first 300 files."""

    status: str
    ahead_by: int = 0
    behind_by: int = 0
    total_commits: int = 0
    commits: tuple[Commit, ...] = ()
    files: tuple[ChangedFile, ...] = ()


class PullsOfCommit(RootModel[tuple[PullOfCommit, ...]], frozen=True):
    """Pull requests that hold one commit."""


class Entry(Part, frozen=True):
    """A file or folder; `size` in bytes."""

    name: str
    type: str = "file"
    size: int | None = None


class Contents(RootModel[tuple[Entry, ...] | Entry], frozen=True):
    """What stands at a path: the entries of a folder, or one file, link or submodule."""


class Asset(Part, frozen=True):
    """A file of a release; `size` in bytes."""

    name: str = ""
    size: int = 0
    download_count: int = 0
    browser_download_url: str = ""
    state: str = "uploaded"


class Release(Part, frozen=True):
    tag_name: str
    name: str = ""
    body: str = ""
    draft: bool = False
    prerelease: bool = False
    author: User = User()
    published_at: AwareDatetime | None = None
    created_at: AwareDatetime | None = None
    assets: tuple[Asset, ...] = ()


class Step(Part, frozen=True):
    name: str = ""
    conclusion: str = ""


class Job(Part, frozen=True):
    id: int
    name: str = "a job"
    status: str = ""
    conclusion: str = ""
    started_at: AwareDatetime | None = None
    completed_at: AwareDatetime | None = None
    steps: tuple[Step, ...] = ()


class Jobs(Part, frozen=True):
    total_count: int = 0
    jobs: tuple[Job, ...] = ()


class Run(Part, frozen=True):
    """A run of a workflow; `conclusion` is empty until `status` is `completed`."""

    id: int
    status: str
    conclusion: str = ""
    name: str = ""
    display_title: str = ""
    run_number: int = 0
    run_attempt: int = 1
    event: str = ""
    head_branch: str = ""
    head_sha: str = ""
    actor: User = User()
    created_at: AwareDatetime | None = None
    run_started_at: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None
    repository: Repository | None = None


class Environment(Part, frozen=True):
    id: int = 0
    name: str = "an environment"


class Deployment(Part, frozen=True):
    """A deployment that waits for a review."""

    environment: Environment = Environment()
    current_user_can_approve: bool = False


class Deployments(RootModel[tuple[Deployment, ...]], frozen=True):
    """Of one run."""


class Profile(Part, frozen=True):
    """A person or an organization."""

    login: str
    name: str = ""
    type: str = "User"
    bio: str = ""
    company: str = ""
    location: str = ""
    blog: str = ""
    public_repos: int = 0
    followers: int = 0
    created_at: AwareDatetime | None = None


class WholeMilestone(Part, frozen=True):
    """A milestone in full."""

    number: int
    title: str
    state: str = ""
    description: str = ""
    open_issues: int = 0
    closed_issues: int = 0
    due_on: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None
    closed_at: AwareDatetime | None = None
