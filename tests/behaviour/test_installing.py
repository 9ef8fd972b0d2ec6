"""An organization installs us, changes its keys, secret or address, and leaves."""

from __future__ import annotations

import time

import pytest

from tests.world.sites import issue
from tests.world.space import Server, title, wait_for
from unfurler.sandbox.sandbox import Settings
from unfurler.sandbox.server import running


def rows(service, organization: str) -> dict[str, int]:
    """How many rows of each table belong to an organization."""
    with service.sql() as database:
        count = {"organizations": "id", "queue_items": "organization", "clicks": "organization"}
        return {
            table: database.execute(f"select count(*) from {table} where {column} = ?", (organization,)).fetchone()[0]
            for table, column in count.items()
        }


def test_an_installation_registers_right_domains_and_homepage(space):
    state = space.state
    assert {"github.com", "127.0.0.1"} <= {entry["domain"] for entry in state["domains"]}
    assert [right["status"] for right in state["rights"]] == ["GRANTED"]
    kinds = [extension["className"] for extension in state["uiExtensions"]]
    assert kinds == ["ApplicationHomepageUiExtensionIn", "ChatBotUiExtensionIn"]
    assert state["uiExtensions"][0]["iframeUrl"] == "/space/homepage"


def test_installing_again_keeps_the_organization_and_takes_the_new_secret(space_server, service, space, github):
    secret = space.call("secret", deliver=False)["clientSecret"]
    body = {"className": "InitPayload", "clientId": space.id, "clientSecret": secret, "serverUrl": space_server.url}
    assert space.call("payload", body=body)["status"] == 200
    assert space.call("payload", body={**body, "state": "x"})["status"] == 200
    github.answers("/repos/o/r/issues/21", json_body=issue(21, "Still here"))
    (item,) = space.someone_posts("https://github.com/o/r/issues/21")
    assert title(space.card(item)) == "Still here"
    assert rows(service, space.id)["organizations"] == 1


@pytest.mark.parametrize(
    "server",
    [
        "http://evil.example",
        "https://evil.example",
        "https://jetbrains.space.evil.example",
        "http://127.0.0.1:9",
        "https://10.0.0.1",
        "https://user@acme.jetbrains.space",
        "https://acme.jetbrains.space/path",
        "https://acme.jetbrains.space:8443",
        "not a url",
    ],
)
def test_a_server_that_is_not_allowed_is_refused_without_asking_it(space, service, server):
    body = {"className": "InitPayload", "clientId": "forged", "clientSecret": "x", "serverUrl": server}
    assert space.call("payload", body=body)["status"] == 400
    assert rows(service, "forged")["organizations"] == 0
    asked = {event["host"] for event in service.events("fetch.done")}
    assert not any(host.partition(":")[0] != "127.0.0.1" or host.endswith(":9") for host in asked)


def test_an_application_of_another_server_is_refused_and_changes_nothing(space, service, github):
    with running(Settings(port=0)) as other:
        attacker = Server(other.url)
        answer = attacker.post("installations", endpoint=service.endpoint, clientId=space.id)
        assert answer["delivery"]["status"] == 400
    github.answers("/repos/o/r/issues/22", json_body=issue(22, "Untouched"))
    (item,) = space.someone_posts("https://github.com/o/r/issues/22")
    assert title(space.card(item)) == "Untouched"


def test_an_init_payload_with_credentials_that_do_not_work_is_refused(space, space_server, service):
    body = {"className": "InitPayload", "clientId": "nobody", "clientSecret": "x", "serverUrl": space_server.url}
    assert space.call("payload", body=body)["status"] == 401
    assert rows(service, "nobody")["organizations"] == 0


def test_an_init_payload_signed_by_somebody_else_is_refused(space_server, space, service):
    victim = space_server.post("installations", endpoint="http://127.0.0.1:9/nowhere")
    body = {"className": "InitPayload", "clientId": victim["clientId"], "clientSecret": victim["clientSecret"]}
    body["serverUrl"] = space_server.url
    assert space.call("payload", body=body)["status"] == 401
    assert rows(service, victim["clientId"])["organizations"] == 0


def test_keys_are_rotated_without_a_lost_message(space, github):
    space.call("keys/rotate", keep=0)
    github.answers("/repos/o/r/issues/23", json_body=issue(23, "After rotation"))
    (item,) = space.someone_posts("https://github.com/o/r/issues/23")
    assert title(space.card(item)) == "After rotation"


def test_a_new_secret_is_used_once_it_works(space, github):
    assert space.call("secret")["delivery"]["status"] == 200
    space.server.post("clock", advance_s=3600)  # the old token has run out
    github.answers("/repos/o/r/issues/24", json_body=issue(24, "New secret"))
    (item,) = space.someone_posts("https://github.com/o/r/issues/24")
    assert title(space.card(item)) == "New secret"


def test_a_new_secret_that_does_not_work_leaves_the_old_one_in_use(space, github):
    body = {"className": "ChangeClientSecretPayload", "clientId": space.id, "newClientSecret": "wrong"}
    assert space.call("payload", body=body)["status"] == 200
    space.server.post("clock", advance_s=3600)
    github.answers("/repos/o/r/issues/25", json_body=issue(25, "Old secret"))
    (item,) = space.someone_posts("https://github.com/o/r/issues/25")
    assert title(space.card(item)) == "Old secret"


def test_a_new_address_has_to_be_allowed_and_to_accept_us(space):
    for server in ("https://evil.example", "http://127.0.0.1:1"):
        body = {"className": "ChangeServerUrlPayload", "clientId": space.id, "newServerUrl": server}
        assert space.call("payload", body=body)["status"] == 400


def test_uninstalling_erases_everything_of_that_organization_only(space, space_server, service, github):
    stays = space_server.install(service.endpoint)
    github.answers("/repos/o/r/issues/26", json_body=issue(26))
    for organization in (space, stays):
        (item,) = organization.someone_posts("https://github.com/o/r/issues/26")
        assert organization.card(item)
    assert wait_for(lambda: rows(service, space.id)["queue_items"] == 1)
    assert space.call("uninstall")["delivery"]["status"] == 200
    assert rows(service, space.id) == {"organizations": 0, "queue_items": 0, "clicks": 0}
    assert rows(service, stays.id)["queue_items"] == 1


def test_an_unverified_uninstall_erases_nothing(space, service):
    body = {"className": "ApplicationUninstalledPayload", "clientId": space.id, "serverUrl": space.server.url}
    assert space.call("payload", body=body, sign=False)["status"] == 401
    assert rows(service, space.id)["organizations"] == 1


def test_a_refused_step_blocks_no_other_and_is_done_later(space_server, service):
    space_server.post("faults", path="unfurls/domains", status=500, error="internal-server-error", times=6)
    organization = space_server.post("installations", endpoint=service.endpoint)["clientId"]

    def state():
        return space_server.get(f"installations/{organization}")

    assert wait_for(lambda: state()["uiExtensions"])
    assert wait_for(lambda: state()["domains"], 120)


def test_links_wait_for_the_approval_of_the_right(space_server, service, github):
    github.answers("/repos/o/r/issues/27", json_body=issue(27, "Approved"))
    organization = space_server.install(service.endpoint, approve=False)
    assert wait_for(lambda: organization.state["domains"])
    organization.queue("https://github.com/o/r/issues/27")
    time.sleep(1)
    assert organization.cards() == {}
    organization.call("approve", rights=True, domains=True)
    organization.call("notify")
    assert wait_for(organization.cards) == {"https://github.com/o/r/issues/27": "Approved"}
