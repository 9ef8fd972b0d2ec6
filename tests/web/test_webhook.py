"""What the webhook answers when something behind it fails, and what it leaves behind."""

from __future__ import annotations

import gc
import time
from io import BytesIO

import pytest
from sqlalchemy import text

from tests.space.signing import payload, signed, vouches
from tests.world.space import wait_for
from unfurler.space.verify import Refused

NEWS = payload("NewUnfurlQueueItemsPayload")
GONE = payload("ApplicationUninstalledPayload", serverUrl="https://x.example")


def press(number: int = 0) -> bytes:
    return payload(
        "UnfurlActionPayload", userId="u", actionId="card.refresh", actionValue=f"r{number}", link="https://x.example/"
    )


def counted(web, name: str) -> str:
    return "\n".join(
        line for line in web.get("/metrics").text.splitlines() if line.startswith(name) and "_created" not in line
    )


def test_while_the_database_is_away_space_is_asked_to_come_again(service, deliver):
    with service.database.write() as connection:
        connection.execute(text("alter table organizations rename to away"))
    assert deliver(NEWS) == 503
    with service.database.write() as connection:
        connection.execute(text("alter table away rename to organizations"))
    assert deliver(NEWS) == 200


def test_a_message_that_could_not_be_acted_on_is_acted_on_when_the_same_bytes_come_again(service, deliver):
    headers = signed(GONE)
    with service.database.write() as connection:
        connection.execute(
            text("create trigger stuck before delete on organizations begin select raise(abort, 'x'); end")
        )
    assert deliver(GONE, headers) == 503
    with service.database.write() as connection:
        connection.execute(text("drop trigger stuck"))
    assert deliver(GONE, headers) == 200
    assert service.organizations.find("acme") is None


def test_an_installation_that_cannot_be_decided_now_is_asked_for_again(service, deliver, site):
    vouches(site, 0, token=503)
    body = payload("InitPayload", "new", clientSecret="s", serverUrl=site.url)
    assert deliver(body) == 503
    assert service.organizations.find("new") is None


def test_keys_that_open_nothing_are_no_reason_to_forget_a_message(service, deliver):
    with service.database.write() as connection:
        connection.execute(text("update organizations set secret_sealed = x'00'"))
    assert deliver(NEWS) == 503


def test_a_flood_of_clicks_is_refused_and_not_piled_up(service, deliver):
    service.clicks.stop(1.0)
    assert deliver(press()) == 503


def test_every_answer_is_timed_by_what_became_of_the_message(service, web, deliver):
    assert (deliver(NEWS), deliver(NEWS, {})) == (200, 401)
    service.clicks.stop(1.0)
    assert deliver(press()) == 503
    with service.database.write() as connection:
        connection.execute(text("alter table organizations rename to away"))
    # So long an organization is served from memory, and its messages are taken: the sweep finds what they tell of.
    time.sleep(1.1)
    assert deliver(payload("NewUnfurlQueueItemsPayload", n=1)) == 503
    said = counted(web, "unfurler_webhook")
    for outcome, count in (("taken", 1), ("refused", 1), ("unavailable", 2)):
        assert f'unfurler_webhook_seconds_count{{outcome="{outcome}"}} {count}.0' in said
    for reason in ("overloaded", "signature-missing", "http-503"):
        assert f'unfurler_webhook_refusals_total{{reason="{reason}"}} 1.0' in said


def test_a_refused_message_says_to_the_meters_why_and_to_the_sender_nothing(web, deliver):
    assert deliver(NEWS, {}) == 401
    assert 'unfurler_webhook_refusals_total{reason="signature-missing"} 1.0' in counted(web, "unfurler_webhook")


@pytest.mark.parametrize("number", range(2))
def test_an_answer_in_trouble_carries_no_trace_and_no_secret(service, web, number):
    body = [NEWS, payload("InitPayload", "acme", clientSecret="canary-s2", serverUrl="https://canary.example")][number]
    with service.database.write() as connection:
        connection.execute(text("alter table organizations rename to away"))
    answer = web.post("/api/space", data=body, headers=dict(signed(body)) | {"Content-Type": "application/json"})
    assert answer.status_code in (400, 503)
    assert "canary" not in answer.text
    assert "Traceback" not in answer.text


def test_the_meters_name_no_organization_no_link_and_no_person(service, web, deliver, site):
    site.answers(
        "/api/http/applications/unfurls/queue?batchSize=100&%24fields=%2A",
        json_body=[{"id": "canary-item", "target": "https://github.com/canary/path", "etag": 1, "authorUserId": None}],
    )
    site.answers("/api/http/applications/unfurls/queue?fromEtag=1&batchSize=100&%24fields=%2A", json_body=[])
    service.organizations.install("canary-organization", site.url, secret="canary", keys=None, by=None, now=1.0)
    assert deliver(payload("NewUnfurlQueueItemsPayload", "canary-organization")) == 200
    assert deliver(press()) == 200
    assert wait_for(lambda: counted(web, "unfurler_links_total"))
    assert "canary" not in web.get("/metrics").text


def test_no_secret_of_an_installation_reaches_the_log(service, deliver, site, capsys):
    vouches(site, 0, token=401)
    for secret in ("canary-a", "canary-b"):
        assert deliver(payload("InitPayload", "new", clientSecret=secret, serverUrl=site.url, state="canary-c")) == 401
    assert deliver(payload("InitPayload", "new", clientSecret="canary\n", serverUrl=site.url)) == 400
    assert deliver(payload("ChangeClientSecretPayload", newClientSecret="canary-d", userId="u")) == 200
    wait_for(lambda: False, 0.3)
    said = capsys.readouterr()
    assert "canary" not in said.out + said.err


def test_a_sender_that_goes_away_in_the_middle_is_no_error_of_ours(web):
    class Closed(BytesIO):
        def read(self, *_):
            raise OSError("the socket is closed")

    cut = {"CONTENT_LENGTH": "500", "wsgi.input_terminated": True, "wsgi.input": Closed()}
    answer = web.post("/api/space", headers={"Content-Type": "application/json"}, environ_overrides=cut)
    assert answer.status_code == 408
    assert 'reason="cut-off"' in counted(web, "unfurler_webhook")


@pytest.mark.parametrize(
    ("path", "status"), [("//api/space", 200), ("/api//space", 308), ("/api/space/", 404), ("/API/space", 404)]
)
def test_more_slashes_at_the_beginning_are_the_same_address(web, path, status):
    """As they are in every other address; whoever typed the endpoint so loses no message."""
    headers = dict(signed(NEWS)) | {"Content-Type": "application/json"}
    answer = web.post("/", data=NEWS, headers=headers, environ_overrides={"PATH_INFO": path})
    assert answer.status_code == status
    refused = web.post("/", data=NEWS, environ_overrides={"PATH_INFO": path})
    assert refused.status_code == (415 if status == 200 else status)


@pytest.mark.parametrize("method", ["get", "put", "delete", "head", "patch", "options"])
def test_messages_are_posted_and_nothing_else(web, method):
    answer = getattr(web, method)("/api/space")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_nothing_of_a_message_that_was_refused_is_kept(web, deliver):
    """Not even until the collector of cycles comes: it is up to a mebibyte of anybody's."""
    assert deliver(NEWS, {}) == 401
    gc.collect()
    gc.disable()
    try:
        assert deliver(NEWS, {}) == 401
        assert [one for one in gc.get_objects() if isinstance(one, Refused)] == []
    finally:
        gc.enable()


def test_a_message_that_is_taken_is_answered_with_nothing(web):
    answer = web.post("/api/space", data=NEWS, headers=dict(signed(NEWS)) | {"Content-Type": "application/json"})
    assert (answer.status_code, answer.data, list(answer.headers)) == (200, b"", [("Content-Length", "0")])
