"""An application that does nothing but count: what stands behind a web process is not needed to see several add up."""

from __future__ import annotations

import os

from flask import Flask, Response

from unfurler.engine.facts import Facts
from unfurler.engine.happenings import DrainBegan, LinkEnded
from unfurler.web.meters import Meters


def app() -> Flask:
    made, meters = Flask(__name__), Meters()

    @made.get("/count")
    def count() -> str:
        meters.observe(LinkEnded("acme", "posted", None, 1, 200, Facts(provider="github")))
        meters.observe(DrainBegan())
        return str(os.getpid())

    @made.get("/metrics")
    def page() -> Response:
        meters.look({"database": None}, None, {}, 1.0)
        return Response(meters.page(), content_type="text/plain")

    return made
