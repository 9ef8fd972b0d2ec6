"""What is kept of queue items, and how far the etag moves."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from unfurler.store.database import Database
from unfurler.store.leases import Lease, LeaseLost, Leases
from unfurler.store.organizations import Organizations
from unfurler.store.queue_items import QueueItems, forget_old_items
from unfurler.store.records import Again, Ended
from unfurler.store.secrets import Vault


def ended(*etags: int, reason: str | None = None) -> list[Ended]:
    return [Ended(f"r{etag}", "nothing", reason, None) for etag in etags]


def test_an_item_is_taken_in_once_however_often_it_is_read(items, lease, new):
    assert [record.item for record in items.take_in(lease, [new(1), new(2)], 100.0)] == ["i1", "i2"]
    assert [record.item for record in items.take_in(lease, [new(2), new(3), new(3)], 101.0)] == ["i3"]
    assert [record.item for record in items.waiting(200.0, 10)] == ["i1", "i2", "i3"]


def test_the_etag_stands_still_before_an_item_that_has_not_ended(items, lease, new):
    items.take_in(lease, [new(etag) for etag in (1, 2, 3)], 100.0)
    items.end(lease, ended(1, 3), 101.0)
    assert items.etag() == 1


def test_the_etag_moves_past_what_ended_earlier_once_the_gap_closes(items, lease, new):
    items.take_in(lease, [new(etag) for etag in (1, 2, 3)], 100.0)
    items.end(lease, ended(1, 3), 101.0)
    items.end(lease, ended(2), 102.0)
    assert items.etag() == 3


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(1, 9)), cut=st.integers(0, 8))
def test_the_etag_never_passes_an_open_item_whatever_the_order(database, vault, new, order: Sequence[int], cut: int):
    organizations = Organizations(database, vault)
    organizations.erase("acme")
    organizations.install("acme", "https://acme.example", secret="s1", keys=None, by=None, now=1.0)
    items, lease = QueueItems(database, vault, "acme"), Leases(database, "me", 60.0).acquire("acme")
    items.take_in(lease, [new(etag) for etag in range(1, 9)], 1.0)
    for etag in order[:cut]:
        items.end(lease, ended(etag), 2.0)
    still_open = order[cut:]
    assert (items.etag() or 0) == (min(still_open) - 1 if still_open else 8)


def test_an_end_is_final(items, lease, new):
    items.take_in(lease, [new(1)], 100.0)
    items.end(lease, [Ended("r1", "posted", None, "github", ["github.close"])], 101.0)
    items.end(lease, ended(1, reason="late"), 102.0)
    assert items.find("r1").end == "posted"


def test_the_smallest_and_the_largest_place_in_a_queue_can_be_kept(items, lease, new):
    items.take_in(lease, [new(-(2**63)), new(2**63 - 1)], 100.0)
    items.end(lease, ended(-(2**63)), 101.0)
    items.end(lease, ended(2**63 - 1), 101.0)
    assert items.etag() == 2**63 - 1


def test_ids_as_long_as_space_may_send_them_fit(items, lease, new):
    items.take_in(lease, [new(1, item="i" * 256, message="c" * 256 + "/id:" + "m" * 256)], 100.0)
    assert items.waiting(200.0, 10)[0].item == "i" * 256


def test_a_reason_that_an_author_made_long_holds_nobody_up(items, lease, new):
    items.take_in(lease, [new(1)], 100.0)
    items.end(lease, ended(1, reason="x" * 500), 101.0)
    assert items.etag() == 1


@pytest.mark.parametrize("posted", ["a\0b", "\ud800", " ", "x" * 4_096])
def test_whatever_was_posted_comes_back_as_it_was(items, lease, new, posted):
    items.take_in(lease, [new(1, url=posted)], 100.0)
    assert items.find("r1").url == posted


def test_an_item_whose_key_is_gone_is_no_link_and_hides_no_other(database, items, lease, new):
    items.take_in(lease, [new(1)], 100.0)
    other = QueueItems(database, Vault(["A" * 43 + "="]), "acme")
    assert [record.url for record in other.waiting(200.0, 10)] == [""]


def test_a_message_gets_three_cards_and_then_lines(items, lease, new):
    items.take_in(lease, [new(etag, message="m") for etag in range(1, 6)], 100.0)
    assert [record.size for record in items.waiting(200.0, 10)] == ["compact"] * 3 + ["line"] * 2


def test_the_same_link_twice_in_a_message_is_a_line_the_second_time(items, lease, new):
    items.take_in(lease, [new(etag, message="m", url="https://example.com/") for etag in (1, 2)], 100.0)
    assert [record.size for record in items.waiting(200.0, 10)] == ["compact", "line"]


def test_nobody_elses_record_is_found(database, vault, items, lease, new):
    items.take_in(lease, [new(1)], 100.0)
    assert QueueItems(database, vault, "other").find("r1") is None


def taken_over(database) -> Lease:
    """The lease of a process that came later, when the first one's had run out."""
    lease = Leases(database, "other", 60.0, now=lambda connection: 4e9).acquire("acme")
    assert lease is not None
    return lease


@pytest.mark.parametrize("write", ["take_in", "end", "try_again", "begin", "leave", "resume"])
def test_who_lost_the_lease_writes_nothing(database, items, lease, new, write):
    items.take_in(lease, [new(1)], 100.0)
    assert taken_over(database)
    with pytest.raises(LeaseLost):
        if write == "take_in":
            items.take_in(lease, [new(2)], 1_001.0)
        elif write == "end":
            items.end(lease, ended(1), 1_001.0)
        elif write == "try_again":
            items.try_again(lease, [Again("r1", 1, 2_000.0)])
        elif write == "resume":
            items.begin(Lease("acme", "other", 2), ["r1"])
            items.resume(lease, 1_000.0, 10, float)
        elif write == "begin":
            items.begin(lease, ["r1"])
        else:
            items.leave(lease)
    assert [(record.item, record.tries) for record in items.waiting(2_000.0, 10)] == [("i1", 0)]


def test_old_records_are_forgotten_and_the_etag_stays(database, items, lease, new):
    items.take_in(lease, [new(1)], 100.0)
    items.end(lease, ended(1), 101.0)
    assert forget_old_items(database, 100.5) == 1
    assert (items.find("r1"), items.etag()) == (None, 1)


def test_the_links_cannot_be_read_in_the_database(items, lease, new, database: Database):
    items.take_in(lease, [new(1, url="https://example.com/canary-7d1")], 100.0)
    with database.read() as connection:
        rows = connection.exec_driver_sql("select * from queue_items").all()
    assert "canary-7d1" not in repr(rows)


def test_what_was_under_way_in_a_process_that_is_gone_counts_as_a_crash_once(database, items, lease, new):
    items.take_in(lease, [new(1), new(2), new(3)], 100.0)
    items.begin(lease, ["r1", "r2"])
    items.end(lease, ended(2), 101.0)
    after = taken_over(database)
    assert [items.resume(after, 1_000.0, 10, lambda crashes: 100.0 * crashes).crashes for _ in range(2)] == [1, 0]
    assert [(record.id, record.crashes) for record in items.waiting(2_000.0, 10)] == [("r1", 1), ("r3", 0)]
    assert [record.id for record in items.waiting(1_099.0, 10)] == ["r3"]


@pytest.mark.parametrize("how", ["leave", "try_again", "end", "nothing"])
def test_what_a_living_process_gave_back_is_no_crash(database, items, lease, new, how):
    items.take_in(lease, [new(1)], 100.0)
    items.begin(lease, ["r1"])
    if how == "leave":
        items.leave(lease)
    elif how == "try_again":
        items.try_again(lease, [Again("r1", 1, 2_000.0)])
    elif how == "end":
        items.end(lease, ended(1, reason="asked"), 101.0)
        items.reopen("u1", "none", "nothing", since=0.0, now=102.0)
    # "nothing": the same process takes it up once more, after the database was away.
    assert items.resume(lease if how == "nothing" else taken_over(database), 1_000.0, 10, float).crashes == 0


def test_what_is_taken_in_is_what_waits_and_what_is_found_by_whoever_comes_next(items, lease, new):
    taken = items.take_in(lease, [new(1, message="m"), new(2, url="https://example.com/\udc80", message="m")], 100.0)
    assert [record.url for record in taken][1] == "https://example.com/\udc80"
    assert taken == items.waiting(100.0, 10) == items.resume(lease, 100.0, 10, float).waiting


def test_reading_goes_on_where_it_stopped_however_old_the_oldest_open_item_is(items, lease, new):
    def read_until() -> int | None:
        return items.resume(lease, 102.0, 10, float).read_until

    assert read_until() is None
    items.take_in(lease, [new(1), new(2), new(3)], 100.0)
    assert (items.etag(), read_until()) == (None, 3)
    items.end(lease, ended(1, 2, 3, reason="asked"), 101.0)
    items.reopen("u1", "none", "nothing", since=0.0, now=102.0)
    assert (items.etag(), read_until()) == (0, 3)


def test_reading_goes_on_at_the_etag_when_the_records_are_forgotten(database, items, lease, new):
    items.take_in(lease, [new(7)], 100.0)
    items.end(lease, ended(7), 101.0)
    forget_old_items(database, 1_000.0)
    assert items.resume(lease, 102.0, 10, float).read_until == 7
