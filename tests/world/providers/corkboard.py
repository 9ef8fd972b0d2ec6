"""A corkboard: a small system of the tests, which people sign in to with a token that they make there."""

from __future__ import annotations

from unfurler.sdk import Api, Card, Click, Identity, Link, PersonalToken, Provider, Sites, Status

corkboard = Provider(
    "corkboard",
    title="Corkboard",
    sites=Sites(instance_api="/api"),
    sign_in=PersonalToken(page="/settings/tokens", note="It needs the right to read and to pin."),
)


@corkboard.account
def me(api: Api) -> Identity:
    """Whose token it is."""
    found = api.get("me").json()
    return Identity(str(found["id"]), found["name"])


@corkboard.link("/notes/<int:number>")
def note(link: Link, api: Api, number: int) -> Card:
    """A note."""
    found = api.get("notes", number).json()
    pinned = found.get("pinned", False)
    return Card(
        title=found["title"],
        text=found.get("text", ""),
        status=Status("Pinned" if pinned else "Loose"),
        image=found.get("image"),
        confidential=found.get("confidential", False),
        buttons=[unpin.button("Unpin") if pinned else pin.button("Pin"), burn.button("Burn"), scribble.button("Write")],
    )


@corkboard.action(undo="unpin")
def pin(click: Click, api: Api, number: int) -> str:
    """Pin the note."""
    api.put("notes", number, "pin")
    return f"Pinned note {number}"


@corkboard.action(undo="pin")
def unpin(click: Click, api: Api, number: int) -> str:
    """Take the pin out."""
    api.delete("notes", number, "pin")
    return f"Unpinned note {number}"


@corkboard.action(confirm="Burn this note? It cannot be brought back.")
def burn(click: Click, api: Api, number: int) -> str:
    """Burn the note."""
    api.post("notes", number, "burn")
    return f"Burned note {number}"


@corkboard.action(asks="Remark")
def scribble(click: Click, api: Api, number: int, text: str) -> str:
    """Write on the note."""
    api.post("notes", number, "remarks", json={"text": text})
    return f"Wrote on note {number}"
