"""A link: what somebody pasted, judged and made canonical before anything else looks at it.

This is the one parser of URLs. What it does not accept is not requested, matched or shown; what it gives back is
built from the parts it judged, so that no library behind it can understand the text differently. It does no I/O
and knows no addresses: which of them may be dialled is decided where the socket is opened.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn, Self
from urllib.parse import quote, unquote

import idna

from unfurler.sdk.errors import BadLink

MAX_LINK_CHARS = 2_048
_DEFAULT_PORTS = {"http": 80, "https": 443}
_SHAPE = re.compile(
    r"(?P<scheme>https?)://(?P<authority>[^/?#]*)(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?(?:#(?P<fragment>.*))?",
    re.I,
)
_UNWANTED = re.compile(
    r"[\x00-\x20\x7f-\xa0\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff\ufff9-\uffff\ud800-\udfff\\]"
)
_IPV6 = re.compile(r"\[[0-9a-f:.]{2,45}\]")
_IPV4 = re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)", re.ASCII)
_NUMBER_LIKE = re.compile(r"(?:\d+|0x[0-9a-f]*)", re.ASCII)
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?", re.ASCII)
_PORT = re.compile(r"\d{1,5}", re.ASCII)
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_PATH_SAFE = "!$&'()*+,;=:@/-._~%[]"
_QUERY_SAFE = _PATH_SAFE + "?"
# Said by the one who shares a link about the sharing, never needed by the site to find the page.
_TRACKING = re.compile(r"(?:utm_[a-z_]+|gclid|fbclid|msclkid|dclid|mc_cid|mc_eid|igshid|yclid|_hsenc|_hsmi)", re.I)
_OPT_OUT = "no_unfurl"


@dataclass(frozen=True, slots=True)
class Link:
    """A link after canonicalization.

    `posted` is the text as written; `url` the canonical form (host in punycode, no default port, no dot segments,
    no tracking parameters, fragment kept); `host` lower case ASCII, IPv6 in brackets; `port` None for the scheme's
    own; `path` percent-decoded and beginning with `/`; `query` pairs in order, decoded; `fragment` decoded.
    """

    posted: str
    url: str
    scheme: str
    host: str
    port: int | None
    path: str
    raw_path: str
    query: tuple[tuple[str, str], ...]
    raw_query: str
    fragment: str
    wants_no_card: bool

    @classmethod
    def parse(cls, text: str, *, max_chars: int = MAX_LINK_CHARS) -> Self:
        """Judge and take apart. Raises BadLink with a sentence that does not quote the text."""
        if len(text) > max_chars:
            _refuse(f"The link is longer than {max_chars:,} characters.", "link-too-long")
        if _UNWANTED.search(text):
            _refuse("The link has blanks, control characters or a backslash in it.", "link-malformed")
        shape = _SHAPE.fullmatch(text)
        if shape is None:
            _refuse("The link does not begin with http:// or https://.", "link-scheme")
        scheme = shape["scheme"].lower()
        host, port = _authority(shape["authority"])
        raw_path = _without_dot_segments(_normal(shape["path"], _PATH_SAFE)) or "/"
        pairs = [(_name(pair), pair) for pair in (shape["query"] or "").split("&") if pair]
        kept = [pair for name, pair in pairs if not _TRACKING.fullmatch(name) and name != _OPT_OUT]
        raw_query = _normal("&".join(kept), _QUERY_SAFE)
        fragment = _normal(shape["fragment"] or "", _QUERY_SAFE)
        port = None if port == _DEFAULT_PORTS[scheme] else port
        authority = host if port is None else f"{host}:{port}"
        return cls(
            posted=text,
            url=f"{scheme}://{authority}{raw_path}"
            + (f"?{raw_query}" if raw_query else "")
            + (f"#{fragment}" if fragment else ""),
            scheme=scheme,
            host=host,
            port=port,
            path=unquote(raw_path, errors="replace"),
            raw_path=raw_path,
            query=tuple(_decoded_pair(pair) for pair in raw_query.split("&") if pair),
            raw_query=raw_query,
            fragment=unquote(fragment, errors="replace"),
            wants_no_card=any(name == _OPT_OUT for name, _ in pairs),
        )

    @property
    def authority(self) -> str:
        """Host, with the port where it is not the scheme's own."""
        return self.host if self.port is None else f"{self.host}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme and authority."""
        return f"{self.scheme}://{self.authority}"

    @property
    def address(self) -> str:
        """What a request for it asks for: the canonical URL without its fragment."""
        return self.url.partition("#")[0]

    @property
    def display_url(self) -> str:
        """The address as the person wrote it, safe inside Markdown and attributes.

        The canonical one where their host is not plain ASCII, so that no look-alike is shown as a link.
        """
        written = self.posted if self.posted.isascii() else self.url
        return quote(written, safe="!$&'*+,;=:@/-._~%?#[]")

    def param(self, name: str) -> str | None:
        """The first query value of that name."""
        return next((value for key, value in self.query if key == name), None)


def quote_segments(segments: Sequence[str | int]) -> str:
    """A path whose parts are quoted as one segment each, beginning with `/`.

    Raises BadLink for a part that is empty, `.` or `..`, or holds controls or an encoded slash: a link must never
    choose which endpoint is asked.
    """
    quoted = []
    for segment in segments:
        text = str(segment)
        lowered = text.lower()
        if (
            text in ("", ".", "..")
            or any(ord(c) < 32 or ord(c) == 127 for c in text)
            or "%2f" in lowered
            or "%5c" in lowered
        ):
            _refuse("A part of the link cannot stand in a path.", "link-malformed")
        if any(part in (".", "..") for part in re.split(r"[/\\]", text)):
            _refuse("A part of the link cannot stand in a path.", "link-malformed")
        quoted.append(quote(text, safe="", errors="replace"))
    return "/" + "/".join(quoted)


def _authority(text: str) -> tuple[str, int | None]:
    if "@" in text:
        _refuse("The link has a user name in it.", "link-malformed")
    if "%" in text:
        _refuse("The link's host has a percent sign in it.", "link-malformed")
    literal = text.startswith("[")
    host, bracket, rest = (text.partition("]")) if literal else (text, "", "")
    if literal:
        host, port_text = host + bracket, rest
    else:
        host, colon, digits = text.partition(":")
        port_text = colon + digits
    if port_text and not (
        port_text.startswith(":") and _PORT.fullmatch(port_text[1:]) and 0 < int(port_text[1:]) < 65_536
    ):
        _refuse("The link's port is not a number from 1 to 65535.", "link-malformed")
    port = int(port_text[1:]) if port_text else None
    return (_ipv6(host) if literal else _name_or_ipv4(host)), port


def _ipv6(host: str) -> str:
    if not _IPV6.fullmatch(host.lower()):
        _refuse("The link's host is not an IPv6 address.", "link-malformed")
    return host.lower()


def _name_or_ipv4(written: str) -> str:
    if _IPV4.fullmatch(written):
        return written
    host = _ascii(written).removesuffix(".")
    labels = host.split(".")
    if _NUMBER_LIKE.fullmatch(labels[-1]):
        # Octal, hexadecimal, short, padded, with a final dot, or folded from other digits: every other way to
        # write an address is one that two programs read differently.
        _refuse("The link's host is an IPv4 address that is not written as four plain numbers.", "link-malformed")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        _refuse("The link's host is not a host name.", "link-malformed")
    return host


def _ascii(host: str) -> str:
    if host.isascii():
        return host.lower()
    try:
        return idna.encode(host, uts46=True, transitional=False).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        _refuse("The link's host is not a host name.", "link-malformed")


def _normal(text: str, safe: str) -> str:
    """Percent-encoding in one form: upper case, unreserved characters as themselves, everything unsafe encoded."""

    if "%" in text:
        text = _ESCAPE.sub(_escape_or_character, _LONE_PERCENT.sub("%25", text))
    return quote(text, safe=safe, errors="replace")


def _escape_or_character(escape: re.Match[str]) -> str:
    character = chr(int(escape[1], 16))
    return character if character in _UNRESERVED else escape[0].upper()


def _without_dot_segments(path: str) -> str:
    kept: list[str] = []
    segments = path.split("/")[1:]
    for index, segment in enumerate(segments):
        if segment == "..":
            kept[-1:] = []
        elif segment != ".":
            kept.append(segment)
        if segment in (".", "..") and index == len(segments) - 1:
            kept.append("")
    return "/" + "/".join(kept) if segments else ""


def _name(pair: str) -> str:
    return unquote(pair.partition("=")[0].replace("+", " "))


def _decoded_pair(pair: str) -> tuple[str, str]:
    name, _, value = pair.partition("=")
    return unquote(name.replace("+", " "), errors="replace"), unquote(value.replace("+", " "), errors="replace")


def _refuse(sentence: str, reason: str) -> NoReturn:
    raise BadLink(sentence, reason=reason)
