"""Who is let in, and what it costs to be refused."""

from __future__ import annotations

import threading
import time

import pytest
from pydantic import SecretStr

from tests.space.signing import payload, public, signed
from tests.world.space import wait_for
from unfurler.limits import Limits
from unfurler.space.door import Door, KeyRing
from unfurler.space.errors import Unavailable
from unfurler.space.payloads import MalformedPayload
from unfurler.space.verify import KeySet, Refused, parse_keys
from unfurler.store.cache import LocalMemory

NEWS = payload("NewUnfurlQueueItemsPayload")


class Space:
    """Where keys are fetched: says which, how late, and counts."""

    def __init__(self) -> None:
        self.keys = public(0)
        self.asked = 0
        self.go = threading.Event()
        self.go.set()
        self.away = False

    def __call__(self, organization) -> KeySet:
        self.asked += 1
        self.go.wait(5)
        if self.away:
            raise Unavailable("away")
        return parse_keys(self.keys)


class Clock:
    now = 10_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def space():
    return Space()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def ring(organizations, space, clock):
    return KeyRing(organizations, space, 60.0, clock)


@pytest.fixture
def door(organizations, ring):
    replays = LocalMemory(max_entries=1_000, max_bytes=100_000, clock=time.monotonic)
    return Door(organizations, ring, {}, replays, Limits(), time.time)


def knock(door, body: bytes = NEWS, headers=None):
    return door.admit((headers or signed(body)).getlist, body)


def reason(door, body: bytes = NEWS, headers=None) -> str:
    with pytest.raises(Refused) as refused:
        knock(door, body, headers)
    return refused.value.reason


def rows(organizations) -> str:
    with organizations._database.read() as connection:
        return repr(connection.exec_driver_sql("select * from organizations").all())


def test_the_same_bytes_are_let_in_as_a_repeat(door):
    headers = signed(NEWS)
    assert [knock(door, headers=headers).repeated for _ in range(3)] == [False, True, True]


def test_the_same_event_signed_anew_is_no_repeat(door):
    now = int(time.time() * 1_000)
    assert [knock(door, headers=signed(NEWS, at_ms=now + n)).repeated for n in range(2)] == [False, False]


def test_what_could_not_be_acted_on_is_no_repeat_when_it_comes_again(door):
    headers = signed(NEWS)
    door.forget(knock(door, headers=headers))
    assert not knock(door, headers=headers).repeated


def test_a_repeat_that_fails_does_not_wipe_out_the_first(door):
    headers = signed(NEWS)
    knock(door, headers=headers)
    door.forget(knock(door, headers=headers))
    assert knock(door, headers=headers).repeated


def test_forged_messages_in_mass_cost_one_look_up_a_minute_and_no_write(door, space, clock, organizations):
    before = rows(organizations)
    for _ in range(200):
        assert reason(door, headers=signed(NEWS, number=1)) == "signature-wrong"
    assert (space.asked, rows(organizations)) == (1, before)
    clock.now += 61
    reason(door, headers=signed(NEWS, number=1))
    assert space.asked == 2


def test_an_unknown_organization_costs_no_look_up(door, space):
    assert reason(door, payload("NewUnfurlQueueItemsPayload", "stranger")) == "unknown-organization"
    assert space.asked == 0


@pytest.mark.parametrize("stale_ms", [-301_000, 301_000])
def test_a_stale_message_costs_no_look_up(door, space, stale_ms):
    headers = signed(NEWS, number=1, at_ms=int(time.time() * 1_000) + stale_ms)
    assert (reason(door, headers=headers), space.asked) == ("timestamp-stale", 0)


def test_after_a_change_of_keys_no_message_is_lost_though_several_come_at_once(door, space):
    space.keys = public(1)
    space.go.clear()
    let_in, ready = [], threading.Barrier(6)

    def come(number: int) -> None:
        ready.wait()
        body = payload("NewUnfurlQueueItemsPayload", note=number)
        let_in.append(knock(door, body, signed(body, number=1)))

    threads = [threading.Thread(target=come, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    assert wait_for(lambda: space.asked)
    time.sleep(0.1)
    space.go.set()
    for thread in threads:
        thread.join()
    assert (len(let_in), space.asked) == (6, 1)


def test_who_read_the_old_keys_just_before_is_given_the_new_ones(ring, organizations, space):
    before = organizations.find("acme")
    space.keys = public(1)
    assert ring.newer(before)
    assert ring.newer(before).text == parse_keys(public(1)).text
    assert space.asked == 1


def test_who_waits_for_keys_does_not_wait_long(door, ring, space):
    ring._patience_s = 0.2
    space.go.clear()
    first = threading.Thread(target=lambda: reason(door, headers=signed(NEWS, number=1)))
    first.start()
    assert wait_for(lambda: space.asked)
    began = time.monotonic()
    reason(door, headers=signed(NEWS, number=1))
    assert time.monotonic() - began < 30
    space.go.set()
    first.join()


def test_while_keys_cannot_be_fetched_the_known_ones_hold(door, space):
    space.away = True
    reason(door, headers=signed(NEWS, number=1))
    assert not knock(door).repeated


def test_an_answer_without_keys_takes_the_known_ones_from_nobody(door, space, organizations):
    space.keys = '{"keys":[]}'
    reason(door, headers=signed(NEWS, number=1))
    assert knock(door, headers=signed(NEWS))


def test_an_organization_without_keys_gets_them_with_its_first_message(door, organizations):
    organizations.install("acme", "https://acme.example", secret="s1", keys=None, by=None, now=1.0)
    assert knock(door)
    assert organizations.find("acme").keys == parse_keys(public(0)).text


def test_a_signing_key_is_the_only_method_of_its_organization(organizations, ring):
    replays = LocalMemory(max_entries=10, max_bytes=1_000, clock=time.monotonic)
    door = Door(organizations, ring, {"acme": SecretStr("k")}, replays, Limits(), time.time)
    assert reason(door) == "signature-other-kind"


@pytest.mark.parametrize("name", ["InitPayload", "UnfurlActionPayload"])
def test_what_is_no_payload_is_malformed_and_quotes_nothing(door, name):
    body = payload(name, note="canary-3e0", serverUrl=7)
    with pytest.raises(MalformedPayload) as malformed:
        knock(door, body)
    assert "canary" not in str(malformed.value)


def test_nothing_is_kept_of_an_organization_that_left(door, ring, space):
    reason(door, headers=signed(NEWS, number=1))
    ring.forget("acme")
    kept = (ring._parsed, ring._fetched_at, ring._newest, ring._under_way)
    assert all("acme" not in each for each in kept)
