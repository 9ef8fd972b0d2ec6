"""OpenTelemetry traces of the way of a link, sent by OTLP over HTTP; nothing of it is imported unless configured.

What is configured are OpenTelemetry's own variables, of which `OTEL_EXPORTER_OTLP_ENDPOINT` switches it on:
https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

import structlog

from unfurler.engine.tracing import UNTRACED, Noted, Tracing
from unfurler.version import VERSION

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span as OpenSpan

log = structlog.get_logger(__name__)

SWITCHES = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_LAST_MS = 2_000
_SAY_AGAIN_S = 60.0


class CannotTrace(Exception):
    """Traces are wanted, and cannot be made."""


class Traces:
    """Spans of OpenTelemetry, and the trace's id as `trace` in every line of the log that is written within one."""

    def __init__(self, provider: TracerProvider) -> None:
        from opentelemetry import context, trace
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        self._provider = provider
        self._tracer = provider.get_tracer("unfurler", VERSION)
        self._context = context
        self._trace = trace
        self._places = TraceContextTextMapPropagator()

    @contextmanager
    def span(self, name: str, /, **noted: Noted) -> Iterator[_Noting]:
        """The block is a part of the way. What it raises is not noted: messages of errors carry addresses."""
        with (
            self._tracer.start_as_current_span(
                name, attributes=_attributes(noted), record_exception=False, set_status_on_exception=False
            ) as span,
            self._named_in_logs(span),
        ):
            yield _Noting(span)

    def over(self, name: str, ms: float, /, **noted: Noted) -> None:
        """A part of the way has just ended, and took that long."""
        end = time.time_ns()
        span = self._tracer.start_span(name, attributes=_attributes(noted), start_time=end - int(ms * 1_000_000))
        span.end(end)

    def place(self) -> str:
        """The place as a `traceparent` (https://www.w3.org/TR/trace-context/)."""
        carrier: dict[str, str] = {}
        self._places.inject(carrier)
        return carrier.get("traceparent", "")

    @contextmanager
    def going_on(self, place: str, /) -> Iterator[None]:
        """What this thread does in the block belongs to that place."""
        token = self._context.attach(self._places.extract({"traceparent": place}, self._context.Context()))
        try:
            with self._named_in_logs(self._trace.get_current_span()):
                yield
        finally:
            self._context.detach(token)

    def stop(self) -> None:
        """Send what was not sent, and wait a little for it."""
        self._provider.force_flush(_LAST_MS)

    @contextmanager
    def _named_in_logs(self, span: OpenSpan) -> Iterator[None]:
        found = span.get_span_context()
        if not found.is_valid:
            yield
            return
        with structlog.contextvars.bound_contextvars(trace=format(found.trace_id, "032x")):
            yield


class _Noting:
    """A span under way."""

    def __init__(self, span: OpenSpan) -> None:
        self._span = span

    def note(self, **noted: Noted) -> None:
        """Say more about it."""
        self._span.set_attributes(_attributes(noted))


def _attributes(noted: Mapping[str, Noted]) -> dict[str, str | int]:
    return {f"unfurler.{name}": value for name, value in noted.items() if value is not None}


class _NotSent(logging.Handler):
    """The library's own complaints, of which one a minute is said, without its words: they may hold addresses."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._said_at = -_SAY_AGAIN_S

    def emit(self, record: logging.LogRecord) -> None:
        """Say that traces are lost."""
        now = time.monotonic()
        if now - self._said_at >= _SAY_AGAIN_S:
            self._said_at = now
            log.warning("traces.not-sent", part=record.name.rpartition(".")[2])


def start_traces(environ: Mapping[str, str]) -> Tracing:
    """What follows the ways of links, where that is configured. Raises CannotTrace."""
    wanted = [name for name in SWITCHES if environ.get(name, "").strip()]
    if not wanted:
        return UNTRACED
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise CannotTrace(
            f"{wanted[0]}: a package of OpenTelemetry is missing ({error.name}); "
            "install what requirements.txt lists, or leave the variable out"
        ) from None
    library = logging.getLogger("opentelemetry")
    library.addHandler(_NotSent())
    library.propagate = False
    name = environ.get("OTEL_SERVICE_NAME") or "unfurler"
    provider = TracerProvider(
        resource=Resource.create({"service.name": name, "service.version": VERSION, "process.pid": os.getpid()}),
        shutdown_on_exit=False,
    )
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return Traces(provider)
