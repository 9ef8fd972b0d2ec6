"""Structured logs on stderr: one event a line, as JSON or for a console."""

from __future__ import annotations

import logging
import sys
from typing import Any, Literal

import structlog


def set_up_logs(level: str, form: Literal["json", "console"] | None) -> None:
    """Once for a process. Without a form: console on a terminal, JSON elsewhere."""
    renderer: Any = structlog.processors.JSONRenderer(ensure_ascii=True)
    if form == "console" or (form is None and sys.stderr.isatty()):
        renderer = structlog.dev.ConsoleRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _without_frames,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        # A line is one write: those of several processes do not mix.
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    # Libraries write addresses with their queries at DEBUG and INFO.
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
    logging.getLogger("urllib3").setLevel(logging.ERROR)


def _without_frames(_: Any, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """An exception as its type and the places it came through: messages of libraries carry addresses and secrets."""
    if event.pop("exc_info", None):
        kind, error, trace = sys.exc_info()
        places = []
        while trace is not None:
            places.append(f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}")
            trace = trace.tb_next
        event["error"] = kind.__name__ if kind else "none"
        event["at"] = " > ".join(places[-8:])
        del error
    return event
