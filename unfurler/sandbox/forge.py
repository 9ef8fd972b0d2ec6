"""What an emulated GitHub Enterprise remembers: the recorded repository, who signed in, and what they changed.

Its one OAuth application has a public secret: there is nothing here to protect.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any

from .contract import JsonObject
from .ids import new_secret
from .recorded import RecordedGitHub

CLIENT_ID = "unfurler-demo"
CLIENT_SECRET = "not-a-secret-of-anything"
CODE_LIFE_S = 600.0
HOME = "/forge"
NOT_EMULATED = "The emulated GitHub does not let anybody do this"
ISSUE = "octokit-fixture-org/hello-world/issues/1"
PRIVATE_ISSUE = "octokit-fixture-org/surprises/issues/1"


def forge_url(server_url: str) -> str:
    """Where the forge of a sandbox is: under another name than its Space, as two systems have, where there are two."""
    return server_url.replace("//127.0.0.1", "//localhost") + HOME


@dataclass(frozen=True, slots=True)
class Agreement:
    """What somebody agreed to: what a code or a token stands for."""

    login: str
    scope: str
    redirect_uri: str = ""
    challenge: str | None = None
    expires_at: float = float("inf")


@dataclass(slots=True)
class Forge:
    """Hold `lock` while changing what it tells. Times are of the real clock: Space's may be moved."""

    replies: RecordedGitHub = field(default_factory=lambda: RecordedGitHub.load("forge"))
    lock: threading.RLock = field(default_factory=threading.RLock)
    codes: dict[str, Agreement] = field(default_factory=dict)
    tokens: dict[str, Agreement] = field(default_factory=dict)
    accounts: dict[str, int] = field(default_factory=dict)
    subscribed: set[tuple[str, str]] = field(default_factory=set)

    def issue_code(self, agreement: Agreement) -> str:
        """Good for one use."""
        with self.lock:
            code = new_secret()[:20]
            self.codes[code] = agreement
            return code

    def take_code(self, code: str) -> Agreement | None:
        with self.lock:
            found = self.codes.pop(code, None)
        return found if found is not None and time.time() < found.expires_at else None

    def issue_token(self, agreement: Agreement) -> str:
        """Without an end, as an OAuth application's are."""
        token = "gho_" + new_secret()[:36]
        with self.lock:
            self.tokens[token] = agreement
        return token

    def revoke(self, token: str) -> bool:
        with self.lock:
            return self.tokens.pop(token, None) is not None

    def account(self, login: str) -> JsonObject:
        """A person as the API shows them."""
        with self.lock:
            number = self.accounts.setdefault(login, 2001 + len(self.accounts))
        return {"login": login, "id": number, "type": "User", "html_url": f"https://github.com/{login}"}

    def sees(self, agreement: Agreement | None, path: str) -> bool:
        """Whether a reply may be shown; what is private belongs to everybody who signed in with the scope `repo`."""
        repository: Any = self.replies.find("/".join(path.strip("/").split("/")[:3]))
        is_private = isinstance(repository, dict) and bool(repository.get("private"))
        return not is_private or (agreement is not None and "repo" in agreement.scope.split())

    def reset(self) -> None:
        with self.lock:
            self.replies.reset()
            self.codes.clear()
            self.tokens.clear()
            self.subscribed.clear()
