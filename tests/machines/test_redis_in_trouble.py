"""Redis goes and comes back in the middle of links: none is lost, none is posted twice, the webhook answers."""

from __future__ import annotations

import signal

import pytest

from tests.world.space import wait_for


def stop(redis) -> None:
    redis.stop(signal.SIGTERM)


def killed(redis) -> None:
    redis.stop(signal.SIGKILL)


def frozen(redis) -> None:
    redis.freeze()


def restarted(redis) -> None:
    redis.stop()
    redis.start()


@pytest.mark.parametrize(
    "trouble", [frozen, *(pytest.param(each, marks=pytest.mark.long) for each in (stop, killed, restarted))]
)
def test_links_go_on_without_redis(start, space_server, links, each_once, redis, trouble):
    service = start(workers=1)
    organization = space_server.install(service.endpoint)
    organization.queue(*links(30, delay_s=0.3))
    assert wait_for(organization.cards)
    trouble(redis)
    organization.queue(*links(10, delay_s=0.1))
    each_once(organization, 40)
    assert service.process.poll() is None


@pytest.mark.long
@pytest.mark.parametrize("trouble", [killed, frozen])
def test_work_is_shared_again_when_redis_is_back(start, space_server, links, each_once, redis, trouble):
    service = start(workers=1, UNFURLER_CACHE_TTL="60")
    organization = space_server.install(service.endpoint)
    trouble(redis)
    organization.queue(*links(5))
    each_once(organization, 5)
    redis.start() if trouble is killed else redis.thaw()
    assert wait_for(lambda: len(service.events("redis.back")) >= 2)
    wait_for(lambda: False, 1.5)
    organization.queue(*links(5))
    each_once(organization, 10)
    assert wait_for(lambda: redis.client().keys("unfurler:card:*"))
    assert service.stop() == 0


@pytest.mark.long
def test_the_webhook_answers_within_a_second_while_redis_is_frozen(start, space_server, links, redis):
    service = start(workers=1)
    organization = space_server.install(service.endpoint)
    (item,) = organization.someone_posts(*links(1))
    assert organization.card(item)
    redis.freeze()
    for _ in range(3):
        pressed = organization.call("press", itemId=item, button="Refresh", times=5, sameBytes=False, parallel=True)[
            "deliveries"
        ]
        assert [delivery["status"] for delivery in pressed] == [200] * 5
        assert max(delivery["ms"] for delivery in pressed) < 1_000
    assert organization.posts(item) > 1
