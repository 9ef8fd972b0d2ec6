"""A Flask view that does nothing, under the same server and settings: what a webhook could be at best."""

from __future__ import annotations

from flask import Flask, request

app = Flask(__name__)


@app.post("/api/space")
def receive() -> tuple[str, int]:
    """Read what came, answer."""
    request.get_data()
    return "", 200
