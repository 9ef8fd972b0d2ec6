"""`/recorded/gitlab/…` and `/recorded/pages/…`: what other systems answer, for where there is no network."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from .recorded import read_replies, read_text

GITLAB = "https://gitlab.com/example-greetings/hello"
PAGE = "/recorded/pages/polite-programs"
LINKS = (f"{GITLAB}/-/issues/7", f"{GITLAB}/-/merge_requests/8")


def others_blueprint() -> Blueprint:
    others = Blueprint("others", __name__, url_prefix="/recorded")
    gitlab = read_replies("gitlab")

    @others.get("/gitlab/<path:path>")
    def of_gitlab(path: str) -> Response:
        """A file's place is its address, the `%2F` in a project's name read as a slash."""
        response = jsonify(gitlab.get(path, {"message": "404 Not Found"}))
        response.status_code = 200 if path in gitlab else 404
        return response

    @others.get("/pages/<name>")
    def page(name: str) -> Response:
        text = read_text("pages", f"{name}.html")
        return Response(text or "", 200 if text else 404, content_type="text/html; charset=utf-8")

    return others
