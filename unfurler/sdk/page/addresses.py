"""Which of the addresses on a page are passed on, as absolute URLs."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

MAX_CHARS = 2_048

_UNFIT = r"\x00-\x20\"<>\x7f-\x9f\\\u2028\u2029\ud800-\udfff"
_REFUSED = re.compile(f"[{_UNFIT}]")
# Nothing to resolve and nothing to doubt: spares most addresses the parser.
_PLAIN = re.compile(rf"https?://[A-Za-z0-9-]++(?:\.[A-Za-z0-9-]++)++(?:[/?#][^{_UNFIT}]*+)?+")
_HOST = re.compile(r"https?://(?:[^/?#@]*@)?(\[[^\]/?#]*\]|[^:/?#]*)", re.IGNORECASE)


def absolute(base: str, reference: str | None) -> str | None:
    """The http(s) URL that a reference on a page leads to, or None where it is none that we pass on.

    Refused: other schemes, user info, controls, backslashes, no host, more than 2,048 characters.
    """
    if not reference or len(reference) > 2 * MAX_CHARS:
        return None
    reference = reference.strip()
    if reference.startswith("/") and "/." not in reference:
        # From the top of the host, or of another: what most relative references are.
        scheme, _, rest = base.partition("://")
        whole = f"{scheme}:{reference}" if reference[1:2] == "/" else f"{scheme}://{rest.partition('/')[0]}{reference}"
    else:
        whole = reference
    if _PLAIN.fullmatch(whole):
        return whole if len(whole) <= MAX_CHARS else None
    return _resolved(base, reference)


def _resolved(base: str, reference: str) -> str | None:
    if "\n" in reference or "\t" in reference or "\r" in reference:
        reference = reference.replace("\n", "").replace("\t", "").replace("\r", "")
    reference = reference.replace(" ", "%20")
    if not reference or (not reference.strip("/") and reference != "/") or _REFUSED.search(reference):
        return None
    try:
        url = reference if reference.startswith(("https://", "http://")) else urljoin(base, reference)
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc or "%" in parts.netloc:
        return None
    return url if len(url) <= MAX_CHARS else None


def site(url: str) -> str:
    """The host of a URL in lower case without `www.`, or an empty text."""
    host = _HOST.match(url)
    return host[1].lower().removeprefix("www.") if host else ""


def is_root(url: str) -> bool:
    """Does a URL lead to the top of its host?"""
    return not url.partition("://")[2].partition("/")[2].strip("/")
