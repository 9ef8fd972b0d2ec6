"""The pictures of the documents show what there is; `make pictures` takes them anew."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.person import ISSUE, REPOSITORY
from tests.world.service import ROOT, Service
from tests.world.space import wait_for
from tests.world.workshop import Workshop

FOLDER = ROOT / "docs" / "pictures"
DIGEST = (Path(__file__).parent / "digest.js").read_text(encoding="utf-8")
WRITES = os.environ.get("UNFURLER_GOLDEN") == "write"
STYLES = sorted((ROOT / "unfurler" / "drawing").glob("*.css"))
COLOURS = 192


def assert_current(page: Page, name: str, *, with_dark: bool = False) -> None:
    """The picture `name` was taken of what the page shows now. Pixels are each machine's own, so texts are compared."""
    styles = hashlib.sha256(b"".join(path.read_bytes() for path in STYLES)).hexdigest()[:12]
    now = f"{page.evaluate(DIGEST)}styles {styles}\n"
    file = FOLDER / f"{name}.txt"
    if WRITES:
        file.write_text(now, encoding="utf-8")
        take(page, FOLDER / f"{name}.png")
        if with_dark:
            page.emulate_media(color_scheme="dark")
            take(page, FOLDER / f"{name}-dark.png")
            page.emulate_media(color_scheme="light")
    assert file.read_text(encoding="utf-8") == now, f"{name}.png shows something else; take it anew: make pictures"


def take(page: Page, path: Path) -> None:
    """A small picture: few colours are enough for text on paper."""
    with Image.open(io.BytesIO(page.screenshot())) as taken:
        taken.convert("RGB").quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(
            path, optimize=True
        )


@pytest.fixture(scope="module")
def service(tmp_path_factory, space_server):
    """The service where people can sign in to GitHub, so that cards have all their buttons."""
    environ = {
        "UNFURLER_SPACE_HOSTS": space_server.url,
        "UNFURLER_GITHUB_API_URL": f"{space_server.url}/recorded/github",
        "UNFURLER_GITHUB_CLIENT_ID": "pictured",
        "UNFURLER_GITHUB_CLIENT_SECRET": "not pressed",
        "UNFURLER_PLAYGROUND": "on",
    }
    pictured = Service(tmp_path_factory.mktemp("pictured"), environ).start()
    yield pictured
    pictured.stop()


@pytest.fixture
def talk(space):
    """Two people talk about the recorded repository."""
    said = [
        f"Support says the demo dies without a name. Is this it?\n{ISSUE}",
        f"There is a fix already, it only waits to be merged: {REPOSITORY}/pull/5",
    ]
    for author, text in zip(space.people, said, strict=False):
        (item,) = space.call("messages", text=text, author=author)["items"]
        assert space.card(item["id"])
    return space


def test_the_picture_of_the_readme(person, talk):
    ann = person(width=1000)
    ann.page.set_viewport_size({"width": 1000, "height": 730})
    expect(ann.cards).to_have_count(2)
    assert_current(ann.page, "chat", with_dark=True)


def test_the_picture_of_the_inspector(person, space):
    (item,) = space.someone_posts(f"What is this about? {REPOSITORY}/issues/2")
    assert space.card(item)
    query = {"item": item}
    path = f"installations/{space.id}/service-story"
    assert wait_for(lambda: "Card" in str(space.server.get(path, **query)))
    ann = person()
    ann.page.set_viewport_size({"width": 1280, "height": 1020})
    ann.page.get_by_role("button", name="Inspect the preview of").click()
    ann.sees(ann.page.locator("#story"), "valid and shown")
    assert_current(ann.page, "inspector")


def test_the_picture_of_the_authors_page(new_context, tmp_path):
    workshop = Workshop(tmp_path).opens()
    page = new_context(viewport={"width": 1280, "height": 560}, reduced_motion="reduce").new_page()
    page.goto(workshop.url)
    page.wait_for_selector("body[data-ready]")
    assert_current(page, "dev")
    workshop.close()


def test_every_picture_is_small_and_shown_in_a_document():
    documents = "".join(path.read_text(encoding="utf-8") for path in [ROOT / "README.md", *ROOT.glob("**/[!.]*.md")])
    for path in FOLDER.glob("*.png"):
        assert path.stat().st_size < 120_000, path.name
        assert f"pictures/{path.name}" in documents, path.name
        assert (FOLDER / f"{path.stem.removesuffix('-dark')}.txt").exists()
