"""A Space with no latency of its own, and a site that answers after a while: one process.

`python -m benchmarks.load.space SITES` prints its port, and that of each of so many sites, as soon as they are open.
It judges nothing; the emulated Space of `unfurler.sandbox` does that. What happens to each link is timed here, by one
clock.
"""

from __future__ import annotations

import asyncio
import base64
import json
import sys
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA512

Json = Any
AUTHOR = {"className": "ProfileIdentifier.Id", "id": "2BgVYn24Jx6u"}


@dataclass
class Organization:
    """One installation: its queue, and when each of its links was posted and answered."""

    number: int
    endpoint: str
    etag: int = 0
    queue: list[Json] = field(default_factory=list)
    posted: dict[str, float] = field(default_factory=dict)
    shown: dict[str, list[float]] = field(default_factory=dict)
    domains: bool = False

    @property
    def id(self) -> str:
        return f"organization-{self.number}"

    def post(self, links: list[str]) -> list[str]:
        """Links in one message each."""
        ids = []
        for link in links:
            self.etag += 1
            item = f"{self.number}x{self.etag}"
            context = {
                "className": "ChatMessageUnfurlContext",
                "channel": "c1",
                "messageId": {"className": "ChatMessageIdentifier.InternalId", "id": f"m{item}"},
            }
            queued = {"id": item, "target": link, "authorUserId": AUTHOR, "context": context, "etag": self.etag}
            self.queue.append(queued)
            self.posted[item] = time.time()
            ids.append(item)
        return ids


class World:
    """Everything there is: organizations, the key they sign with, where Space stands."""

    def __init__(self) -> None:
        self.origin = ""
        self.key = generate_private_key(65537, 2_048)
        self.organizations: dict[str, Organization] = {}
        self.delay_s = 0.0
        self.asked = 0

    def of(self, headers: dict[str, str]) -> Organization:
        return self.organizations[headers["authorization"].removeprefix("Bearer ")]

    def letter(self, organization: Organization, name: str, **more: Json) -> bytes:
        """A whole request with one payload, signed as Space signs."""
        body = json.dumps({"className": name, "clientId": organization.id, **more}).encode()
        stamp = str(int(time.time() * 1_000))
        signature = base64.b64encode(self.key.sign(f"{stamp}:".encode() + body, PKCS1v15(), SHA512())).decode()
        place = urlsplit(organization.endpoint)
        head = (
            f"POST {place.path} HTTP/1.1\r\nHost: {place.netloc}\r\nContent-Type: application/json\r\n"
            f"X-Space-Timestamp: {stamp}\r\nX-Space-Public-Key-Signature: {signature}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    async def send(self, organization: Organization, name: str, **more: Json) -> int:
        """Send one payload; the status of the answer."""
        place = urlsplit(organization.endpoint)
        reader, writer = await asyncio.open_connection(place.hostname, place.port)
        writer.write(self.letter(organization, name, **more))
        answer = await reader.readline()
        writer.close()
        return int(answer.split()[1])

    async def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Json:
        """What Space, the site, or whoever measures is answered."""
        url = urlsplit(target)
        match url.path.removeprefix("/api/http/"):
            case "/oauth/token":
                client = base64.b64decode(headers["authorization"].removeprefix("Basic ")).decode().partition(":")[0]
                return {"access_token": client, "token_type": "Bearer", "expires_in": 600}
            case "applications/me/public-keys":
                numbers = self.key.public_key().public_numbers()
                return {"keys": [{"kty": "RSA", "n": _base64url(numbers.n), "e": _base64url(numbers.e)}]}
            case "applications/unfurls/queue":
                query = parse_qs(url.query)
                after = int(query.get("fromEtag", ["0"])[0])
                return self.of(headers).queue[after : after + int(query["batchSize"][0])]
            case "applications/unfurls/queue/content":
                now, organization = time.time(), self.of(headers)
                ids = [unfurl["queueItemId"] for unfurl in json.loads(body)["unfurls"]]
                for item in ids:
                    organization.shown.setdefault(item, []).append(now)
                return [{"className": "PostUnfurlContentResult.Success", "queueItemId": item} for item in ids]
            case "applications/unfurls/domains":
                self.of(headers).domains = True
                return None
            case "applications/me/authorizations/authorized-rights":
                return [{"rightCode": "Unfurl.App.ProvideAttachment", "status": "GRANTED"}]
            case path if path.startswith("/control/"):
                return await self.control(path.removeprefix("/control/"), json.loads(body))
            case path if "/repos/" in path:
                self.asked += 1
                if self.delay_s:
                    await asyncio.sleep(self.delay_s)
                return issue(int(path.rpartition("/")[2]))
        return None

    async def control(self, what: str, wish: Json) -> Json:
        """For whoever measures: `install`, `post` (links, then a notification), `letters`, `times`, `count`, `site`."""
        match what:
            case "install":
                organization = Organization(wish["number"], wish["endpoint"])
                self.organizations[organization.id] = organization
                return await self.send(
                    organization,
                    "InitPayload",
                    clientSecret="secret",
                    serverUrl=self.origin,
                    state="s",
                    userId=AUTHOR["id"],
                )
            case "post":
                organization = self.organizations[wish["organization"]]
                ids = organization.post(wish["links"])
                return {"ids": ids, "status": await self.send(organization, "NewUnfurlQueueItemsPayload")}
            case "letters":
                organization, name = self.organizations[wish["organization"]], "NewUnfurlQueueItemsPayload"
                return [self.letter(organization, name, n=number).hex() for number in range(wish["count"])]
            case "times":
                return {
                    organization.id: [
                        [organization.posted[item], organization.shown.get(item, [])] for item in organization.posted
                    ]
                    for organization in self.organizations.values()
                }
            case "count":
                organizations = self.organizations.values()
                return {
                    "ready": all(organization.domains for organization in organizations),
                    "posted": sum(len(organization.posted) for organization in organizations),
                    "shown": sum(len(organization.shown) for organization in organizations),
                    "asked": self.asked,
                }
            case "site":
                self.delay_s = wish["delay_s"]
        return None


def issue(number: int) -> Json:
    """An issue as GitHub's API describes it."""
    return {
        "number": number,
        "title": f"Crash on an empty queue, the {number}th",
        "state": "open",
        "body": "word " * 100,
        "html_url": f"https://github.com/o/r/issues/{number}",
        "user": {"login": "octocat"},
        "comments": 3,
        "created_at": "2026-11-01T10:00:00Z",
        "labels": [{"name": "bug", "color": "d73a4a"}],
        "assignees": [{"login": "hubot"}],
    }


def _base64url(number: int) -> str:
    return base64.urlsafe_b64encode(number.to_bytes((number.bit_length() + 7) // 8, "big")).decode().rstrip("=")


async def serve(sites: int) -> None:
    """Space with the control at one port, the site at as many others."""
    world = World()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                method, target, _ = line.decode().split()
                headers = {}
                while (header := await reader.readline()) not in (b"\r\n", b""):
                    name, _, value = header.decode().partition(":")
                    headers[name.lower()] = value.strip()
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                answer = json.dumps(await world.answer(method, target, headers, body)).encode()
                writer.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
                    % (len(answer), answer)
                )
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    servers = [await asyncio.start_server(talk, "127.0.0.1", 0) for _ in range(1 + sites)]
    ports = [server.sockets[0].getsockname()[1] for server in servers]
    world.origin = f"http://127.0.0.1:{ports[0]}"
    print(*ports, flush=True)
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
