"""GitHub's REST API for one small repository, from recorded replies, for where there is no network."""

from __future__ import annotations

import base64
import copy
import hashlib
import json
import threading
from dataclasses import dataclass, field
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from .contract import JsonObject
from .refusal import missing

DOCUMENTATION = "https://docs.github.com/rest"
RAW_TYPES = ("application/vnd.github.raw", "application/vnd.github.v3.raw")
SHA_TYPES = ("application/vnd.github.sha", "application/vnd.github.v3.sha")
SHORTEST_SHA = 4


@dataclass(frozen=True, slots=True)
class Reply:
    """What a recorded address answers: a status, bytes, and their media type."""

    status: int
    body: bytes
    content_type: str = "application/json; charset=utf-8"

    @property
    def etag(self) -> str:
        """Weak, as GitHub's are; it follows the bytes."""
        return f'W/"{hashlib.sha256(self.body).hexdigest()}"'


@dataclass(slots=True)
class RecordedGitHub:
    """Replies by API path without its leading slash, such as `repos/o/r/issues/1`."""

    recorded: JsonObject
    _patched: JsonObject = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def load(cls, *more: str) -> RecordedGitHub:
        """From the folder `recorded/github`, where a file's place is its address, and from `more` folders beside it."""
        replies: JsonObject = {}
        for system in ("github", *more):
            replies |= read_replies(system)
        return cls(replies)

    def answer(self, path: str, accept: str = "") -> Reply:
        """In GitHub's form, 404 included; a file raw and a commit as its bare SHA where `accept` asks for that."""
        found = self._value(self._resolve(path))
        if found is None:
            return error_reply(404, "Not Found")
        if accept.startswith(RAW_TYPES) and isinstance(found, dict) and found.get("encoding") == "base64":
            return Reply(200, base64.b64decode(found["content"]), "application/vnd.github.raw+json; charset=utf-8")
        if accept.startswith(SHA_TYPES) and isinstance(found, dict) and "sha" in found:
            return Reply(200, str(found["sha"]).encode(), "application/vnd.github.sha; charset=utf-8")
        return Reply(200, json.dumps(found, separators=(",", ":"), ensure_ascii=False).encode())

    def find(self, path: str) -> Any:
        """What is told of an address now, as a copy; None where that is nothing."""
        return copy.deepcopy(self._value(self._resolve(path)))

    def put(self, path: str, value: Any) -> None:
        """Told from now on; the address may be a new one."""
        with self._lock:
            self._patched[self._resolve(path)] = value

    def patch(self, path: str, patch: JsonObject) -> JsonObject:
        """Merges into a reply and gives the new one. Raises Refusal for an address nobody recorded."""
        address = self._resolve(path.removeprefix("/"))
        with self._lock:
            if address not in self.recorded:
                raise missing(f"Nothing is recorded for {path}")
            before = self._patched.get(address, self.recorded[address])
            self._patched[address] = merged(copy.deepcopy(before), patch)
            after: JsonObject = self._patched[address]
        return after

    def listing(self) -> JsonObject:
        """`{paths, links}`: the addresses, and web addresses of what they show, issues and pull requests first."""
        return {"paths": sorted(self.recorded), "links": sorted(set(self._links()), key=by_interest)}

    def reset(self) -> None:
        with self._lock:
            self._patched.clear()

    def _links(self) -> list[str]:
        replies = [self._value(path) for path in self.recorded]
        return [reply["html_url"] for reply in replies if isinstance(reply, dict) and "html_url" in reply]

    def _value(self, address: str) -> Any:
        with self._lock:
            return self._patched.get(address, self.recorded.get(address))

    def _resolve(self, path: str) -> str:
        """The recorded address; letters of owner and repository in any case, a commit by branch, tag or short SHA."""
        parts = path.strip("/").split("/")
        by_lower = {"/".join(known.split("/")[:3]).lower(): known.split("/")[:3] for known in self.recorded}
        parts[:3] = by_lower.get("/".join(parts[:3]).lower(), parts[:3])
        if len(parts) >= 5 and parts[3] == "commits":
            tail = [part for part in parts[-1:] if part in ("status", "check-runs")]
            ref = "/".join(parts[4 : len(parts) - len(tail)])
            parts[4:] = [self._commit(parts[:3], ref), *tail]
        return "/".join(parts)

    def _commit(self, repository: list[str], ref: str) -> str:
        for kind in ("heads", "tags"):
            found = self._value("/".join([*repository, "git", "ref", kind, ref]))
            if found is not None:
                return str(found["object"]["sha"])
        start = "/".join([*repository, "commits", ref])
        fits = [known.split("/")[4] for known in self.recorded if known.startswith(start)]
        return fits[0] if fits and len(ref) >= SHORTEST_SHA else ref


def by_interest(link: str) -> tuple[int, str]:
    kinds = ("/issues/", "/pull/", "/releases/", "/blob/", "/commit/")
    return next((at for at, kind in enumerate(kinds) if kind in link), len(kinds)), link


def read_replies(system: str) -> JsonObject:
    """The replies of a system by address, from its folder in `recorded`."""
    return dict(read_tree(resources.files(__package__).joinpath("recorded", system), ""))


def read_text(folder: str, name: str) -> str | None:
    """A file of a folder in `recorded`, None where there is none of that very name."""
    found = [each for each in resources.files(__package__).joinpath("recorded", folder).iterdir() if each.name == name]
    return found[0].read_text(encoding="utf-8") if found else None


def read_tree(folder: Traversable, prefix: str) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for entry in folder.iterdir():
        if entry.is_dir():
            found += read_tree(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith(".json"):
            reply = json.loads(entry.read_text(encoding="utf-8"))
            found.append((prefix + entry.name.removesuffix(".json"), reply))
    return found


def merged(target: Any, patch: Any) -> Any:
    """Objects are merged, everything else replaces, null too: GitHub's replies have `"closed_at": null`."""
    if not isinstance(patch, dict):
        return patch
    result = target if isinstance(target, dict) else {}
    for name, value in patch.items():
        result[name] = merged(result.get(name), value)
    return result


def error_reply(status: int, message: str) -> Reply:
    body = {"message": message, "documentation_url": DOCUMENTATION, "status": str(status)}
    return Reply(status, json.dumps(body).encode())
