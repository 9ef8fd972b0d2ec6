"""What GitLab answers in these tests, and the cards that are made of it."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

from providers.gitlab import gitlab
from tests.providers.kit import card_of
from unfurler.sdk import Card

FOLDER = Path(__file__).parent / "gitlab"
SHA = "6104942438c14ec7bd21c6cd5bd995272b3faff6"
SITE = "https://gitlab.com"
PROJECT = f"{SITE}/group/sub/project"
AT = {"project": "group/sub/project"}
API = "/projects/group%2Fsub%2Fproject"
ADA, BEN = {"id": 1, "username": "ada", "name": "Ada"}, {"id": 2, "username": "ben", "name": "Ben"}
ISSUE: dict[str, Any] = {
    "id": 76,
    "iid": 7,
    "project_id": 4,
    "title": "Crash on start",
    "description": "It crashes.\n\n<!-- template -->",
    "state": "opened",
    "confidential": False,
    "issue_type": "issue",
    "author": ADA,
    "assignees": [BEN],
    "labels": ["bug", "ui"],
    "milestone": {"title": "2.0"},
    "epic": {"iid": 5, "title": "Stability"},
    "weight": 3,
    "due_date": "2026-02-03",
    "user_notes_count": 2,
    "merge_requests_count": 1,
    "upvotes": 4,
    "subscribed": False,
    "created_at": "2026-01-02T03:04:05.678Z",
    "updated_at": "2026-01-03T03:04:05.678Z",
    "closed_at": None,
}
NOTE: dict[str, Any] = {
    "id": 1,
    "body": "Me too.",
    "author": BEN,
    "system": False,
    "internal": False,
    "created_at": "2026-01-02T04:00:00.000Z",
}
PIPELINE: dict[str, Any] = {
    "id": 46,
    "iid": 11,
    "project_id": 4,
    "name": "Build",
    "status": "success",
    "source": "push",
    "ref": "main",
    "sha": SHA,
    "user": ADA,
    "coverage": "98.5",
    "duration": 123.4,
    "created_at": "2026-01-02T03:00:00.000Z",
    "started_at": "2026-01-02T03:00:10.000Z",
    "finished_at": "2026-01-02T03:02:13.000Z",
}
REQUEST: dict[str, Any] = {
    "id": 77,
    "iid": 8,
    "title": "Start without a crash",
    "description": "Closes #7",
    "state": "opened",
    "draft": False,
    "author": ADA,
    "source_branch": "no-crash",
    "target_branch": "main",
    "source_project_id": 4,
    "target_project_id": 4,
    "sha": SHA,
    "labels": [{"name": "bug"}],
    "assignees": [],
    "reviewers": [BEN],
    "milestone": None,
    "changes_count": "2",
    "user_notes_count": 1,
    "has_conflicts": False,
    "blocking_discussions_resolved": True,
    "detailed_merge_status": "mergeable",
    "merge_when_pipeline_succeeds": False,
    "head_pipeline": PIPELINE,
    "merge_user": None,
    "subscribed": False,
    "user": {"can_merge": True},
    "merged_at": None,
    "closed_at": None,
    "created_at": "2026-01-02T03:04:05.678Z",
    "updated_at": "2026-01-03T03:04:05.678Z",
}
APPROVALS: dict[str, Any] = {
    "approved": False,
    "approvals_required": 2,
    "approvals_left": 1,
    "approved_by": [{"user": BEN}],
    "user_has_approved": False,
    "user_can_approve": True,
}
COMMIT: dict[str, Any] = {
    "id": SHA,
    "title": "Start without a crash",
    "message": "Start without a crash\n\nIt was the clock.",
    "author_name": "Ada",
    "authored_date": "2026-01-02T03:04:05.000+01:00",
    "committed_date": "2026-01-02T03:04:05.000+01:00",
    "stats": {"additions": 12, "deletions": 3, "total": 15},
    "last_pipeline": {"id": 46, "status": "failed"},
}
CONTENT = "".join(f"line {number}\n" for number in range(1, 41)).encode()
FILE: dict[str, Any] = {
    "file_name": "app.py",
    "file_path": "src/app.py",
    "size": len(CONTENT),
    "encoding": "base64",
    "content": base64.b64encode(CONTENT).decode(),
    "ref": "main",
    "last_commit_id": SHA,
}
JOB: dict[str, Any] = {
    "id": 9,
    "name": "unit",
    "stage": "test",
    "status": "failed",
    "ref": "main",
    "allow_failure": False,
    "failure_reason": "script_failure",
    "user": ADA,
    "commit": {"id": SHA, "title": "Start without a crash"},
    "pipeline": {"id": 46},
    "artifacts_file": {"filename": "artifacts.zip", "size": 1_234},
    "duration": 42.1,
    "created_at": "2026-01-02T03:00:00.000Z",
    "started_at": "2026-01-02T03:00:10.000Z",
    "finished_at": "2026-01-02T03:00:52.000Z",
}
JOBS = [
    {**JOB, "id": 11, "name": "ship", "stage": "deploy", "status": "manual"},
    JOB,
    {**JOB, "id": 8, "name": "compile", "stage": "build", "status": "success"},
]
LOG = (
    b"\x1b[0KRunning with runner\x1b[0;m\n"
    b"section_start:1700000000:step_script\r\x1b[0K\x1b[0K\x1b[36;1mExecuting\x1b[0;m\n"
    b"10 %\r100 %\r\n\x1b[31;1mERROR: Job failed: exit code 1\x1b[0;m\n\n"
)
PROJECT_REPLY: dict[str, Any] = {
    "id": 4,
    "path_with_namespace": "group/sub/project",
    "description": "Starts things.",
    "visibility": "public",
    "archived": False,
    "default_branch": "main",
    "topics": ["python", "start"],
    "star_count": 1_204,
    "forks_count": 1,
    "open_issues_count": 3,
    "license": {"name": "MIT License"},
    "last_activity_at": "2026-01-03T03:04:05.678Z",
}
RELEASE: dict[str, Any] = {
    "tag_name": "v1.0",
    "name": "The first",
    "description": "## Notes\n\nIt starts.",
    "author": ADA,
    "upcoming_release": False,
    "released_at": "2026-01-03T03:04:05.678Z",
    "assets": {
        "count": 3,
        "links": [
            {"name": "app.zip", "url": "https://elsewhere.example/app.zip", "direct_asset_url": f"{PROJECT}/-/app.zip"},
            {"name": "evil.zip", "url": "https://gitlab.com.evil.example/x"},
        ],
    },
    "milestones": [{"title": "1.0"}],
    "evidences": [{"sha": "760d6cdfb0879c3ffedec13af470e0f71cf52c6cde4d"}],
}
SNIPPET: dict[str, Any] = {
    "id": 3,
    "title": "How to start",
    "file_name": "start.py",
    "description": "Like this",
    "visibility": "public",
    "author": ADA,
    "files": [{"path": "start.py"}, {"path": "stop.py"}],
    "created_at": "2026-01-02T03:04:05.678Z",
    "updated_at": "2026-01-03T03:04:05.678Z",
}
EPIC: dict[str, Any] = {
    "iid": 5,
    "title": "Stability",
    "state": "opened",
    "confidential": False,
    "description": "Nothing crashes.",
    "author": ADA,
    "labels": ["goal"],
    "start_date": "2026-01-01",
    "due_date": "2026-06-30",
    "created_at": "2026-01-02T03:04:05.678Z",
    "updated_at": "2026-01-03T03:04:05.678Z",
}
IN_REPOSITORY = f"{API}/repository"
REPLIES: dict[str, Any] = {
    API: PROJECT_REPLY,
    "/projects/group%2Fproject": PROJECT_REPLY,
    f"{API}/issues/7": ISSUE,
    f"{API}/issues/7/notes/1": NOTE,
    f"{API}/merge_requests/8": REQUEST,
    f"{API}/merge_requests/8/approvals": APPROVALS,
    f"{API}/merge_requests/8/notes/2": NOTE,
    f"{IN_REPOSITORY}/commits/{SHA}": COMMIT,
    f"{IN_REPOSITORY}/commits/{SHA}/merge_requests": [{"iid": 8, "title": "Start without a crash"}],
    f"{IN_REPOSITORY}/commits": [COMMIT],
    f"{IN_REPOSITORY}/files/src%2Fapp.py": FILE,
    f"{IN_REPOSITORY}/tree": [{"name": "a.py", "type": "blob"}, {"name": "src", "type": "tree"}],
    f"{IN_REPOSITORY}/tags/pkg%2Fv1.0": {"name": "pkg/v1.0", "message": "", "protected": True, "commit": COMMIT},
    f"{IN_REPOSITORY}/compare": {"commits": [COMMIT], "diffs": [{"new_path": "a"}], "compare_timeout": False},
    f"{API}/releases/v1.0": RELEASE,
    f"{API}/pipelines/46": PIPELINE,
    f"{API}/pipelines/46/jobs": JOBS,
    f"{API}/jobs/9": JOB,
    f"{API}/jobs/9/trace": LOG,
    f"{API}/snippets/3": SNIPPET,
    f"{API}/snippets/3/raw": CONTENT,
    "/snippets/3": SNIPPET,
    "/snippets/3/raw": CONTENT,
    "/groups/group%2Fsub/epics/5": EPIC,
    "/groups/group/epics/5": EPIC,
}


def card(path: str, **replies: Any) -> Card:
    """The card of a page of the project; `replies` by what they are of."""
    return card_of(gitlab, f"{PROJECT}{path}", {**REPLIES, **{AT_OF[name]: value for name, value in replies.items()}})


AT_OF = {
    "project": API,
    "issue": f"{API}/issues/7",
    "note": f"{API}/issues/7/notes/1",
    "request": f"{API}/merge_requests/8",
    "approvals": f"{API}/merge_requests/8/approvals",
    "commit": f"{IN_REPOSITORY}/commits/{SHA}",
    "file": f"{IN_REPOSITORY}/files/src%2Fapp.py",
    "tree": f"{IN_REPOSITORY}/tree",
    "release": f"{API}/releases/v1.0",
    "pipeline": f"{API}/pipelines/46",
    "jobs": f"{API}/pipelines/46/jobs",
    "job": f"{API}/jobs/9",
    "trace": f"{API}/jobs/9/trace",
    "snippet": f"{API}/snippets/3",
}


def words(card: Card) -> list[str]:
    return [fact.text for fact in card.facts]


def values(card: Card) -> dict[str, str]:
    return {field.name: field.value for field in card.fields}


def labels(card: Card) -> list[str]:
    return [button.text for button in card.buttons]
