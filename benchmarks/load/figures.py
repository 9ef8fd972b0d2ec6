"""Each figure, measured in several runs; the report gives every run and the median."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable

from benchmarks.load.door import beside_a_bare_view, latencies_ms
from benchmarks.load.world import Space, cpu_s, resident_mib, worker_of, world
from tests.world.service import Service

ORGANIZATIONS = 4
REQUESTS = 1_000
UPSTREAM_S = 0.1
SUSTAINED = 2_000

Run = Callable[[Service, Space], dict[str, float]]


def p(values: list[float], share: float) -> float:
    """The value below which that share of the values lies."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def webhook(service: Service, space: Space) -> dict[str, float]:
    """The webhook against a bare view: requests a second, processor time."""
    ours, bare, ours_ms, bare_ms = beside_a_bare_view(service, space, 4 * REQUESTS)
    return {"webhook a second": ours, "bare a second": bare, "ratio": ours / bare, "ratio of cpu": bare_ms / ours_ms}


def webhook_while_draining(service: Service, space: Space) -> dict[str, float]:
    """How long the webhook's answer takes while the organization's queue is never empty."""
    stop = threading.Event()
    busy = threading.Thread(target=_keep_busy, args=(space, stop))
    space.ask("site", delay_s=0.02)
    busy.start()
    try:
        time.sleep(1)
        letters = [bytes.fromhex(one) for one in space.ask("letters", organization="organization-0", count=REQUESTS)]
        taken = latencies_ms(service.port, letters, 0.005)
    finally:
        stop.set()
        busy.join()
    space.wait_for_all(60)
    return {"door p50 ms": p(taken, 0.5), "door p99 ms": p(taken, 0.99)}


def remembered(_: Service, space: Space) -> dict[str, float]:
    """From a link's posting to its card, which is remembered: one link at a time."""
    taken = _one_at_a_time(space, [space.link(7)] * (1 + REQUESTS), 0.02)[1:]
    return {"remembered p50 ms": p(taken, 0.5), "remembered p99 ms": p(taken, 0.99)}


def fetched(_: Service, space: Space) -> dict[str, float]:
    """From a link's posting to its card, the site answering after a while: one link at a time."""
    space.ask("site", delay_s=UPSTREAM_S)
    taken = _one_at_a_time(space, space.links(_numbers(100)), UPSTREAM_S + 0.05)
    return {"beyond the site p50 ms": p(taken, 0.5) - UPSTREAM_S * 1_000}


def burst(_: Service, space: Space) -> dict[str, float]:
    """A hundred links at once, each fetched, over all the sites."""
    space.ask("site", delay_s=UPSTREAM_S)
    taken = _posted(space, {"organization-0": space.links(_numbers(100))})
    return {"burst, first ms": min(taken), "burst, all ms": max(taken)}


def sustained(service: Service, space: Space) -> dict[str, float]:
    """Links a second over several organizations: remembered, then fetched."""
    space.ask("site", delay_s=0.0)
    known = space.links(_numbers(100))
    names = [f"organization-{number}" for number in range(ORGANIZATIONS)]
    _posted(space, dict.fromkeys(names, known))
    assert service.process is not None
    pid, figures = worker_of(service.process.pid), {}
    for what, delay_s, links in (
        ("remembered", 0.0, dict.fromkeys(names, known * (SUSTAINED // 100))),
        ("fetched", UPSTREAM_S, {name: space.links(_numbers(SUSTAINED // 4)) for name in names}),
    ):
        space.ask("site", delay_s=delay_s)
        count, cpu, began = sum(map(len, links.values())), cpu_s(pid), time.perf_counter()
        _posted(space, links)
        figures[f"{what}, links a second"] = count / (time.perf_counter() - began)
        figures[f"{what}, cpu ms a link"] = (cpu_s(pid) - cpu) / count * 1_000
    return figures


def memory(service: Service, space: Space, links: int) -> dict[str, float]:
    """MiB of the web process: at its start, half-way, at the end of so many different links."""
    assert service.process is not None
    pid = worker_of(service.process.pid)
    figures = {"memory at the start MiB": resident_mib(pid)}
    for part in ("half-way", "at the end"):
        for _ in range(links // 2 // 1_000):
            _posted(space, {f"organization-{n}": space.links(_numbers(250)) for n in range(ORGANIZATIONS)})
        figures[f"memory {part} MiB"] = resident_mib(pid)
    return figures


RUNS: tuple[Run, ...] = (webhook, webhook_while_draining, remembered, fetched, burst, sustained)


def measure(runs: int, links: int) -> None:
    """Measure everything and print it."""
    found: dict[str, list[float]] = {}
    for number in range(runs):
        with world(ORGANIZATIONS) as (service, space):
            for run in RUNS:
                for name, value in run(service, space).items():
                    found.setdefault(name, []).append(value)
                    print(f"run {number + 1}: {name}: {value:.4g}", flush=True)
    for name, values in found.items():
        print(f"{name}: {' · '.join(f'{value:.4g}' for value in values)}; median {statistics.median(values):.4g}")
    if links:
        with world(ORGANIZATIONS) as (service, space):
            for name, value in memory(service, space, links).items():
                print(f"{name}, of {links:,} links: {value:.0f}", flush=True)


_next = 1


def _numbers(count: int) -> range:
    """Numbers of issues that nobody has asked for yet."""
    global _next
    _next += count
    return range(_next - count, _next)


def _one_at_a_time(space: Space, links: list[str], pause_s: float) -> list[float]:
    before = len(space.ask("times")["organization-0"])
    for link in links:
        space.ask("post", organization="organization-0", links=[link])
        time.sleep(pause_s)
    space.wait_for_all(60)
    return _taken(space.ask("times")["organization-0"][before:])


def _posted(space: Space, links: dict[str, list[str]]) -> list[float]:
    """Milliseconds from posting to card of each of these links, posted at once."""
    before = {name: len(times) for name, times in space.ask("times").items()}
    for name, some in links.items():
        space.ask("post", organization=name, links=some)
    space.wait_for_all(300)
    after = space.ask("times")
    return [taken for name in links for taken in _taken(after[name][before[name] :])]


def _taken(times: list[list[float]]) -> list[float]:
    return [(shown[0] - posted) * 1_000 for posted, shown in times]


def _keep_busy(space: Space, stop: threading.Event) -> None:
    while not stop.is_set():
        space.ask("post", organization="organization-0", links=space.links(_numbers(50)))
        time.sleep(0.5)
