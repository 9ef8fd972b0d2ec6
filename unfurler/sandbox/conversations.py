"""What people in the sample organizations wrote, so that one look at the page shows what the application does."""

from __future__ import annotations

from dataclasses import dataclass

from .forge import ISSUE
from .recorded_others import LINKS, PAGE

SERVER = "{server}"
FORGE = "{forge}"
GIST = "https://gist.github.com/octokit-fixture-user-a/2decf6c462d9b4418f2aabbccddeeff0"
RECORDED = "https://github.com/octokit-fixture-org/hello-world"
LIVE = "https://github.com/pallets/flask"


@dataclass(frozen=True, slots=True)
class Line:
    """One message; `person` counts the people of the organization.

    In its text SERVER is the server's own address, FORGE that of the emulated GitHub, where people can sign in.
    """

    channel: str
    person: int
    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """What stands on a page of that kind."""

    kind: str
    person: int
    text: str


HELLO = f"{FORGE}/{ISSUE.rpartition('/issues/')[0]}"
# The last in its channel, for that is what somebody sees who opens it.
PRESS = Line(
    "general",
    0,
    "Then this one is done. Who closes it? Press *Close as completed* below; you are asked to sign in once.\n"
    f"{FORGE}/{ISSUE}",
)
RECORDED_LINES = (
    Line("general", 2, f"The fix for the empty name only waits to be merged: {HELLO}/pull/5"),
    PRESS,
    Line("random", 2, f"Somebody found out why it crashed: {HELLO}/issues/1#issuecomment-1100002"),
    Line("random", 1, f"What this line does, I would like to know: {RECORDED}/blob/main/src/hello.py#L8-L12"),
    Line("random", 2, f"Came with this one, on a Friday: {RECORDED}/commit/a1b2c3d4e5f60718293a4b5c6d7e8f9001122334"),
    Line("random", 0, f"And this is how I greet all of them: {GIST}"),
    Line("elsewhere", 1, f"They have the same wish: {LINKS[0]}"),
    Line("elsewhere", 2, f"Somebody works on it already: {LINKS[1]}"),
    Line("elsewhere", 0, f"Worth reading, any page will do: {SERVER}{PAGE}"),
    Line("releases", 2, f"It is out! {RECORDED}/releases/tag/v1.2.0"),
    Line("releases", 1, f"And the next one can be tried: {RECORDED}/releases/tag/v2.0.0-rc.1"),
    Line("releases", 0, f"Merged, needs another look, open: {RECORDED}/pull/7 {RECORDED}/pull/6 {RECORDED}/pull/5"),
)
RECORDED_TEXTS = (
    Text(
        "document",
        0,
        "Before the next release we need these:\n\n"
        f"* {RECORDED}/issues/1, because it is the one people run into\n"
        f"* {RECORDED}/pull/5, which mends it\n"
        f"* a word in the manual ({RECORDED}/issues/3)\n\n"
        "Point at a link, or go to it with the keyboard, to see what is behind it.",
    ),
    Text("issue", 1, f"Waits for {RECORDED}/pull/6 and its translations.\nWas promised in {RECORDED}/issues/2"),
    Text("review", 2, f"Greets politely when the name is empty. Closes {RECORDED}/issues/1"),
)
LIVE_LINES = (
    Line("general", 0, f"We build on this: {LIVE}"),
    Line("general", 1, f"On this version: {LIVE}/releases/tag/3.0.0"),
    Line("general", 2, f"The fix for the empty name only waits to be merged: {HELLO}/pull/5"),
    PRESS,
    Line("random", 2, f"It begins like this: {LIVE}/blob/3.0.0/src/flask/app.py#L1-L10"),
)
LIVE_TEXTS = (Text("document", 0, f"We stay on {LIVE}/releases/tag/3.0.0 until spring."),)
