"""What `/readyz` says of each dependency, and `/metrics` of what waits, whatever the dependency does."""

from __future__ import annotations

import dataclasses
import threading
import time

import pytest
from sqlalchemy import insert, text

from tests.world.space import wait_for
from unfurler.store.models import QueueItemRow
from unfurler.store.queue_items import BACKLOG
from unfurler.web.app import create_app
from unfurler.web.checks import Check, Checks, Question


def ready(service, *more: Check):
    """The answer of `/readyz` with more checks than the service's own; its seconds too."""
    checks = Checks([Check("database", service.database.trouble, needed=True), *more])
    client = create_app(dataclasses.replace(service, checks=checks)).test_client()
    began = time.monotonic()
    answer = client.get("/readyz")
    return answer.status_code, answer.json, time.monotonic() - began


def once(web, check: str, words: str):
    """The answer of `/readyz` that says so of a check: a busy machine may not look within its second."""
    said = []

    def says() -> bool:
        said.append(web.get("/readyz"))
        return words in said[-1].json["checks"][check]

    assert wait_for(says)
    return said[-1]


def metric(web, name: str) -> str:
    return next(line.split()[-1] for line in web.get("/metrics").text.splitlines() if line.startswith(name))


def test_ready_means_that_the_tables_are_there_and_the_keys_fit(service, web):
    well = {"status": "ok", "checks": {"database": "ok", "secrets": "ok", "providers": "ok"}}
    assert wait_for(lambda: web.get("/readyz").json == well)
    with service.database.write() as connection:
        connection.execute(text("drop table alembic_version"))
    answer = once(web, "database", "db upgrade")
    assert (answer.status_code, answer.json["status"]) == (503, "unavailable")
    assert metric(web, 'unfurler_check_ok{check="database"}') == "0.0"


def test_a_key_that_is_missing_is_said(service, web):
    with service.database.write() as connection:
        connection.execute(text("update organizations set secret_sealed = x'00'"))
    answer = once(web, "secrets", "UNFURLER_SECRET_KEYS")
    assert (answer.status_code, answer.json["status"]) == (200, "degraded")


def test_without_what_only_helps_it_is_degraded(service):
    status, said, _ = ready(service, Check("redis", lambda: "is away"), Check("queue", lambda: None))
    assert (status, said["status"]) == (200, "degraded")
    assert said["checks"] == {"database": "ok", "redis": "is away", "queue": "ok"}


def test_what_is_frozen_counts_as_away_after_a_second_and_is_not_asked_twice(service):
    thaw, asked = threading.Event(), []

    def frozen() -> None:
        asked.append(1)
        thaw.wait()

    checks = [Check(name, frozen) for name in ("redis", "queue")]
    for _ in range(2):
        status, said, took_s = ready(service, *checks)
        assert (status, said["status"]) == (200, "degraded")
        assert "does not answer" in said["checks"]["queue"]
        assert took_s < 30
    thaw.set()


def test_a_frozen_question_is_asked_once_until_it_is_answered():
    thaw, asked = threading.Event(), []

    def ask() -> str:
        asked.append(1)
        thaw.wait()
        return "here"

    question = Question("redis", ask)
    waiting = [question.asked() for _ in range(5)]
    assert len(asked) == 1
    thaw.set()
    assert {answer.result(5) for answer in waiting} == {"here"}
    assert question.asked().result(5) == "here"
    assert len(asked) == 2


def test_a_check_that_breaks_says_nothing_of_why(service, capsys):
    def breaks() -> None:
        raise ConnectionError("redis://:canary@redis.corp.example:6379")

    status, said, _ = ready(service, Check("redis", breaks))
    assert (status, said["checks"]["redis"]) == (200, "cannot be looked at")
    logged = capsys.readouterr()
    assert "canary" not in str(said) + logged.out + logged.err


@pytest.mark.parametrize("count", [0, 3])
def test_the_meters_say_how_much_waits_and_for_how_long(service, web, count):
    with service.database.write() as connection:
        for number in range(5):
            row = {"organization": "acme", "link_sealed": b"", "link_hash": "", "size": "line", "due_at": 0, "tries": 0}
            ended = None if number < count else 1.0
            aged = {"received_at": time.time() - 100 * (5 - number), "ended_at": ended, "offered": ""}
            connection.execute(
                insert(QueueItemRow).values(id=f"r{number}", item=f"i{number}", etag=number, **row, **aged)
            )

    def shown() -> tuple[float, float]:
        items, oldest = (float(metric(web, f"unfurler_queue_{name}")) for name in ("items", "oldest_seconds"))
        return items, oldest // 100

    # A machine that is busy with other tests may not count it within its second, and says NaN until it has.
    assert wait_for(lambda: shown() == (count, 5 if count else 0)), shown()


def test_while_the_database_is_away_nothing_is_said_of_what_waits(service, web):
    with service.database.write() as connection:
        connection.execute(text("alter table queue_items rename to away"))
    assert metric(web, "unfurler_queue_items") == "NaN"


def test_what_waits_is_found_without_reading_every_record(service):
    with service.database.read() as connection:
        plan = connection.execute(text(f"explain query plan {BACKLOG}")).all()
    assert str(plan).count("INDEX queue_items_waiting (organization=? AND ended_at=?)") == 2
    assert "SCAN queue_items" not in str(plan)


def test_a_page_that_is_refused_is_counted_and_has_a_line(web, capsys):
    for _ in range(2):
        web.get("/nowhere/canary")
    assert web.post("/space/homepage/clicks").status_code == 401
    assert metric(web, 'unfurler_page_refusals_total{endpoint="none",status="404"}') == "2.0"
    assert metric(web, 'unfurler_page_refusals_total{endpoint="homepage.clicks",status="401"}') == "1.0"
    assert "canary" not in web.get("/metrics").text


def test_a_sign_in_with_a_made_up_provider_is_counted_under_none(web):
    for name in ("canary", "github"):
        assert web.get(f"/oauth/{name}/start?request=x").status_code == 404
    said = web.get("/metrics").text
    assert "canary" not in said
    assert wait_for(lambda: 'unfurler_sign_ins_total{outcome="no-such-sign-in",provider="none"} 2.0' in said)


def test_circuits_that_are_open_are_counted(service, web):
    assert metric(web, 'unfurler_circuits_open{kind="provider"}') == "0.0"
    for _ in range(5):
        service.resolver.circuits.note("github", failed=True)
    assert metric(web, 'unfurler_circuits_open{kind="provider"}') == "1.0"
    assert {metric(web, f'unfurler_circuits_open{{kind="{kind}"}}') for kind in ("api", "page")} == {"0.0"}
