"""What the application itself tells of a link, where it does: `<its origin>/playground/story`."""

from __future__ import annotations

import json
from typing import Any

import requests

from .headers import origin_of

TIMEOUT_S = 10.0
LONGEST = 262_144
SILENT = "The application tells nothing of it: its playground is off, or it has not begun."
AWAY = "The application does not answer."


def ask(endpoint: str, client_id: str, item_id: str, link: str) -> dict[str, Any]:
    """`{passes: [{at, steps}]}` as it came, or `{silent}` with a sentence."""
    asked = {"organization": client_id, "item": item_id, "link": link}
    try:
        with requests.get(
            f"{origin_of(endpoint)}/playground/story",
            params=asked,
            timeout=TIMEOUT_S,
            allow_redirects=False,
            headers={"Accept": "application/json"},
            stream=True,
        ) as answer:
            if answer.status_code != 200:
                return {"silent": SILENT}
            body = answer.raw.read(LONGEST, decode_content=True)
            found = json.loads(body)
    except (requests.RequestException, ValueError):
        return {"silent": AWAY}
    return found if isinstance(found, dict) else {"silent": SILENT}
