"""A minefield: links that kill the process that reads them, or never come back."""

from __future__ import annotations

import os
import threading

from unfurler.sdk import Api, Card, Click, Link, Provider, Sites

minefield = Provider("minefield", title="Minefield", sites=Sites("minefield.example"))


@minefield.link("/<name>")
def mine(link: Link, api: Api, name: str) -> Card:
    """A mine, unless it is called otherwise."""
    if name.startswith("dies"):
        os._exit(1)
    if name.startswith("hangs"):
        threading.Event().wait()
    if name.startswith("fails"):
        raise ZeroDivisionError(name)
    return Card(title=name, buttons=[step.button("Step"), wait.button("Wait")])


@minefield.action
def step(click: Click, api: Api, name: str) -> str:
    """Step on it."""
    os._exit(1)


@minefield.action
def wait(click: Click, api: Api, name: str) -> str:
    """Wait until it goes off."""
    threading.Event().wait()
    return "Never"
