"""Space refuses in the middle of everything, or is away for longer than links live: each ends with its reason."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.faults.load import Load
from tests.world.space import wait_for

EXPIRED = {"error": "authentication-required", "description": "Access token has expired"}
REVOKED = {
    "error": "authentication-required",
    "description": "Refresh token associated with the access token is revoked",
}
GOOD = [f"https://github.com/o/r/issues/{number}" for number in range(20, 26)]


def ends(service, organization) -> Counter:
    return Counter(service.ended(organization.id).values())


def test_tokens_that_end_in_the_middle_are_made_anew(far_space, far_service, github):
    organization = far_space.install(far_service.endpoint)
    load = Load(github, organization, delay_s=0.3)
    for _ in range(4):
        load.post(5)
        assert wait_for(lambda: github.at_once)
        organization.call("expire-tokens")
    account = load.account(far_service)
    assert (account.faults, len(account.repeats)) == ([], 0), account


@pytest.mark.parametrize("refusal", [EXPIRED, REVOKED])
def test_a_refused_token_in_the_middle_loses_and_repeats_nothing(far_space, far_service, github, refusal):
    organization = far_space.install(far_service.endpoint)
    load = Load(github, organization, delay_s=0.3)
    # The second time is after a new token was fetched.
    fault = {"clientId": organization.id, "path": "unfurls/queue", "status": 401, **refusal}
    refused = far_space.post("faults", times=2, **fault)
    load.post(8)
    organization.call("notify")
    assert wait_for(lambda: refused["id"] not in str(far_space.get("faults")))
    account = load.account(far_service)
    assert (account.faults, len(account.repeats)) == ([], 0), account


def test_links_of_a_domain_that_is_not_approved_end_so_and_hold_nobody_up(far_space, far_service, github):
    organization = far_space.install(far_service.endpoint)
    load = Load(github, organization)
    load.post(5)
    assert load.account(far_service).faults == []
    organization.call("revoke", rights=False, domains=True)
    organization.queue(*GOOD)
    assert wait_for(lambda: ends(far_service, organization)["not-approved"] == len(GOOD))
    organization.call("approve", rights=False, domains=True)
    organization.queue("https://github.com/o/r/issues/30")
    assert wait_for(lambda: "https://github.com/o/r/issues/30" in organization.cards())
    assert max(len(item["posts"]) for item in organization.items) == 1


def test_links_that_space_dropped_while_it_was_away_end_as_expired(far_space, far_service, line, github):
    organization = far_space.install(far_service.endpoint)
    load = Load(github, organization, delay_s=1.0)
    asked = len(github.asked)
    organization.queue(*GOOD)
    assert wait_for(lambda: len(github.asked) >= asked + 4)
    # Read and under way, but nothing can be posted any more, and what is posted later comes too late.
    line.fall_silent()
    far_space.post("clock", advance_s=1_801)
    line.heal()
    assert wait_for(lambda: ends(far_service, organization) == {"expired": len(GOOD)}), ends(far_service, organization)
    load.post(3)
    assert wait_for(lambda: len(far_service.ended(organization.id)) == len(organization.items))
    assert far_service.etag(organization.id) == max(item["etag"] for item in organization.items)
    assert organization.cards().keys().isdisjoint(GOOD)
