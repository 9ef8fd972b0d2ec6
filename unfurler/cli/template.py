"""What `new-provider` writes."""

from __future__ import annotations

import json

_PROVIDER = '''"""{title}: what its links show.

Source: the page of {domain} that documents its API.
"""

from __future__ import annotations

from pydantic import BaseModel

from unfurler.sdk import Api, Card, Link, Provider, Sites, Status

{module} = Provider("{name}", title="{title}", sites=Sites("{domain}", instance_api="/api"))


class Thing(BaseModel, frozen=True):
    """What the API says of a thing; what is missing there must be optional here."""

    title: str
    state: str = ""
    text: str = ""


@{module}.link("/things/<int:number>")
def thing(link: Link, api: Api, number: int) -> Card:
    """A thing: its title, its state, and the first words of its text."""
    found = api.get("things", number).parse(Thing)
    return Card(title=found.title, kicker=f"{title} #{{number}}", status=Status(found.state), text=found.text)
'''

_TEST = '''"""{title}: the links it claims, those it refuses, and a card."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from unfurler.engine.loading import load_file
from unfurler.engine.registry import Installed, Registry
from unfurler.sdk import Link
from unfurler.sdk.recorded import RecordedApi

HERE = Path(__file__).parent
{module} = load_file(HERE.parents[1] / "providers" / "{module}.py")
REGISTRY = Registry([Installed({module}, ({module}.sites.public,))])

CLAIMS = [("https://{domain}/things/7", "thing", {{"number": 7}})]
REFUSES = [
    "https://{domain}/",
    "https://{domain}/things/new",
    "https://{domain}.evil.example/things/7",
]
# Written anew from the real system by `python -m unfurler dev providers/{module}.py --record`.
REPLIES = json.loads((HERE / "{module}" / "recorded.json").read_text())["replies"]


@pytest.mark.parametrize(("url", "function", "arguments"), CLAIMS)
def test_a_link_is_claimed(url, function, arguments):
    match = REGISTRY.match(Link.parse(url))
    assert match is not None
    assert (match.rule.function.__name__, match.arguments) == (function, arguments)


@pytest.mark.parametrize("url", REFUSES)
def test_a_link_is_refused(url):
    assert REGISTRY.match(Link.parse(url)) is None


def test_a_card_says_what_the_thing_is():
    match = REGISTRY.match(Link.parse("https://{domain}/things/7"))
    card = match.rule.function(match.link, RecordedApi(REPLIES), **match.arguments)
    assert (card.title, card.status.text, card.text) == ("A thing", "open", "Its text")
'''


_RECORDED = {
    "links": ["https://{domain}/things/7"],
    "replies": {"/things/7": {"title": "A thing", "state": "open", "text": "Its text"}},
    "pages": {},
}


def provider_file(name: str, module: str, domain: str) -> str:
    """The provider."""
    return _PROVIDER.format(name=name, module=module, domain=domain, title=_title(name))


def test_file(name: str, module: str, domain: str) -> str:
    """Its test."""
    return _TEST.format(name=name, module=module, domain=domain, title=_title(name))


def recorded_file(domain: str) -> str:
    """What its API answers, in the form that `dev --record` writes."""
    return json.dumps(_RECORDED, indent=2).replace("{domain}", domain) + "\n"


def _title(name: str) -> str:
    return name.replace("-", " ").title()
