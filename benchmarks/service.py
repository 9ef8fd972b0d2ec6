"""The service under load on loopback: how fast the door answers, how soon a card is there, how much memory it takes.

Each figure is measured over at least 1,000 requests, several runs; the report gives every run and the median.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.world.service import ROOT, Service, free_port
from tests.world.sites import Site, issue
from tests.world.space import Organization, Server, wait_for

REQUESTS = 1_000


def p(values: list[float], share: float) -> float:
    """The value below which that share of the values lies."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


@contextmanager
def world() -> Iterator[tuple[Service, Server, Site, Organization, str]]:
    """The service, an emulated Space in a process of its own, a site, and one organization that signs by HMAC."""
    port = free_port()
    command = [sys.executable, "-m", "unfurler.sandbox", "--port", str(port)]
    sandbox = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    server, site = Server(f"http://127.0.0.1:{port}"), Site()
    with tempfile.TemporaryDirectory() as folder:
        service = Service(
            Path(folder),
            {
                "UNFURLER_SPACE_SERVER_URL": server.url,
                "UNFURLER_GITHUB_API_URL": site.url,
                "UNFURLER_LOG_LEVEL": "INFO",
            },
        )
        try:
            assert wait_for(lambda: _answers(server), 20)
            made = server.post("applications", endpoint=service.endpoint, verification="signing-key")
            service.environ["UNFURLER_SPACE_CLIENT_ID"] = made["clientId"]
            service.environ["UNFURLER_SPACE_CLIENT_SECRET"] = made["clientSecret"]
            service.environ["UNFURLER_SPACE_SIGNING_KEY"] = made["signingKey"]
            service.start()
            organization = Organization(server, made["clientId"], made["clientSecret"])
            assert wait_for(lambda: organization.state["domains"], 20)
            organization.call("approve", rights=True, domains=True)
            yield service, server, site, organization, made["signingKey"]
        finally:
            service.stop()
            site.close()
            sandbox.terminate()
            sandbox.wait()


def _answers(server: Server) -> bool:
    try:
        return bool(server.get("clock"))
    except OSError:
        return False


def door_while_draining(service: Service, site: Site, organization: Organization, key: str) -> list[float]:
    """Milliseconds of each notification, sent while the organization's queue is never empty."""
    for number in range(400):
        site.answers(f"/repos/o/r/issues/{number}", json_body=issue(number, body="word " * 200), delay_s=0.02)
    stop = threading.Event()

    def keep_busy() -> None:
        number = 0
        while not stop.is_set():
            organization.queue(*(f"https://github.com/o/r/issues/{n % 400}?n={n}" for n in range(number, number + 50)))
            number += 50
            time.sleep(0.5)

    busy = threading.Thread(target=keep_busy)
    busy.start()
    time.sleep(1)
    connection = http.client.HTTPConnection("127.0.0.1", service.port)
    taken = []
    try:
        for number in range(REQUESTS):
            body = json.dumps({"className": "NewUnfurlQueueItemsPayload", "clientId": organization.id, "n": number})
            stamp = str(int(time.time() * 1000))
            signature = hmac.new(key.encode(), f"{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
            headers = {"Content-Type": "application/json", "X-Space-Timestamp": stamp, "X-Space-Signature": signature}
            began = time.perf_counter()
            connection.request("POST", "/api/space", body, headers)
            answer = connection.getresponse()
            answer.read()
            taken.append((time.perf_counter() - began) * 1000)
            assert answer.status == 200, answer.status
            time.sleep(0.005)
    finally:
        stop.set()
        busy.join()
        connection.close()
    return taken


def cached_cards(site: Site, organization: Organization) -> list[float]:
    """Milliseconds from a link's posting to its card, for a link whose card is remembered."""
    site.answers("/repos/o/r/issues/7", json_body=issue(7))
    known = {item["id"] for item in organization.items}
    for _ in range(REQUESTS):
        organization.queue("https://github.com/o/r/issues/7")
        time.sleep(0.02)
    items = wait_for(lambda: [i for i in organization.items if i["id"] not in known and i["posts"]][REQUESTS - 1 :], 30)
    assert items
    mine = [item for item in organization.items if item["id"] not in known]
    return [float(item["posts"][0]["at_ms"] - item["created"]) for item in mine]


def memory_after(service: Service, site: Site, organization: Organization, cards: int) -> tuple[float, float]:
    """MiB resident in the web process before, and after that many different cards."""
    site.answers("*", json_body=issue(1, body="word " * 100))
    before = _resident(service)
    for start in range(1, cards + 1, 500):
        links = [f"https://github.com/m/r/issues/{number}" for number in range(start, start + 500)]
        queued = organization.call("items", items=[{"target": link} for link in links])["items"]
        for item in (queued[-1], queued[0], queued[250]):
            assert wait_for(lambda: organization.item(item["id"])["posts"], 120)  # noqa: B023
    time.sleep(2)
    assert sum(1 for item in organization.items if item["posts"]) == cards
    return before, _resident(service)


def _resident(service: Service) -> float:
    pids = subprocess.run(["pgrep", "-P", str(service.process.pid)], capture_output=True, text=True).stdout.split()
    status = Path(f"/proc/{pids[0]}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def run(runs: int, cards: int) -> None:
    """Measure and print."""
    door, cached = [], []
    with world() as (service, _, site, organization, key):
        for number in range(runs):
            taken = door_while_draining(service, site, organization, key)
            door.append(p(taken, 0.99))
            print(f"door, run {number + 1}: p50 {p(taken, 0.5):.1f} ms, p99 {door[-1]:.1f} ms", flush=True)
    with world() as (service, _, site, organization, key):
        for number in range(runs):
            taken = cached_cards(site, organization)
            cached.append(p(taken, 0.99))
            print(f"cached card, run {number + 1}: p50 {p(taken, 0.5):.0f} ms, p99 {cached[-1]:.0f} ms", flush=True)
    with world() as (service, _, site, organization, key):
        before, memory = memory_after(service, site, organization, cards)
    print(f"webhook p99 while draining, median of {runs} runs: {statistics.median(door):.1f} ms")
    print(f"notification to card, cached, p99, median of {runs} runs: {statistics.median(cached):.0f} ms")
    print(f"web process at its start: {before:.0f} MiB, after {cards:,} cards: {memory:.0f} MiB")
