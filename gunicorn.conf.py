"""How gunicorn runs the service: processes that slow clients do not hold up (docs/decisions/0004)."""

import os
import sys
import tempfile
import threading
import time

import gevent

bind = f"{os.environ.get('HOST', '0.0.0.0')}:{os.environ.get('PORT', '8080')}"
worker_class = "gevent"
# Several share what they know through Redis; without it each would know something else.
workers = int(os.environ.get("WEB_CONCURRENCY", "1")) if os.environ.get("UNFURLER_REDIS_URL", "").strip() else 1
worker_connections = 1_000
# The time in which a request line and headers have to arrive.
keepalive = 10
graceful_timeout = 30
timeout = 60
limit_request_line = 8_190
limit_request_fields = 100
accesslog = None
loglevel = "warning"


def on_starting(server):
    """Hold to one process where there has to be one, whoever asks for more."""
    asked = max(server.num_workers, int(os.environ.get("WEB_CONCURRENCY", "1")))
    if asked > 1 and not os.environ.get("UNFURLER_REDIS_URL", "").strip():
        sys.stderr.write("UNFURLER_REDIS_URL is not set: one web process is started, not several.\n")
        server.num_workers = 1


def when_ready(server):
    """Several processes count into files of one folder, so that whichever is asked for /metrics knows all of it."""
    if server.num_workers > 1:
        server.metrics = tempfile.TemporaryDirectory(prefix="unfurler-metrics-")
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = server.metrics.name


def child_exit(server, worker):
    """What a process that is gone had under way is not under way any more; what it counted stays."""
    if hasattr(server, "metrics"):
        from prometheus_client import multiprocess

        multiprocess.mark_process_dead(worker.pid)


def on_exit(server):
    if hasattr(server, "metrics"):
        server.metrics.cleanup()


def post_worker_init(worker):
    """Make room for name look-ups, and begin to stop with the signal, not only when the last connection is gone."""
    # They wait in gevent's own threads: as many as are ever under way at once.
    gevent.get_hub().threadpool.maxsize = 32
    threading.Thread(target=stop_with_the_signal, args=(worker,), name="stopper", daemon=True).start()


def stop_with_the_signal(worker):
    while worker.alive:
        time.sleep(0.2)
    stop(worker)


def worker_exit(server, worker):
    """Let drains that are under way end, or hand them back; then leave, whatever thread still hangs."""
    stop(worker)
    if worker.booted:
        sys.stderr.flush()
        os._exit(0)


def stop(worker):
    service = getattr(getattr(worker, "wsgi", None), "extensions", {}).get("unfurler")
    if service is not None:
        service.stop()
