"""Which links of a text Space queues for an application."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

URL = re.compile(r"https?://[^\s<>\"`]+", re.IGNORECASE)
DOMAIN = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*")
TRAILING = ".,;:!?'*_~|]}"
PLACE = "<?>"


@dataclass(frozen=True, slots=True)
class Pattern:
    """`prefix` followed by a number becomes `link_replacement` with that number at `<?>`."""

    prefix: str
    link_replacement: str


def is_domain(text: str) -> bool:
    """Whether this can be registered: a lower-case host without scheme, path, port or wildcard."""
    return len(text) <= 253 and DOMAIN.fullmatch(text) is not None


def find_links(text: str, patterns: Iterable[Pattern]) -> list[str]:
    """The web addresses of a message in their order, then those that its prefixes stand for."""
    found = [trim(match.group()) for match in URL.finditer(text)]
    for pattern in patterns:
        numbers = re.findall(rf"(?<!\w){re.escape(pattern.prefix)}(\d+)(?!\w)", URL.sub(" ", text))
        found += [pattern.link_replacement.replace(PLACE, number) for number in numbers]
    return found


def trim(url: str) -> str:
    """Without the punctuation of the sentence around it; a bracket stays where the URL opened it."""
    while url:
        if url[-1] == ")" and url.count(")") > url.count("("):
            # `[text](url)`: whatever stands after the bracket that the URL did not open is not its own.
            url = url[:-1]
        elif url[-1] in TRAILING:
            url = url[:-1]
        else:
            break
    return url


def host_of(url: str) -> str | None:
    """The lower-case ASCII host of a web address; None where it has none."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
        if parts.scheme.lower() not in ("http", "https") or not host:
            return None
        return host.encode("idna").decode().rstrip(".") if not host.isascii() else host.rstrip(".")
    except ValueError:
        return None


def covering(domains: Iterable[str], url: str) -> str | None:
    """The registered domain that this link belongs to, as itself or as its parent; the longest one counts."""
    host = host_of(url)
    if host is None:
        return None
    fits = [domain for domain in domains if host == domain or host.endswith("." + domain)]
    return max(fits, key=len, default=None)
