"""Where a redirect leads, judged by the same gate as a posted link."""

from __future__ import annotations

import re
from urllib.parse import urljoin

from unfurler.sdk.errors import BadLink, LimitExceeded, UpstreamOdd
from unfurler.sdk.link import Link

# urljoin drops some of them silently, and so would judge another address than the one that was sent.
_UNWANTED = re.compile(r"[\x00-\x1f\x7f\\]")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


def follow(base: str, location: str, max_chars: int) -> Link:
    """The link that a Location header means on the page `base`. Raises LimitExceeded and UpstreamOdd."""
    # Headers are read as Latin-1; what is not ASCII there is UTF-8 in practice.
    written = location.encode("latin-1", "replace").decode("utf-8", "replace").strip(" ")
    if len(written) > max_chars:
        raise LimitExceeded("The site redirects to an address that is too long.", limit="redirect_target_chars")
    try:
        if not written or _UNWANTED.search(written):
            raise BadLink("empty, or with control characters")
        return Link.parse(_absolute(base, written.replace(" ", "%20")), max_chars=max_chars)
    except (BadLink, ValueError):
        raise UpstreamOdd("The site redirects to what is no web address.", reason="redirect-malformed") from None


def _absolute(base: str, location: str) -> str:
    if _SCHEME.match(location):
        return location
    if location.startswith("//"):
        return base.partition("//")[0] + location
    return urljoin(base, location)
