"""How gunicorn runs the service: one process whose workers are not held up by slow clients (docs/decisions/0004)."""

import os

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


def worker_exit(server, worker):
    """Let drains that are under way end, or hand them back."""
    service = getattr(getattr(worker, "wsgi", None), "extensions", {}).get("unfurler")
    if service is not None:
        service.stop()
