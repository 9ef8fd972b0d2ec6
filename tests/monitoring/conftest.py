"""One real service after a mixed run of all that it does, and what it says of it to Prometheus."""

from __future__ import annotations

import pytest
import requests

from tests.monitoring.scraped import Scrape
from tests.world.service import Service
from tests.world.sites import issue
from tests.world.space import wait_for

# Said by no answer of the service, but by every link and name of this run.
CANARY = "canary"
BUDGET = {"X-RateLimit-Limit": "60", "X-RateLimit-Remaining": "15", "X-RateLimit-Reset": "4000000000"}


@pytest.fixture(scope="session")
def watched(tmp_path_factory, settings):
    """A service that only this run uses."""
    # The second of these domains is one that the guard does not let out to.
    more = {"UNFURLER_CACHE_TTL": "300", "UNFURLER_DOMAINS": f"{settings['UNFURLER_DOMAINS']},localhost:9"}
    service = Service(tmp_path_factory.mktemp("watched"), settings | more).start()
    yield service
    service.stop()


@pytest.fixture(scope="session")
def scrape(watched, space_server, github, pages) -> Scrape:
    """What is counted: six links, a click, three refusals."""
    space = space_server.install(watched.endpoint)
    github.answers("/repos/canary/r/issues/1", json_body=issue(1), headers=BUDGET, delay_s=0.1)
    github.answers("/repos/canary/r/issues/2", status=404)
    pages.answers("/canary", "<title>canary</title>")
    links = ["https://github.com/canary/r/issues/1", "https://github.com/canary/r/issues/2", f"{pages.url}/canary"]
    (first, _, page) = space.someone_posts(*links)
    assert space.card(first) and space.card(page)
    (again,) = space.someone_posts(links[0])
    assert space.card(again)
    space.queue("https://canary.example/x", "http://localhost:9/canary")
    space.press(first, "Refresh")
    assert wait_for(lambda: watched.events("click.done"))
    assert wait_for(lambda: len(watched.events("link.ended")) == 6)
    space.call("payload", body={"className": "NewUnfurlQueueItemsPayload", "clientId": space.id}, sign=False)
    for path in ("oauth/canary/start?request=x", "canary"):
        assert requests.get(f"{watched.url}/{path}", timeout=60).status_code == 404
    # A machine that is busy with other tests may not count what waits within its second.
    return wait_for(lambda: (at_rest := Scrape.of(watched)).value("unfurler_queue_items") == 0 and at_rest)
