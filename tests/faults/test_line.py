"""The line to Space is cut after some bytes, slow, or silent: every link ends once after it is well again."""

from __future__ import annotations

import time

import pytest

from tests.faults.load import Load
from tests.faults.repeats import ON_ITS_WAY
from tests.world.space import wait_for


@pytest.mark.parametrize(
    ("way", "after_bytes"),
    [
        # Nothing of the answer comes back, or half of it; half of the request arrives.
        ("back", 0),
        ("back", 150),
        ("there", 300),
    ],
)
def test_connections_that_break_lose_nothing(far_space, far_service, line, github, way, after_bytes):
    organization = far_space.install(far_service.endpoint)
    load = Load(github, organization)
    line.cut(way, after_bytes, times=4)
    load.post(10)
    organization.call("notify")
    assert wait_for(lambda: len(line.cuts) == 4)
    load.post(5)
    load.troubles.at("cut", line.cuts)
    account = load.account(far_service)
    assert account.faults == [], account
    assert all(why.startswith(ON_ITS_WAY) for why in account.repeats.explained), account


def test_a_line_that_is_slow_and_then_silent_loses_and_repeats_nothing(far_space, far_service, line, github):
    organization = far_space.install(far_service.endpoint)
    load = Load(github, organization)
    line.delay_s = 0.3
    load.post(5)
    organization.call("notify")
    assert wait_for(organization.cards)
    load.post(5)
    line.fall_silent()
    organization.call("notify")
    time.sleep(2)
    line.heal()
    account = load.account(far_service)
    assert (account.faults, len(account.repeats)) == ([], 0), account
