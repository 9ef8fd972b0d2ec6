"""Two web processes and two workers do together what one process does alone."""

from __future__ import annotations

import signal
import time

import pytest
import requests

from tests.world.ports import free_port
from tests.world.service import Service, kill
from tests.world.space import wait_for


def test_every_link_of_one_organization_is_posted_once(start, space_server, links, each_once, github):
    service = start(workers=2, WEB_CONCURRENCY="2")
    organization = space_server.install(service.endpoint)
    found = links(60, delay_s=0.1)
    for ten in range(0, 60, 10):
        organization.queue(*found[ten : ten + 10])
        wait_for(lambda: False, 0.1)
    each_once(organization, 60)
    assert all(github.calls(link.replace("https://github.com/", "/repos/")) == 1 for link in found)
    assert service.stop() == 0
    drains = service.events("drain.done")
    assert {drain["outcome"] for drain in drains} == {"done"}
    assert not service.events("work.failed")


@pytest.mark.long
def test_the_same_link_wanted_by_two_workers_is_fetched_once(start, space_server, links, github):
    service = start(workers=2, UNFURLER_CACHE_TTL="60")
    organizations = [space_server.install(service.endpoint) for _ in range(4)]
    (link,) = links(1, delay_s=1.0)
    for organization in organizations:
        organization.queue(link)
    for organization in organizations:
        assert wait_for(organization.cards)
    assert github.calls(link.replace("https://github.com/", "/repos/")) == 1


@pytest.mark.long
def test_a_worker_that_is_killed_is_followed_by_another_at_once(start, space_server, links, each_once):
    service = start(workers=1)
    organization = space_server.install(service.endpoint)
    organization.queue(*links(40, delay_s=0.5))
    assert wait_for(organization.cards)
    (first,) = service.workers
    service.start_worker()
    kill(first)
    service.workers.remove(first)
    # What was on its way when it died may be there twice: nobody knows whether it arrived.
    each_once(organization, 40, at_most=2)


@pytest.mark.long
def test_a_worker_that_is_told_to_stop_hands_back_what_it_has(start, space_server, links, each_once):
    service = start(workers=2)
    organization = space_server.install(service.endpoint)
    organization.queue(*links(60, delay_s=0.5))
    assert wait_for(organization.cards)
    for worker in list(service.workers):
        began = time.monotonic()
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(35) == 0
        assert time.monotonic() - began < 30
        service.workers.remove(worker)
        service.start_worker()
    each_once(organization, 60)


@pytest.mark.long
def test_without_any_worker_the_web_process_works(start, space_server, links, each_once):
    service = start(workers=1)
    organization = space_server.install(service.endpoint)
    organization.queue(*links(5))
    each_once(organization, 5)
    (worker,) = service.workers
    kill(worker)
    service.workers.clear()
    organization.queue(*links(5))
    each_once(organization, 10)


@pytest.mark.long
def test_the_same_message_is_taken_once_whichever_process_gets_it(start, space_server, links, github):
    service = start(workers=1, WEB_CONCURRENCY="2")
    organization = space_server.install(service.endpoint)
    (link,) = links(1)
    (item,) = organization.someone_posts(link)
    assert organization.card(item)
    asked = github.calls(link.replace("https://github.com/", "/repos/"))
    pressed = organization.call("press", itemId=item, button="Refresh", times=6)
    assert [delivery["status"] for delivery in pressed["deliveries"]] == [200] * len(pressed["deliveries"])
    assert wait_for(lambda: organization.posts(item) > 1)
    wait_for(lambda: False, 1.0)
    assert organization.posts(item) == 2
    assert github.calls(link.replace("https://github.com/", "/repos/")) == asked + 1


@pytest.mark.long
def test_a_worker_shows_its_metrics_where_it_is_told_to(start, space_server, links, each_once):
    port = free_port()
    service = start(workers=1, dramatiq_prom_port=str(port), dramatiq_prom_host="127.0.0.1")
    organization = space_server.install(service.endpoint)
    organization.queue(*links(3))
    each_once(organization, 3)
    shown = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=60).text
    assert "unfurler_links_total" in shown
    assert "dramatiq_messages_total" in shown
    assert service.stop() == 0


def test_several_web_processes_need_redis(tmp_path, settings):
    service = Service(tmp_path, settings | {"WEB_CONCURRENCY": "3"})
    service.environ.pop("UNFURLER_REDIS_URL", None)
    service.start()
    try:
        assert "one web process is started" in service.log.read_text()
        assert requests.get(f"{service.url}/healthz", timeout=60).ok
    finally:
        service.stop()


@pytest.mark.long
def test_check_says_whether_redis_answers(start, redis):
    service = start(workers=0)
    assert service.run("check").returncode == 0
    redis.stop()
    checked = service.run("check")
    assert checked.returncode == 1
    assert "UNFURLER_REDIS_URL: Redis cannot be reached" in checked.stderr
