"""Organizations come, change and go."""

from __future__ import annotations

import threading

import pytest

from tests.world.space import wait_for
from unfurler.store.organizations import Organizations
from unfurler.store.queue_items import QueueItems
from unfurler.store.secrets import CannotOpen, Vault


def test_installing_again_takes_the_new_secret_and_keeps_the_place_in_the_queue(organizations, acme, items, lease, new):
    items.take_in(lease, [new(7)], 100.0)
    organizations.install(acme, "https://acme.example", secret="s2", keys="{}", by="u2", now=2.0)
    assert organizations.find(acme).secrets == ("s2",)
    assert items.find("r7") is not None


def test_an_id_that_belongs_to_another_server_is_not_overwritten(organizations, acme):
    assert not organizations.install(acme, "https://evil.example", secret="x", keys=None, by=None, now=2.0)
    assert organizations.find(acme).server_url == "https://acme.example"


def test_the_same_installation_delivered_twice_at_once_is_kept_once(organizations):
    kept, ready = [], threading.Barrier(6)

    def install() -> None:
        ready.wait()
        kept.append(organizations.install("new", "https://n.example", secret="s", keys=None, by=None, now=1.0))

    threads = [threading.Thread(target=install) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (kept, organizations.ids()) == ([True] * 6, ["new"])


def test_an_offered_secret_stands_beside_the_old_one_until_it_is_settled(organizations, acme):
    organizations.offer_secret(acme, "s2")
    assert organizations.find(acme).secrets == ("s2", "s1")
    organizations.settle_secret(acme, "s2")
    assert organizations.find(acme).secrets == ("s2",)


def test_what_another_process_changed_is_seen_after_a_second_and_what_this_one_changed_at_once(
    database, vault, organizations, acme
):
    assert organizations.find(acme).language == "en"
    Organizations(database, vault).set_language(acme, "de")
    assert wait_for(lambda: organizations.find(acme).language == "de")
    organizations.set_language(acme, "fr")
    assert organizations.find(acme).language == "fr"
    organizations.erase(acme)
    assert organizations.find(acme) is None


def test_erasing_takes_every_row_with_it(database, organizations, acme, items, lease, new):
    items.take_in(lease, [new(1)], 100.0)
    organizations.erase(acme)
    with database.read() as connection:
        assert connection.exec_driver_sql("select count(*) from queue_items").scalar_one() == 0


def test_coming_back_starts_empty(database, vault, organizations, acme, items, lease, new):
    items.take_in(lease, [new(1)], 100.0)
    organizations.erase(acme)
    organizations.install(acme, "https://acme.example", secret="s2", keys=None, by=None, now=2.0)
    again = QueueItems(database, vault, acme)
    assert (again.etag(), again.waiting(1_000.0, 10)) == (None, [])


def test_ids_and_addresses_of_full_length_fit(organizations):
    server = "https://" + "a" * 63 + ".example"
    assert organizations.install("c" * 256, server, secret="s" * 1_024, keys="{}", by="u" * 256, now=1.0)
    assert organizations.find("c" * 256).installed_by == "u" * 256


def test_the_ids_are_there_even_if_no_key_opens_a_secret(database, acme):
    others = Organizations(database, Vault(["A" * 43 + "="]))
    assert others.ids() == [acme]
    with pytest.raises(CannotOpen, match="UNFURLER_SECRET_KEYS"):
        others.find(acme)


def test_no_secret_can_be_read_in_the_database_or_in_a_trace(database, organizations, acme):
    organizations.offer_secret(acme, "canary-91c")
    with database.read() as connection:
        assert "canary-91c" not in repr(connection.exec_driver_sql("select * from organizations").all())
    assert "canary-91c" not in repr(organizations.find(acme))
