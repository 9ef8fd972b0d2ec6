"""The words in which a provider is written. What is not here is not for authors."""

from unfurler.sdk.api import Api, Click, Document, Reply
from unfurler.sdk.card import Button, Card, Code, Fact, Field, Quote, Status, Tone
from unfurler.sdk.errors import (
    AccessDenied,
    ActionRefused,
    NotFound,
    NothingToShow,
    RateLimited,
    UnfurlError,
    UpstreamOdd,
)
from unfurler.sdk.link import Link
from unfurler.sdk.part import Part
from unfurler.sdk.provider import Provider, Sites
from unfurler.sdk.sign_in import Identity, OAuth2, PersonalToken
from unfurler.sdk.text import clean, excerpt, file_size, one_line, plural, shorten

__all__ = [
    "AccessDenied", "ActionRefused", "Api", "Button", "Card", "Click", "Code", "Document", "Fact", "Field", "Identity",
    "Link", "NotFound", "NothingToShow", "OAuth2", "Part", "PersonalToken", "Provider", "Quote", "RateLimited", "Reply",
    "Sites", "Status", "Tone", "UnfurlError", "UpstreamOdd", "clean", "excerpt", "file_size", "one_line", "plural",
    "shorten",
]  # fmt: skip
