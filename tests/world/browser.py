"""A person's browser at our pages: it keeps cookies, follows no redirect by itself, and fills forms."""

from __future__ import annotations

import re
from typing import Any

import requests
from lxml import html


class Page:
    """An answer as a browser shows it."""

    def __init__(self, answer: requests.Response) -> None:
        self.status = answer.status_code
        self.text = answer.text
        self.headers = answer.headers
        self.goes_to = answer.headers.get("Location")
        self.url = answer.url

    @property
    def says(self) -> str:
        """Every word that is to be read."""
        return re.sub(r"\s+", " ", html.fromstring(self.text).text_content()) if self.text else ""

    @property
    def links(self) -> dict[str, str]:
        """Where its links lead, by their words."""
        shown = html.fromstring(self.text, base_url=self.url)
        shown.make_links_absolute()
        return {link.text_content(): link.get("href") for link in shown.iter("a")}

    @property
    def form(self) -> Any:
        """The only form."""
        (form,) = html.fromstring(self.text, base_url=self.url).forms
        return form


class Browser:
    """One browser of one person."""

    def __init__(self) -> None:
        self._session = requests.Session()
        self._session.trust_env = False

    def open(self, address: str, **headers: str) -> Page:
        return Page(self._session.get(address, allow_redirects=False, timeout=60, headers=headers))

    def post(self, address: str, **fields: str) -> Page:
        return Page(self._session.post(address, data=fields, allow_redirects=False, timeout=60))

    def submit(self, page: Page, **fields: str) -> Page:
        """Send the page's form as it stands, with these fields filled in."""
        action = requests.compat.urljoin(page.url, page.form.action or page.url)
        return self.post(action, **{**dict(page.form.form_values()), **fields})

    @property
    def cookies(self) -> requests.cookies.RequestsCookieJar:
        return self._session.cookies
