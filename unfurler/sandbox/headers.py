"""What the pages of this server allow: nothing inline, nothing foreign but pictures and the application's homepage."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Response


def origin_of(url: str) -> str:
    """`scheme://host:port`."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def secure(response: Response, *, form_action: str = "'self'") -> Response:
    """With the headers of a page."""
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self' https: http: data:; frame-src http: https:; base-uri 'none'; "
        f"form-action {form_action}; frame-ancestors 'none'"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    # Not "no-referrer": a form of this page would then come without its origin, by which it is told from foreign ones.
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "no-store"
    return response
