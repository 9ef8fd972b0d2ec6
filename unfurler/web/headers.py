"""Headers of our pages: nothing inline, nothing from elsewhere but pictures, framed by nobody unless said so."""

from __future__ import annotations


def content_policy(*, frame_ancestors: str = "'none'", scripts: bool = False, forms_lead_to: str = "") -> str:
    """The content security policy of a page; `forms_lead_to` an origin that the answer to a form may redirect to."""
    parts = [
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self' https: data:",
        f"form-action 'self' {forms_lead_to}".rstrip(),
        "base-uri 'none'",
        f"frame-ancestors {frame_ancestors}",
    ]
    if scripts:
        parts += ["script-src 'self'", "connect-src 'self'"]
    return "; ".join(parts)
