"""What people can ask us in our own channel."""

from __future__ import annotations

import pytest

from unfurler.space.chat import answer
from unfurler.space.why import reason_of
from unfurler.store.leases import Leases
from unfurler.store.queue_items import QueueItems
from unfurler.store.records import Ended, NewItem

LINK = "https://github.example/secret/plans/issues/1"


@pytest.fixture
def items(organizations):
    database, vault = organizations._database, organizations._vault
    made = QueueItems(database, vault, "acme")
    lease = Leases(database, "me/1/x", 60.0).acquire("acme")

    def end(person: str, reason: str, at: float = 1.0) -> None:
        record = f"{person}{at}"
        made.take_in(lease, [NewItem(record, record, int(at), LINK, person, None)], at)
        made.end(lease, [Ended(record, "nothing", reason, "github")], at)

    made.end_of = end
    return made


def why(items, person: str) -> str:
    return answer(f"/why {LINK}", person, items, None)


@pytest.mark.parametrize(
    "reason", ["access-denied", "never-ask", "sign-in-asked", "waits-for-sign-in", "not-now", "audience-never"]
)
def test_what_became_of_a_link_with_an_account_is_told_to_its_author_alone(items, reason):
    items.end_of("ann", reason)
    told, hidden = why(items, "ann"), why(items, "bob")
    items.end_of("carla", "not-found", 2.0)
    assert hidden == why(items, "bob") != told


def test_everybody_is_told_what_does_not_depend_on_anybody(items):
    items.end_of("ann", "expired")
    assert why(items, "ann") == why(items, "bob")


def test_ones_own_link_comes_first(items):
    items.end_of("bob", "never-ask")
    items.end_of("ann", "expired", 2.0)
    assert "never to be asked" in why(items, "bob")


def test_the_chat_says_what_helps_in_the_words_of_everywhere_else(items):
    items.end_of("ann", "not-approved")
    assert why(items, "ann") == " ".join([reason_of("not-approved").said, reason_of("not-approved").mend])
