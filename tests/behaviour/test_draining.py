"""What becomes of queue items of every kind, and of the queue when Space is in trouble."""

from __future__ import annotations

import threading

import pytest

from tests.world.service import Service
from tests.world.sites import issue
from tests.world.space import buttons, texts, title, wait_for


def ends(service, organization: str) -> dict[str, str]:
    """Queue item → how it ended, as recorded."""
    with service.sql() as database:
        found = database.execute(
            'select item, coalesce(reason, "end") from queue_items where organization = ? and ended_at is not null',
            (organization,),
        )
        return dict(found.fetchall())


def etag(service, organization: str) -> int | None:
    with service.sql() as database:
        return database.execute("select etag from organizations where id = ?", (organization,)).fetchone()[0]


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("https://nobody.example/x", "no-provider"),
        ("https://github.com/o/r/wiki/Unclaimed", "no-provider"),
        ("not a link", "link-malformed"),
        ("javascript:alert(1)", "link-scheme"),
        ("https://github.com/" + "a" * 2_100, "link-too-long"),
        ("https://user@github.com/o/r/issues/1", "link-malformed"),
        ("https://github.com/o/r/issues/1?no_unfurl", "opted-out"),
        ("", "link-scheme"),
    ],
)
def test_an_item_that_cannot_become_a_card_ends_with_its_reason(space, service, target, reason):
    space.queue(target)
    assert list(wait_for(lambda: ends(service, space.id)).values()) == [reason]
    assert etag(service, space.id) == space.items[0]["etag"]


@pytest.mark.parametrize(
    "more",
    [
        {"authorUserId": None},
        {"authorUserId": {"className": "ProfileIdentifier.Username", "username": "nobody"}},
        {"context": None},
        {"context": {"className": "HologramUnfurlContext", "beam": 7}},
        {"context": {"className": "IssueUnfurlContext", "issueId": "4Nqx2z0DQLwK"}},
    ],
)
def test_items_of_every_author_and_context_get_their_card(space, github, more):
    github.answers("/repos/o/r/issues/41", json_body=issue(41))
    space.queue("https://github.com/o/r/issues/41", **more)
    assert wait_for(space.cards)


def test_each_verdict_of_space_ends_its_item(space, service, github):
    deleted, aged = threading.Event(), threading.Event()
    for number in (42, 43):
        github.answers(f"/repos/o/r/issues/{number}", json_body=issue(number), until=deleted)
    message = space.call("messages", text="https://github.com/o/r/issues/42 https://github.com/o/r/issues/43")
    space.call("delete-message", messageId=message["messageId"])
    deleted.set()
    recorded = wait_for(lambda: len(ends(service, space.id)) == 2 and ends(service, space.id))
    assert set(recorded.values()) == {"gone"}
    github.answers("/repos/o/r/issues/44", json_body=issue(44), until=aged)
    (late,) = space.someone_posts("https://github.com/o/r/issues/44")
    assert wait_for(lambda: github.calls("/repos/o/r/issues/44"))
    space.server.post("clock", advance_s=1801)
    aged.set()
    assert wait_for(lambda: ends(service, space.id).get(late)) == "expired"


def test_further_links_of_a_message_get_one_line(space, github):
    links = [f"https://github.com/o/r/issues/{number}" for number in range(50, 55)]
    for number in range(50, 55):
        github.answers(f"/repos/o/r/issues/{number}", json_body=issue(number))
    items = space.someone_posts(*links)
    assert wait_for(lambda: len(space.cards()) == 5)
    lengths = [len(str(space.card(item))) for item in items]
    assert max(lengths[3:]) < min(lengths[:3])


@pytest.mark.parametrize(
    "fault",
    [
        {"path": "unfurls/queue", "status": 500, "error": "internal-server-error", "times": 2},
        {"path": "unfurls/queue/content", "status": 429, "error": "rate-limited", "times": 1},
        {"path": "unfurls/queue/content", "drop": True, "times": 1},
        {"path": "unfurls/queue", "status": 401, "error": "authentication-required", "times": 1},
        {"path": "unfurls/queue", "status": 200, "body": "[{", "times": 1},
        {"path": "unfurls/queue/content", "status": 200, "body": "{}", "times": 1},
        {"path": "unfurls/queue/content", "drop": True, "after": True, "times": 1},
        {"path": "unfurls/queue/content", "status": 429, "headers": {"Retry-After": "1"}, "times": 1},
        {"path": "unfurls/queue/content", "status": 503, "times": 6},
    ],
)
def test_trouble_with_space_loses_no_link(space, github, fault):
    github.answers("/repos/o/r/issues/61", json_body=issue(61, "Not lost"))
    space.server.post("faults", clientId=space.id, **fault)
    (item,) = space.someone_posts("https://github.com/o/r/issues/61")
    assert title(space.card(item)) == "Not lost"


def test_a_batch_that_is_too_large_is_halved_until_it_is_taken_and_none_is_posted_twice(space, service, github):
    links = [f"https://github.com/o/r/issues/{number}" for number in range(70, 74)]
    for number in range(70, 74):
        github.answers(f"/repos/o/r/issues/{number}", json_body=issue(number), delay_s=0.5)
    space.server.post("faults", clientId=space.id, path="queue/content", status=413, error="payload-too-large", times=2)
    items = space.someone_posts(*links)
    assert wait_for(lambda: len(ends(service, space.id)) == 4)
    assert sorted(ends(service, space.id).values())[:2] == ["posted", "posted"]
    assert max(space.posts(item) for item in items) == 1


def test_a_permission_that_is_withdrawn_and_given_back_loses_no_link(space, github):
    github.answers("/repos/o/r/issues/75", json_body=issue(75, "Not lost either"))
    space.call("revoke", rights=True)
    (item,) = space.someone_posts("https://github.com/o/r/issues/75")
    refused = {"clientId": space.id, "path": "unfurls/queue"}
    assert wait_for(lambda: any(r["status"] == 403 for r in space.server.get("requests", **refused)["requests"]))
    space.call("approve", rights=True, domains=True)
    space.call("notify")
    assert title(space.card(item)) == "Not lost either"


def test_a_temporary_failure_of_a_site_is_tried_again(space, github):
    github.answers("/repos/o/r/issues/62", status=502)
    (item,) = space.someone_posts("https://github.com/o/r/issues/62")
    assert wait_for(lambda: github.calls("/repos/o/r/issues/62") >= 1)
    github.answers("/repos/o/r/issues/62", json_body=issue(62, "Second try"))
    assert title(space.card(item)) == "Second try"


def test_an_item_that_waits_for_another_try_holds_nobody_up(space, service, github):
    github.answers("/repos/o/r/issues/63", status=502)
    (waiting,) = space.someone_posts("https://github.com/o/r/issues/63")
    assert wait_for(lambda: github.calls("/repos/o/r/issues/63"))
    github.answers("/repos/o/r/issues/64", json_body=issue(64, "Next"))
    (item,) = space.someone_posts("https://github.com/o/r/issues/64")
    assert title(space.card(item)) == "Next"
    assert (etag(service, space.id) or 0) < space.item(waiting)["etag"]


def test_an_exhausted_budget_becomes_an_honest_card(space_server, tmp_path, github, settings):
    service = Service(tmp_path, settings).start()
    later = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "4102444800"}
    github.answers("/repos/o/r/issues/65", status=403, headers=later)
    organization = space_server.install(service.endpoint)
    (item,) = organization.someone_posts("https://github.com/o/r/issues/65")
    assert "again at" in texts(organization.card(item))
    assert buttons(organization.card(item)) == ["Refresh"]
    calls = github.calls("/repos/o/r/issues/65")
    organization.press(item, "Refresh")
    assert wait_for(organization.messages)
    assert github.calls("/repos/o/r/issues/65") == calls  # a budget that is spent is not asked again
    service.stop()


def test_a_missed_notification_is_made_up_for_at_the_start(space_server, tmp_path, github, settings):
    service = Service(tmp_path, settings).start()
    organization = space_server.install(service.endpoint)
    github.answers("/repos/o/r/issues/66", json_body=issue(66, "Found at start"))
    assert service.stop() == 0
    organization.queue("https://github.com/o/r/issues/66", notify=False)
    service.start()
    assert wait_for(organization.cards) == {"https://github.com/o/r/issues/66": "Found at start"}
    service.stop()


def test_two_organizations_are_served_side_by_side(space, space_server, service, github):
    other = space_server.install(service.endpoint)
    fast_is_there = threading.Event()
    github.answers("/repos/o/r/issues/67", json_body=issue(67, "Slow"), until=fast_is_there)
    github.answers("/repos/o/r/issues/68", json_body=issue(68, "Fast"))
    (slow,) = space.someone_posts("https://github.com/o/r/issues/67")
    (fast,) = other.someone_posts("https://github.com/o/r/issues/68")
    assert title(other.card(fast)) == "Fast"
    assert space.item(slow)["content"] is None
    fast_is_there.set()
    assert title(space.card(slow)) == "Slow"
