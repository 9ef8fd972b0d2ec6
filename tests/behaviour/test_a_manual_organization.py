"""A single organization that was registered by hand: set up from configuration, by the same calls."""

from __future__ import annotations

import pytest

from tests.world.service import Service
from tests.world.sites import issue
from tests.world.space import Organization, title, wait_for


@pytest.mark.parametrize("verification", ["public-key", "signing-key"])
@pytest.mark.parametrize("credentials", ["secret", "token"])
def test_it_gets_its_cards(space_server, tmp_path, settings, github, verification, credentials):
    service = Service(tmp_path, settings)
    made = space_server.post("applications", endpoint=service.endpoint, verification=verification)
    service.environ |= {"UNFURLER_SPACE_SERVER_URL": space_server.url, "UNFURLER_SPACE_CLIENT_ID": made["clientId"]}
    service.environ.pop("UNFURLER_SPACE_HOSTS")
    if credentials == "token":
        service.environ["UNFURLER_SPACE_TOKEN"] = made["permanentToken"]
    else:
        service.environ["UNFURLER_SPACE_CLIENT_SECRET"] = made["clientSecret"]
    if verification == "signing-key":
        service.environ["UNFURLER_SPACE_SIGNING_KEY"] = made["signingKey"]
    service.start()
    organization = Organization(space_server, made["clientId"], made["clientSecret"])
    assert wait_for(lambda: organization.state["domains"])
    organization.call("approve", rights=True, domains=True)
    github.answers("/repos/o/r/issues/91", json_body=issue(91, "By hand"))
    (item,) = organization.someone_posts("https://github.com/o/r/issues/91")
    assert title(organization.card(item)) == "By hand"
    body = {"className": "NewUnfurlQueueItemsPayload", "clientId": made["clientId"]}
    assert organization.call("payload", body=body, sign=False)["status"] == 401
    assert made["clientSecret"] not in service.log.read_text()
    assert made["permanentToken"] not in service.log.read_text()
    assert service.stop() == 0
