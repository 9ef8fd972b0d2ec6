"""With OpenTelemetry configured, the way of a link is one trace, from the message to the posted card."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import requests

from tests.world.collector import Collector, Span
from tests.world.ports import free_port
from tests.world.service import ROOT, Service
from tests.world.sites import issue
from tests.world.space import wait_for


@pytest.fixture(scope="module")
def collector():
    """Takes traces."""
    made = Collector()
    yield made
    made.close()


@pytest.fixture(scope="module")
def traced(tmp_path_factory, settings, collector):
    """A service that sends its traces there, soon."""
    more = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_BSP_SCHEDULE_DELAY": "100"}
    service = Service(tmp_path_factory.mktemp("traced"), settings | more).start()
    yield service
    service.stop()


@pytest.fixture
def space(space_server, traced):
    """An organization of its own that has installed it."""
    return space_server.install(traced.endpoint)


def trace_of(collector: Collector, *names: str, **noted: str | int) -> list[Span]:
    """The trace with a span of such a note that has spans of all these names."""

    def found() -> list[Span]:
        for span in collector.spans:
            if all(span.noted.get(f"unfurler.{name}") == value for name, value in noted.items()):
                trace = collector.of(span.trace)
                if set(names) <= {one.name for one in trace}:
                    return trace
        return []

    spans = wait_for(found)
    assert spans, sorted({(span.name, *sorted(span.noted.items())) for span in collector.spans})
    return spans


def way(trace: list[Span], span: Span) -> list[str]:
    """The names from the root of a trace to one of its spans."""
    above = [one for one in trace if one.id == span.parent]
    return [*(way(trace, above[0]) if above else []), span.name]


def post(space, github, number: int) -> tuple[str, str]:
    """A link that becomes a card: its item and our record of it."""
    github.answers(f"/repos/o/r/issues/{number}", json_body=issue(number))
    (item,) = space.someone_posts(f"https://github.com/o/r/issues/{number}?canary=query")
    assert space.card(item)
    return item


def ended(service, space, links: int = 1) -> dict:
    """The line of the last of so many links."""
    mine = wait_for(lambda: [e for e in service.events("link.ended") if e["organization"] == space.id][links - 1 :])
    assert mine
    return mine[0]


def test_a_link_is_one_trace_from_the_message_to_the_card(space, traced, github, collector):
    post(space, github, 801)
    record = ended(traced, space)["record"]
    trace = trace_of(collector, "message", "drain", "link", "provider", "request", "post", record=record)
    assert len({span.trace for span in trace}) == 1
    assert [span.name for span in trace if not span.parent] == ["message"]
    ids = {span.id for span in trace}
    assert all(span.parent in ids for span in trace if span.parent)
    link = next(span for span in trace if span.name == "link")
    inside = {tuple(way(trace, span)) for span in trace}
    assert ("message", "drain", "link", "provider", "request") in inside
    assert ("message", "drain", "post", "request") in inside
    assert ("message", "drain", "request") in inside
    assert link.noted["unfurler.provider"] == "github"
    assert link.noted["unfurler.cache"] == "miss"
    asked = next(span for span in trace if span.name == "request" and "provider" in way(trace, span))
    assert asked.noted["unfurler.host"] == github.url.partition("//")[2]
    assert link.began <= asked.began <= asked.ended <= link.ended


def test_a_click_is_one_trace_as_well(space, traced, github, collector):
    item = post(space, github, 802)
    record = ended(traced, space)["record"]
    space.press(item, "Refresh")
    trace = trace_of(collector, "message", "click", "provider", "request", record=record, action="card.refresh")
    assert [span.name for span in trace if not span.parent] == ["message"]
    assert ["message", "click", "provider"] in [way(trace, span) for span in trace]


def test_a_message_that_is_refused_is_a_trace_too(traced, collector):
    answer = requests.post(traced.endpoint, json={"className": "NewUnfurlQueueItemsPayload"}, timeout=10)
    assert answer.status_code == 400
    (message,) = trace_of(collector, "message", status=400)
    line = wait_for(lambda: [e for e in traced.events("webhook.refused") if e["reason"] == "malformed"])[-1]
    assert line["trace"] == message.trace


def test_the_lines_of_a_link_name_its_trace(space, traced, github, collector):
    post(space, github, 803)
    line = ended(traced, space)
    trace = trace_of(collector, "link", record=line["record"])
    assert line["trace"] == trace[0].trace
    done = wait_for(lambda: [e for e in traced.events("drain.done") if e["organization"] == space.id and e["read"]])
    assert line["trace"] in {event.get("trace") for event in done}
    assert line["trace"] in {event.get("trace") for event in traced.events("fetch.done")}


def test_a_trace_names_no_link_and_of_strangers_no_host(space, traced, github, pages, collector):
    pages.answers("/canary-page", "<title>canary-title</title>")
    post(space, github, 804)
    (item,) = space.someone_posts(f"{pages.url}/canary-page")
    assert space.card(item)
    record = ended(traced, space, links=2)["record"]
    trace = trace_of(collector, "link", "request", "post", record=record)
    page = [span for span in trace if span.noted.get("unfurler.kind") == "page"]
    assert page and not any("unfurler.host" in span.noted for span in page)
    seen = collector.raw.decode("latin-1")
    secrets = [
        "canary",
        "/repos/",
        "/issues/80",
        "octocat",
        space.people[0],
        *traced.environ["UNFURLER_SECRET_KEYS"].split(","),
    ]
    assert [secret for secret in secrets if secret in seen] == []


def test_what_was_not_sent_is_sent_at_the_end(tmp_path, settings, space_server, github, collector):
    more = {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"{collector.url}/v1/traces", "OTEL_BSP_SCHEDULE_DELAY": "60000"}
    service = Service(tmp_path, settings | more).start()
    space = space_server.install(service.endpoint)
    post(space, github, 805)
    record = ended(service, space)["record"]
    assert service.stop() == 0
    assert trace_of(collector, "message", "drain", "link", "post", record=record)


def test_a_collector_that_is_away_disturbs_nothing(tmp_path, settings, space_server, github):
    token = "authorization=canary-token"
    more = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{free_port()}", "OTEL_EXPORTER_OTLP_HEADERS": token}
    soon = {"OTEL_BSP_SCHEDULE_DELAY": "100", "OTEL_EXPORTER_OTLP_TIMEOUT": "1"}
    service = Service(tmp_path, settings | more | soon).start()
    space = space_server.install(service.endpoint)
    post(space, github, 806)
    assert wait_for(lambda: service.events("traces.not-sent"))
    processes = 1 + len(service.workers)
    assert service.stop() == 0
    said = service.log.read_text()
    assert "canary-token" not in said
    assert [line for line in said.splitlines() if not line.startswith("{")] == []
    assert len(service.events("traces.not-sent")) <= processes


@pytest.mark.parametrize("configured", [False, True])
def test_nothing_of_it_is_imported_unless_it_is_configured(configured):
    script = (
        "import json, os, sys\nimport unfurler.web.app\nfrom unfurler.web.traces import start_traces\n"
        "start_traces(os.environ)\nprint(json.dumps([name for name in sys.modules if 'opentelemetry' in name]))"
    )
    environ = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"} if configured else {}
    done = subprocess.run([sys.executable, "-c", script], env=environ, cwd=ROOT, capture_output=True, text=True)
    assert bool(json.loads(done.stdout)) is configured, done.stderr


def test_a_package_that_is_missing_stops_the_start_with_a_sentence():
    script = (
        "import sys\nsys.modules['opentelemetry.sdk'] = None\n"
        "from unfurler.web.traces import CannotTrace, start_traces\n"
        "try: start_traces({'OTEL_EXPORTER_OTLP_ENDPOINT': 'http://127.0.0.1:9'})\n"
        "except CannotTrace as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert "OTEL_EXPORTER_OTLP_ENDPOINT" in done.stdout and "requirements.txt" in done.stdout, done.stderr
