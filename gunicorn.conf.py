"""How gunicorn runs the service: one process whose workers are not held up by slow clients (docs/decisions/0004)."""

import os
import sys
import threading
import time

import gevent

bind = f"{os.environ.get('HOST', '0.0.0.0')}:{os.environ.get('PORT', '8080')}"
worker_class = "gevent"
workers = 1
worker_connections = 1_000
# The time in which a request line and headers have to arrive.
keepalive = 10
graceful_timeout = 30
timeout = 60
limit_request_line = 8_190
limit_request_fields = 100
accesslog = None
loglevel = "warning"


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
