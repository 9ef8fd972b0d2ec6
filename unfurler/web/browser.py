"""The cookie that binds a flow to the browser that began it."""

from __future__ import annotations

import secrets

from flask import Request, Response

_LIFE_S = 3_600


def browser_of(request: Request, base_url: str) -> str | None:
    """What we gave this browser earlier."""
    return request.cookies.get(_name(base_url)) or None


def new_browser() -> str:
    """For a browser that has nothing of ours yet."""
    return secrets.token_urlsafe(32)


def remember(response: Response, browser: str, base_url: str) -> Response:
    """Give it to the browser: for this host alone, out of reach of scripts and of other sites' posts."""
    secure = base_url.startswith("https://")
    response.set_cookie(
        _name(base_url), browser, max_age=_LIFE_S, path="/", secure=secure, httponly=True, samesite="Lax"
    )
    return response


def _name(base_url: str) -> str:
    # Under plain http, which is for loopback, a __Host- cookie would never come back.
    return "__Host-unfurler" if base_url.startswith("https://") else "unfurler"
