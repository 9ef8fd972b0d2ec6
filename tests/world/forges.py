"""GitHub and GitLab as far as our providers ask them, on top of `System`: private repositories, issues, pulls.

Who may see a repository is decided by the token; without one that may, it is 404, as both do.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any

from tests.world.system import Asked, System, Told

HEAD = "6dcb09b5b57875f334f61aebed695e2e4193db5e"


@dataclass
class Repository:
    """`readers` see it, `writers` may change things; `None` as readers: everybody does."""

    name: str
    readers: list[str] | None
    writers: list[str] = field(default_factory=list)
    issues: dict[int, dict[str, Any]] = field(default_factory=dict)
    pulls: dict[int, dict[str, Any]] = field(default_factory=dict)

    def shows_itself_to(self, person: str | None) -> bool:
        return self.readers is None or person in self.readers or person in self.writers


class GitHub(System):
    """GitHub Enterprise: the web at `url`, the API under `/api/v3`, GraphQL under `/api/graphql`."""

    def __init__(self, **more: Any) -> None:
        super().__init__(authorize="/login/oauth/authorize", token="/login/oauth/access_token", revoke=None, **more)
        self.people: dict[str, int] = {}
        self.repositories: dict[str, Repository] = {}
        self.merges: list[str] = []
        self.lose_answers = 0
        api = "/api/v3"
        at = f"{api}/repos/<owner>/<repo>"
        self.route("GET", f"{api}/user", self._user)
        self.route("GET", f"{at}/issues/<number>", self._issue)
        self.route("PATCH", f"{at}/issues/<number>", self._change_issue)
        self.route("POST", f"{at}/issues/<number>/comments", self._comment)
        self.route("GET", f"{at}/issues/<number>/comments", self._comments)
        self.route("GET", f"{at}/pulls/<number>", self._pull)
        self.route("GET", f"{at}/pulls/<number>/reviews", lambda asked: self._seen(asked) or Told(200, []))
        self.route("PUT", f"{at}/pulls/<number>/merge", self._merge)
        self.route("DELETE", f"{api}/applications/<client_id>/token", self._forget_token)
        # Operation → what it answers, for those that a test calls.
        self.operations: dict[str, Any] = {}
        self.route("POST", "/api/graphql", lambda asked: self._graphql(asked))

    def repository(
        self, name: str, *, readers: list[str] | None = None, writers: list[str] | None = None
    ) -> Repository:
        made = Repository(name, readers, writers or [])
        for person in (*(readers or []), *made.writers):
            self.people.setdefault(person, len(self.people) + 1)
        self.repositories[name] = made
        return made

    def issue(self, repository: Repository, number: int, title: str, **more: Any) -> str:
        """An open issue; its address."""
        repository.issues[number] = {
            "number": number, "title": title, "state": "open", "state_reason": None, "user": {"login": "author"},
            "labels": [], "assignees": [], "comments": 0, "created_at": "2026-01-02T03:04:05Z",
            "updated_at": "2026-01-03T03:04:05Z", "closed_at": None, "body": "", "said": [],
        } | more  # fmt: skip
        return f"{self.url}/{repository.name}/issues/{number}"

    def pull(self, repository: Repository, number: int, title: str, **more: Any) -> str:
        """An open pull request that can be merged; its address."""
        repository.pulls[number] = {
            "number": number, "title": title, "state": "open", "draft": False, "body": "", "node_id": f"PR_{number}",
            "user": {"login": "author"}, "labels": [], "assignees": [], "requested_reviewers": [],
            "requested_teams": [], "merged": False, "mergeable": True, "mergeable_state": "clean", "auto_merge": None,
            "base": {"ref": "main", "repo": {"full_name": repository.name, "private": repository.readers is not None,
                     "allow_squash_merge": True, "allow_merge_commit": False, "allow_rebase_merge": False}},
            "head": {"ref": "topic", "sha": HEAD}, "created_at": "2026-01-02T03:04:05Z",
            "updated_at": "2026-01-03T03:04:05Z",
        } | more  # fmt: skip
        return f"{self.url}/{repository.name}/pull/{number}"

    def _forget_token(self, asked: Asked) -> Any:
        client = asked.arguments["client_id"]
        pair = f"{client}:{self.clients.get(client, ('',))[0]}".encode()
        if asked.headers.get("authorization") != f"Basic {base64.b64encode(pair).decode()}":
            return Told(401, {"message": "Bad credentials"})
        grant = self.tokens.get(asked.json["access_token"])
        if grant is None or grant.client != client:
            return Told(422, {"message": "Validation Failed"})
        grant.revoked = True
        return Told(204, b"")

    def _graphql(self, asked: Asked) -> Any:
        name = asked.json["query"].split()[1].partition("(")[0]
        if asked.person is None or name not in self.operations:
            return Told(401, {"message": "Requires authentication"})
        said = self.operations[name]
        return {"data": said(asked) if callable(said) else said}

    def _user(self, asked: Asked) -> Any:
        if asked.person is None:
            return Told(401, {"message": "Requires authentication"})
        return {"login": asked.person, "id": self.people.setdefault(asked.person, len(self.people) + 1)}

    def _repository(self, asked: Asked) -> Repository | None:
        found = self.repositories.get(f"{asked.arguments['owner']}/{asked.arguments['repo']}")
        if found is None or not found.shows_itself_to(asked.person):
            return None
        # GitHub's one scope for private repositories.
        return found if found.readers is None or "repo" in asked.scopes else None

    def _seen(self, asked: Asked) -> Told | None:
        return None if self._repository(asked) else Told(404, {"message": "Not Found"})

    def _thing(self, asked: Asked, kind: str, *, writes: bool = False) -> dict[str, Any] | Told:
        repository = self._repository(asked)
        thing = None if repository is None else getattr(repository, kind).get(int(asked.arguments["number"]))
        if repository is None or thing is None:
            return Told(404, {"message": "Not Found"})
        if writes and asked.person not in repository.writers:
            return Told(403, {"message": "Must have push access"})
        found: dict[str, Any] = thing
        return found

    def _issue(self, asked: Asked) -> Any:
        return self._thing(asked, "issues")

    def _change_issue(self, asked: Asked) -> Any:
        found = self._thing(asked, "issues", writes=True)
        return found if isinstance(found, Told) else (found.update(asked.json) or found)

    def _comment(self, asked: Asked) -> Any:
        found = self._thing(asked, "issues")
        if isinstance(found, Told):
            return found
        found["said"].append({"body": asked.json["body"], "user": {"login": asked.person}})
        return Told(201, found["said"][-1])

    def _comments(self, asked: Asked) -> Any:
        found = self._thing(asked, "issues")
        return found if isinstance(found, Told) else found["said"]

    def _pull(self, asked: Asked) -> Any:
        return self._thing(asked, "pulls")

    def _merge(self, asked: Asked) -> Any:
        found = self._thing(asked, "pulls", writes=True)
        if isinstance(found, Told):
            return found
        if found["merged"]:
            return Told(405, {"message": "Pull Request is not mergeable"})
        found |= {"merged": True, "state": "closed", "merged_at": "2026-01-04T00:00:00Z"}
        self.merges.append(str(asked.person))
        if self.lose_answers:
            self.lose_answers -= 1
            return Told(502, {"message": "lost"})
        return {"merged": True, "sha": HEAD}


class GitLab(System):
    """A self-managed GitLab: the web at `url`, the API under `/api/v4`; reading and writing are two scopes."""

    def __init__(self, *, life_s: float | None = 7_200.0, **more: Any) -> None:
        super().__init__(life_s=life_s, **more)
        self.people: dict[str, int] = {}
        self.projects: dict[str, Repository] = {}
        api = "/api/v4"
        self.route("GET", f"{api}/user", self._user)
        self.route("GET", f"{api}/projects/<project>/issues/<number>", self._issue)
        self.route("PUT", f"{api}/projects/<project>/issues/<number>", self._change)

    def project(self, name: str, *, readers: list[str] | None = None, writers: list[str] | None = None) -> Repository:
        made = Repository(name, readers, writers or [])
        for person in (*(readers or []), *made.writers):
            self.people.setdefault(person, len(self.people) + 1)
        self.projects[name.replace("/", "%2F")] = made
        return made

    def issue(self, project: Repository, number: int, title: str, **more: Any) -> str:
        """An open issue; its address."""
        project.issues[number] = {
            "id": number, "iid": number, "title": title, "state": "opened", "description": "", "labels": [],
            "author": {"id": 99, "username": "author", "name": "Author"}, "assignees": [], "confidential": False,
            "created_at": "2026-01-02T03:04:05Z", "updated_at": "2026-01-03T03:04:05Z", "user_notes_count": 0,
            "web_url": f"{self.url}/{project.name}/-/issues/{number}",
        } | more  # fmt: skip
        return f"{self.url}/{project.name}/-/issues/{number}"

    def _user(self, asked: Asked) -> Any:
        if asked.person is None:
            return Told(401, {"message": "401 Unauthorized"})
        return {
            "id": self.people.setdefault(asked.person, len(self.people) + 1),
            "username": asked.person,
            "name": asked.person,
        }

    def _thing(self, asked: Asked) -> dict[str, Any] | Told:
        project = self.projects.get(asked.arguments["project"])
        may_read = project is not None and project.shows_itself_to(asked.person)
        if project is not None and project.readers is not None:
            may_read = may_read and bool(asked.scopes & {"read_api", "api"})
        found = project.issues.get(int(asked.arguments["number"])) if project is not None and may_read else None
        return found if found is not None else Told(404, {"message": "404 Project Not Found"})

    def _issue(self, asked: Asked) -> Any:
        return self._thing(asked)

    def _change(self, asked: Asked) -> Any:
        found = self._thing(asked)
        if isinstance(found, Told):
            return found
        if "api" not in asked.scopes:
            return Told(403, {"error": "insufficient_scope"})
        if asked.person not in self.projects[asked.arguments["project"]].writers:
            return Told(403, {"message": "403 Forbidden"})
        event = asked.json.get("state_event")
        if event:
            found["state"] = "closed" if event == "close" else "opened"
        return found
