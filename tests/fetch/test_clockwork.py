"""Turns, the watchdog, look-ups and idle connections, each by itself."""

from __future__ import annotations

import os
import random
import socket
import threading
import time
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fetch.internet import AGENT, PUBLIC, ROOM_S, SMALL, Cache, Clock, Net, answering, page
from tests.world.space import wait_for
from unfurler.fetch import Allow, Guard, Outbound, Pacing
from unfurler.fetch.deadline import Deadline
from unfurler.fetch.idle import Idle
from unfurler.fetch.resolve import Lookups, system_resolver
from unfurler.fetch.turns import Turns
from unfurler.fetch.watchdog import Watchdog
from unfurler.sdk.errors import RateLimited, UpstreamDown, UpstreamSlow
from unfurler.sdk.link import Link


def test_no_more_than_allowed_run_at_once_and_all_get_their_turn() -> None:
    turns, lock = Turns(6, 2), threading.Lock()
    running: Counter[str] = Counter()
    worst: Counter[str] = Counter()
    done = []

    def work(number: int) -> None:
        place = f"host{number % 5}"
        with turns.take(place, 10):
            with lock:
                running[place] += 1
                running["all"] += 1
                for name in (place, "all"):
                    worst[name] = max(worst[name], running[name])
            time.sleep(random.random() / 200)
            with lock:
                running[place] -= 1
                running["all"] -= 1
        done.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 100 and 3 < worst["all"] <= 6 and all(worst[f"host{n}"] <= 2 for n in range(5))


def test_within_a_place_the_first_comes_first() -> None:
    turns, order = Turns(2, 1), []

    def work(number: int) -> None:
        with turns.take("a", 5):
            order.append(number)

    with turns.take("a", 0):
        threads = []
        for number in range(8):
            threads.append(threading.Thread(target=work, args=(number,)))
            threads[-1].start()
            assert wait_for(lambda number=number: len(turns._queue) == number + 1)
        with turns.take("b", 0):
            pass
    for thread in threads:
        thread.join()
    assert order == list(range(8))


def test_who_gave_up_waiting_holds_no_slot() -> None:
    turns = Turns(1, 1)
    with turns.take("a", 0), pytest.raises(UpstreamSlow):
        turns.enter("a", 0.01)
    with turns.take("b", 0):
        pass


def test_the_watchdog_bites_in_order_and_not_what_was_cancelled() -> None:
    dog, bitten = Watchdog(), []
    now = time.monotonic()
    tickets = [dog.watch(now + delay, lambda delay=delay: bitten.append(delay)) for delay in (0.09, 0.03, 0.06, 0.01)]
    tickets[2].cancel()
    assert wait_for(lambda: tickets[0].fired)
    assert bitten == [0.01, 0.03, 0.09]
    assert [ticket.fired for ticket in tickets] == [True, True, False, True]


def test_the_watchdog_forgets_what_is_over() -> None:
    dog = Watchdog()
    for _ in range(5_000):
        dog.watch(time.monotonic() + 60, lambda: None).cancel()
    assert len(dog._waiting) < 2_000
    late = dog.watch(time.monotonic() + 0.01, lambda: None)
    assert wait_for(lambda: late.fired)


def test_a_cut_that_fails_keeps_no_other_from_being_cut() -> None:
    def broken() -> None:
        raise RuntimeError

    dog = Watchdog()
    first = dog.watch(time.monotonic(), broken)
    assert wait_for(lambda: first.fired)
    second = dog.watch(time.monotonic() + 0.01, lambda: None)
    assert wait_for(lambda: second.fired)


def test_a_watchdog_looks_in_a_process_that_was_forked_off_too() -> None:
    dog = Watchdog()
    first = dog.watch(time.monotonic(), lambda: None)
    assert wait_for(lambda: first.fired)
    child = os.fork()
    if child == 0:
        ticket = dog.watch(time.monotonic() + 0.01, lambda: None)
        wait_for(lambda: ticket.fired)
        os._exit(0 if ticket.fired else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_deadline_that_passed_is_an_error() -> None:
    assert Deadline.after(10, "page_fetch_s").left_s() > 9
    with pytest.raises(UpstreamSlow, match="10 seconds"):
        Deadline(time.monotonic() - 1, 10, "page_fetch_s").left_s()


def test_a_silent_name_server_is_left_behind(net: Net) -> None:
    release = threading.Event()

    def silent(_host: str, _port: int) -> list[str]:
        release.wait(30)
        return [PUBLIC]

    limits = replace(SMALL, dns_s=0.2)
    outbound = Outbound(limits, Guard.make(Allow()), user_agent=AGENT, resolver=silent, dial=net.dial)
    began = time.monotonic()
    with pytest.raises(UpstreamSlow) as caught:
        outbound.fetch(Link.parse("http://site.example/"))
    assert caught.value.limit == "dns_s"
    assert time.monotonic() - began < limits.dns_s + ROOM_S < limits.page_fetch_s
    release.set()
    assert net.dialled == []


def test_one_silent_domain_does_not_hold_up_the_others() -> None:
    release = threading.Event()

    def silent(host: str, _port: int) -> list[str]:
        if host.endswith("evil.example"):
            release.wait(30)
        return [PUBLIC]

    lookups, failed = Lookups(silent), []

    def ask(number: int) -> None:
        try:
            lookups.find(f"{number}.evil.example", 80, 0.5)
        except UpstreamSlow:
            failed.append(number)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(40)]
    for thread in threads:
        thread.start()
    time.sleep(0.02)
    assert lookups.find("good.example.org", 80, ROOM_S) == [PUBLIC]
    for thread in threads:
        thread.join()
    release.set()
    assert len(failed) == 40 and sum(thread.name == "fetch-dns" for thread in threading.enumerate()) <= 9


@pytest.mark.parametrize(
    ("error", "retry"),
    [
        (socket.gaierror(socket.EAI_NONAME, "x"), False),
        (socket.gaierror(socket.EAI_AGAIN, "x"), True),
        (OSError("x"), True),
        (ValueError("x"), True),
        (None, True),
    ],
)
def test_a_name_that_is_not_found_is_down(error: Exception | None, retry: bool) -> None:
    def failing(_host: str, _port: int) -> list[str]:
        if error is not None:
            raise error
        return []

    with pytest.raises(UpstreamDown) as caught:
        Lookups(failing).find("site.example", 80, 1)
    assert (caught.value.reason, caught.value.retry) == ("host-unknown", retry)


def test_the_system_resolver_knows_loopback() -> None:
    assert "127.0.0.1" in system_resolver("localhost", 80) or "::1" in system_resolver("localhost", 80)


def test_an_address_that_does_not_answer_costs_its_own_time_only(net: Net, serve) -> None:
    server = serve(answering(page()))
    tried = []

    def dial(address: object, port: int, timeout_s: float) -> socket.socket:
        tried.append(str(address))
        if len(tried) == 1:
            time.sleep(timeout_s)
            raise TimeoutError
        return socket.create_connection(("127.0.0.1", server.port))

    limits = replace(SMALL, connect_s=0.2)
    outbound = Outbound(
        limits, Guard.make(Allow()), user_agent=AGENT, resolver=lambda *_: ["2606:2800::1", PUBLIC], dial=dial
    )
    assert outbound.fetch(Link.parse("http://site.example/")).whole
    assert tried == ["2606:2800::1", PUBLIC]


@pytest.mark.parametrize(
    ("connect_s", "page_fetch_s", "dials"), [(0.02, 30.0, [4]), (0.4, 1.0, [1, 2, 3])], ids=["addresses", "time"]
)
def test_no_address_that_answers_is_slow(connect_s: float, page_fetch_s: float, dials: list[int]) -> None:
    """Four addresses at the most are tried, and none for longer than the whole may still take."""
    waited: list[float] = []

    def dial(_address: object, _port: int, timeout_s: float) -> socket.socket:
        waited.append(timeout_s)
        time.sleep(timeout_s)
        raise TimeoutError

    limits, addresses = replace(SMALL, connect_s=connect_s, page_fetch_s=page_fetch_s), [f"1.1.1.{n}" for n in range(9)]
    outbound = Outbound(limits, Guard.make(Allow()), user_agent=AGENT, resolver=lambda *_: addresses, dial=dial)
    with pytest.raises(UpstreamSlow):
        outbound.fetch(Link.parse("http://site.example/"))
    assert len(waited) in dials
    assert sum(waited) <= page_fetch_s


class Kept:
    """As much of a connection as `Idle` looks at."""

    is_connected = True

    def __init__(self) -> None:
        self.closed = False

    def close(self) -> None:
        self.closed = True


def test_idle_connections_are_few_and_fresh() -> None:
    idle = Idle(total=4, per_key=2, rest_s=60.0)
    kept = [Kept() for _ in range(7)]
    for number, one in enumerate(kept[:3]):
        idle.put("a", one)
        assert sum(other.closed for other in kept) == max(0, number - 1)
    for one, name in zip(kept[3:6], "bcd", strict=True):
        idle.put(name, one)
    assert [one.closed for one in kept] == [True, True, False, False, False, False, False]
    assert idle.take("a") is kept[2] and idle.take("a") is None and idle.take("z") is None
    idle._rest_s = 0.0  # as if so long a time had passed
    idle.put("e", kept[6])
    idle._rest_s = 60.0
    assert idle.take("b") is None and kept[3].closed
    idle.close()
    assert kept[6].closed


def test_an_idle_connection_too_old_is_closed_when_asked_for() -> None:
    idle, one = Idle(rest_s=0.01), Kept()
    idle.put("a", one)
    time.sleep(0.02)
    assert idle.take("a") is None and one.closed


def test_pacing_keeps_the_later_time_and_is_bounded() -> None:
    clock = Clock()
    pacing = Pacing(now=clock, entries=10)
    pacing.hold(clock.now + timedelta(seconds=60), "a")
    pacing.hold(clock.now + timedelta(seconds=5), "a")
    clock.forward(30)
    with pytest.raises(RateLimited):
        pacing.check("a")
    pacing.check("b")
    for number in range(10):
        pacing.hold(clock.now + timedelta(seconds=60), str(number))
    pacing.check("a")


def test_pacing_ignores_nonsense_in_a_shared_memory() -> None:
    memory = Cache()
    pacing = Pacing(memory, now=Clock())
    pacing.hold(pacing.now + timedelta(seconds=60), "a")
    fresh = Pacing(memory, now=Clock())
    for nonsense in (b"", b"x", b"\xff"):
        memory.held = dict.fromkeys(memory.held, nonsense)
        fresh.check("a")


def test_no_thread_left_for_a_look_up_refuses_it_and_keeps_no_slot(monkeypatch) -> None:
    def none_left(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    lookups = Lookups(lambda *_: [PUBLIC])
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", none_left)
        for _ in range(20):
            with pytest.raises(UpstreamDown) as caught:
                lookups.find("site.example", 80, 0.1)
            assert caught.value.reason == "fetch-busy" and caught.value.retry
    assert lookups.find("site.example", 80, 1) == [PUBLIC]
