"""Errors as people and programs read them: a page for browsers, `application/problem+json` (RFC 9457) for the rest."""

from __future__ import annotations

from http import HTTPStatus

import structlog
from flask import Flask, Response, current_app, make_response, render_template, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from unfurler.store.secrets import CannotOpen
from unfurler.web.service import service

log = structlog.get_logger(__name__)

# These say themselves why, or say that something is away all the time that it is.
_SAY_MORE = ("webhook", "oauth", "health")


def register(app: Flask) -> None:
    """Every error of every view leaves through here; none carries a trace, a secret or what was sent."""
    app.register_error_handler(HTTPException, lambda error: problem(error.code or 500, headers=_headers(error)))
    app.register_error_handler(SQLAlchemyError, _database_away)
    app.register_error_handler(CannotOpen, _keys_missing)
    app.register_error_handler(Exception, _bug)
    app.after_request(_count)


def problem(status: int, detail: str | None = None, headers: dict[str, str] | None = None) -> Response:
    """An answer that says what went wrong, and no more."""
    title = HTTPStatus(status).phrase
    if (
        request.accept_mimetypes.best_match(["application/problem+json", "application/json", "text/html"])
        == "text/html"
    ):
        page = make_response(render_template("problem.html", title=title, detail=detail, status=status), status)
        page.headers.update(headers or {})
        return page
    body = {"type": "about:blank", "title": title, "status": status} | ({"detail": detail} if detail else {})
    answer = make_response(body, status, headers or {})
    answer.content_type = "application/problem+json"
    return answer


def _count(response: Response) -> Response:
    """A page that was refused has a line and is counted, like everything that is refused."""
    if response.status_code >= 400 and request.blueprint not in _SAY_MORE:
        endpoint, status = request.endpoint, str(response.status_code)
        meters = service(current_app).meters
        meters.count(meters.page_refusals, endpoint=endpoint, status=status)
        log.info("page.refused", endpoint=endpoint, status=response.status_code)
    return response


def _headers(error: HTTPException) -> dict[str, str]:
    return {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}


def _database_away(error: SQLAlchemyError) -> Response:
    log.error("database.away", error=type(error).__name__)
    return problem(503, "The database is away.", {"Retry-After": "5"})


def _keys_missing(error: CannotOpen) -> Response:
    log.error("secret.not-opened", meaning=str(error))
    return problem(503, headers={"Retry-After": "60"})


def _bug(error: Exception) -> Response:
    log.exception("view.failed", endpoint=request.endpoint)
    return problem(500)
