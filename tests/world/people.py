"""What a person does with us: follows the request to sign in, confirms, looks at the homepage, reads the chat."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from tests.world.browser import Browser, Page
from tests.world.service import Service
from tests.world.space import Organization, buttons, wait_for
from tests.world.system import System


def posted(space: Organization, link: str, **more: Any) -> str:
    """The queue item of a link that somebody posts."""
    (item,) = space.someone_posts(link, **more)
    return item


def prompt(space: Organization, item: str) -> dict[str, Any]:
    """The request to sign in that stands under a link, once it is there."""
    found = wait_for(lambda: space.item(item)["prompt"])
    assert found, space.item(item)
    return found


def connect(space: Organization, item: str) -> str:
    """Where the Connect button of a link's request leads, as Space opens it."""
    text = next(text for text in buttons(prompt(space, item)) if text.startswith("Connect"))
    return space.call("press", itemId=item, button=text)["navigate"]


def invited(space: Organization, person: str, earlier: int = 0) -> str:
    """Where the Connect button of the latest direct message to a person leads, of more than `earlier` messages."""
    message = wait_for(lambda: space.messages(person)[earlier:])[-1]
    text = next(text for text in buttons(message["content"]) if text.startswith(("Connect", "Write")))
    return space.call("press-message", messageId=message["id"], button=text, userId=person)["navigate"]


def log_in(space: Organization, page: Page, person: str, browser: Browser, *, decision: str = "allow") -> str:
    """On the page of Space's login, to which `page` leads: who one is; where the browser goes then."""
    assert page.status == 302, page.text
    assert (page.goes_to or "").startswith(f"{space.server.url}/oauth/auth?"), page.goes_to
    decided = browser.post(str(page.goes_to), person=person, decision=decision)
    assert decided.status == 302, decided.text
    return str(decided.goes_to)


def asked_to_confirm(address: str, system: System, login: str, browser: Browser) -> Page:
    """From the link over the external page to the page that asks who is to be linked with whom."""
    away = browser.open(address)
    assert away.status == 302, away.text
    assert away.goes_to.startswith(system.url)
    page = browser.open(system.agree(away.goes_to, login))
    assert page.status == 200, page.says
    return page


def sign_in(address: str, system: System, login: str, browser: Browser | None = None, **choices: str) -> Page:
    """The whole flow; what the browser shows at its end."""
    browser = browser or Browser()
    return browser.submit(asked_to_confirm(address, system, login, browser), answer="yes", **choices)


def sign_in_on_homepage(service: Service, space: Organization, person: str, system: System, login: str) -> Page:
    """The whole flow, begun on the homepage; for a provider with OAuth."""
    place = next(one for one in homepage(service, space, person)["systems"] if one["site"] == system.url)
    url = homepage(service, space, person, "sign-in", provider=place["provider"], site=place["site"])["url"]
    return sign_in(url, system, login)


def user_token(space: Organization, person: str) -> str:
    """What the page around the homepage gives to it."""
    return space.call("user-token", userId=person)["token"]


def call_homepage(service: Service, token: str | None, what: str, **body: Any) -> requests.Response:
    """A call of the homepage as it stands."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return requests.post(f"{service.url}/space/homepage/{what}", json=body, headers=headers, timeout=60)


def homepage(service: Service, space: Organization, person: str, what: str = "state", **body: Any) -> Any:
    """A call of the homepage that works."""
    answer = call_homepage(service, user_token(space, person), what, **body)
    assert answer.ok, (what, answer.status_code, answer.text)
    return answer.json() if "json" in answer.headers["Content-Type"] else answer.text


def choose(
    service: Service, space: Organization, person: str, system: System, audience: str | None, **more: Any
) -> None:
    """On the homepage: who may see private links to a system that this person posts."""
    place = next(one for one in homepage(service, space, person)["systems"] if one["site"] == system.url)
    where = {"provider": place["provider"], "site": place["site"]}
    homepage(service, space, person, "choice", audience=audience, **{"never_ask": False, **where, **more})


def query_of(address: str) -> dict[str, str]:
    """The query of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
