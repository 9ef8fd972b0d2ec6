"""A worker: Dramatiq's, with the same pieces as a web process behind it."""

from __future__ import annotations

import logging
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence

import dramatiq
import structlog
from dramatiq.middleware import Middleware

from unfurler.web.app import begin
from unfurler.web.service import Service
from unfurler.web.shared import Together

# The names are Dramatiq's: how long it rests between two looks at an empty queue, and after it lost its connection.
_PACE = {"dramatiq_worker_timeout": "50", "dramatiq_restart_delay": "1000"}
log = structlog.get_logger(__name__)
_STOPS_IN_MS = 22_000
_METRICS_PORT = "dramatiq_prom_port"


def command(processes: int, threads: int, options: Sequence[str]) -> list[str]:
    """Dramatiq's own command for workers of ours; `options` are added to it."""
    many = ["--processes", str(processes), "--threads", str(threads)]
    stops = ["--worker-shutdown-timeout", str(_STOPS_IN_MS)]
    return [sys.executable, "-m", "dramatiq", f"{__name__}:set_up", "--skip-logging", *many, *stops, *options]


def environment(given: Mapping[str, str], threads: int) -> dict[str, str]:
    """What that command needs in its environment; what is given stays."""
    # No more messages are taken than there are threads: none waits here while another worker is idle.
    made = _PACE | {"dramatiq_queue_prefetch": str(threads)}
    if _METRICS_PORT in given:
        # Read when the library of the metrics is imported; Dramatiq shows them on that port.
        folder = given.get("dramatiq_prom_db") or tempfile.mkdtemp(prefix="unfurler-metrics-")
        made |= {"dramatiq_prom_db": folder, "PROMETHEUS_MULTIPROC_DIR": folder}
    return made | dict(given)


def set_up() -> None:
    """What Dramatiq calls in each process of a worker: build everything, and give it the broker."""
    service = begin(works=True)
    assert isinstance(service.sharing, Together), "a worker has Redis"
    broker = service.sharing.broker
    if _METRICS_PORT in os.environ:
        from dramatiq.middleware.prometheus import Prometheus

        broker.add_middleware(Prometheus())
    # Its warnings run over several lines, and repeat what our own events say.
    logging.getLogger("dramatiq").setLevel(logging.CRITICAL)
    broker.add_middleware(_Stopping(service))
    dramatiq.set_broker(broker)
    log.info("worker.ready")


class _Stopping(Middleware):
    """Lets passes that are under way end, or hand back, when Dramatiq stops the worker."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def before_worker_shutdown(self, _broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:
        """Take nothing more: what comes now is another worker's."""
        for consumer in worker.consumers.values():
            consumer.stop()
        self._service.stop(0.0)

    def after_worker_shutdown(self, _broker: dramatiq.Broker, _worker: dramatiq.Worker) -> None:
        """Leave, whatever thread still hangs."""
        sys.stderr.flush()
        os._exit(0)
