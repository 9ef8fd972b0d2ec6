"""What a drain asks of the database costs the same after months of links as on the first day."""

from __future__ import annotations

import pytest
from sqlalchemy import event

from unfurler.store.records import Ended

PAST = 4_000
STEPS = 100


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_no_step_of_a_drain_walks_through_what_has_ended(database, items, lease, new):
    """Counted are the steps of the database's own machine, of which a walk takes several for each record."""
    items.take_in(lease, [new(etag) for etag in range(PAST)], 100.0)
    items.end(lease, [Ended(f"r{etag}", "posted", None, None) for etag in range(PAST)], 101.0)
    counted = []
    event.listen(
        database._engine,
        "checkout",
        lambda connection, *_: connection.set_progress_handler(lambda: counted.append(1), STEPS),
    )
    items.resume(lease, 102.0, 10, float)
    items.take_in(lease, [new(PAST, message="m"), new(PAST + 1, message="m")], 103.0)
    items.begin(lease, [f"r{PAST}", f"r{PAST + 1}"])
    items.waiting(104.0, 10)
    items.end(lease, [Ended(f"r{PAST}", "posted", None, None)], 105.0)
    items.next_due()
    items.end(lease, [Ended(f"r{PAST + 1}", "posted", None, None)], 106.0)
    assert len(counted) * STEPS < PAST
    assert items.etag() == PAST + 1
