"""A picture that needs an account is relayed for half an hour, made anew, and nothing else is."""

from __future__ import annotations

import io
import time
from urllib.parse import urlsplit

import pytest
import requests
from cryptography.fernet import Fernet
from PIL import Image

from tests.world.browser import Browser
from tests.world.people import choose, connect, homepage
from tests.world.space import buttons, texts, wait_for
from tests.world.system import System, Told
from unfurler.engine.relay import Relay
from unfurler.fetch.pictures import reencoded
from unfurler.sdk.card import Card
from unfurler.sdk.errors import UnfurlError
from unfurler.store.accounts import Account, Tokens
from unfurler.store.accounts import System as Place
from unfurler.store.secrets import Vault


def png(size=(8, 8), **more) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", size, "red").save(made, "PNG", **more)
    return made.getvalue()


@pytest.fixture(scope="module")
def elsewhere():
    """Another site, which sees no token."""
    system = System()
    yield system
    system.close()


@pytest.fixture(scope="module")
def gallery(board):
    """The corkboard with pictures that only its people see."""
    board.route("GET", "/api/me", lambda asked: {"id": 6, "name": asked.person} if asked.person else Told(401))

    def note(asked):
        if asked.person is None:
            return Told(404)
        number = asked.arguments["number"]
        # Long enough for More, behind which the author's choices are.
        return {"title": f"Note {number}", "text": "painted " * 30, "image": board.images[number]}

    def file(asked):
        if asked.person is None:
            return Told(404)
        body, kind = board.files[asked.arguments["name"]]
        return Told(200, body, {"Content-Type": kind})

    board.images, board.files = {}, {}
    board.route("GET", "/api/notes/<number>", note)
    board.route("GET", "/files/<name>", file)
    return board


@pytest.fixture
def shows(team, office, gallery):
    """The address of the picture of a note, as the author's card shows it."""
    signed = []

    def show(number: str, image: str, **choices):
        gallery.images[number] = image
        (item,) = team.someone_posts(f"{gallery.url}/notes/{number}")
        if not signed:
            browser, token = Browser(), gallery.issue_token(f"painter-{number}")
            page = browser.submit(browser.open(connect(team, item)), token=token)
            browser.submit(page, **{"audience": "show", **choices})
            signed.append(token)
        content = team.card(item)
        return item, pictures(content)

    return show


def pictures(node) -> list[str]:
    """Addresses of pictures in a content."""
    if isinstance(node, dict):
        own = [
            value
            for value in node.values()
            if isinstance(value, str) and value.startswith("http") and "/relay/" in value
        ]
        return own + [one for value in node.values() for one in pictures(value)]
    return [one for value in node for one in pictures(value)] if isinstance(node, list) else []


def get(address: str) -> requests.Response:
    return requests.get(address, timeout=60)


def test_a_picture_is_fetched_with_the_account_and_made_anew(shows, office, gallery):
    gallery.files["own.png"] = (png() + b"trailing CANARY", "text/html")
    _, found = shows("11", f"{gallery.url}/files/own.png")
    (address,) = set(found)
    assert address.startswith(f"{office.url}/relay/")
    answer = get(address)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/jpeg")
    assert Image.open(io.BytesIO(answer.content)).size == (8, 8)
    assert b"CANARY" not in answer.content
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert gallery.people_of("GET", "/files/own.png") == ["painter-11"]


@pytest.mark.parametrize(
    "body",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
        b"<html><script>alert(1)</script>",
        b"GIF89a",
        b"\x89PNG\r\n\x1a\n" + b"\x00" * 100,
        png()[:-40],
        b"",
    ],
)
def test_what_is_no_picture_is_404(shows, gallery, body):
    gallery.files["odd"] = (body, "image/png")
    _, found = shows("12", f"{gallery.url}/files/odd")
    assert get(found[0]).status_code == 404


def test_a_foreign_address_is_not_fetched_with_the_account(shows, gallery, elsewhere):
    _, found = shows("13", f"{elsewhere.url}/tracker.png")
    assert found == []
    assert elsewhere.asked == []


def test_a_redirect_takes_no_token_elsewhere(shows, gallery, elsewhere):
    gallery.route("GET", "/files/moved", lambda asked: Told(302, b"", {"Location": f"{elsewhere.url}/x"}))
    _, found = shows("14", f"{gallery.url}/files/moved")
    assert get(found[0]).status_code == 404
    assert elsewhere.asked == []


def test_after_signing_out_it_is_gone(team, office, shows, gallery):
    gallery.files["gone.png"] = (png(), "image/png")
    _, found = shows("15", f"{gallery.url}/files/gone.png")
    assert get(found[0]).ok
    person = team.people[0]
    (account,) = [one["account"] for one in homepage(office, team, person)["systems"] if one["account"]]
    homepage(office, team, person, "sign-out", id=account["id"])
    assert get(found[0]).status_code == 404


def test_under_the_same_consent_as_the_card(team, office, shows, gallery):
    gallery.files["title.png"] = (png(), "image/png")
    item, found = shows("16", f"{gallery.url}/files/title.png", audience="title")
    assert found == [] and "Note 16" in texts(team.item(item)["content"])


def test_not_under_a_stricter_rule_either(team, office, shows, gallery):
    gallery.files["rule.png"] = (png(), "image/png")
    _, found = shows("17", f"{gallery.url}/files/rule.png")
    assert get(found[0]).ok
    homepage(office, team, team.people[0], "rule", rule="title")
    assert get(found[0]).status_code == 404


@pytest.mark.parametrize("button", ["Only the title", "Never"])
def test_a_choice_for_the_link_alone_counts_at_once(team, office, shows, gallery, button):
    gallery.files["link.png"] = (png(), "image/png")
    item, found = shows("19", f"{gallery.url}/files/link.png")
    _, of_another = shows("20", f"{gallery.url}/files/link.png")
    team.press(item, "More")
    assert wait_for(lambda: button in buttons(team.item(item)["content"]))
    assert get(found[0]).ok
    team.press(item, button)
    assert wait_for(lambda: get(found[0]).status_code == 404)
    assert get(of_another[0]).ok


def test_a_choice_for_the_system_counts_at_once(team, office, shows, gallery):
    gallery.files["system.png"] = (png(), "image/png")
    _, found = shows("21", f"{gallery.url}/files/system.png")
    assert get(found[0]).ok
    choose(office, team, team.people[0], gallery, "title")
    assert get(found[0]).status_code == 404


def test_an_altered_or_invented_address_is_404(office, shows, gallery):
    gallery.files["sealed.png"] = (png(), "image/png")
    _, found = shows("18", f"{gallery.url}/files/sealed.png")
    sealed = found[0].rpartition("/")[2]
    vault = Vault([office.environ["UNFURLER_SECRET_KEYS"]])
    with office.sql() as database:
        (tokens,) = database.execute("select tokens_sealed from accounts limit 1").fetchone()
    invented = [
        sealed[:-2] + "AA",
        "x",
        "%00",
        Fernet(Fernet.generate_key()).encrypt(b"[]").decode(),
        tokens.decode(),
        *(vault.seal(text).decode() for text in ("[]", "{}", "null", '["relay",1,2,3,4]', "no json")),
    ]
    for one in invented:
        assert get(f"{office.url}/relay/{one}").status_code == 404, one
    assert gallery.url not in found[0] and urlsplit(found[0]).query == ""


# By values


ACCOUNT = Account("a1", "p1", Place("corkboard", "https://board.example"), "1", "ann", Tokens("t"), 0.0)


def test_an_address_lives_for_half_an_hour():
    now = [1_000.0]
    relay = Relay("https://us.example", Vault([Fernet.generate_key().decode()]), lambda: now[0])
    card = relay.card(
        Card("t", image="https://board.example/x.png"), "acme", "r1", ACCOUNT, "https://board.example/api"
    )
    sealed = card.image.rpartition("/")[2]
    now[0] += 1_799
    assert relay.open(sealed).url == "https://board.example/x.png"
    now[0] += 1
    assert relay.open(sealed) is None


@pytest.mark.parametrize(
    "image",
    [
        "https://board.example.evil.example/x",
        "http://board.example/x",
        "https://board.example:8443/x",
        "x",
        "file:///etc/passwd",
    ],
)
def test_only_pictures_of_the_accounts_own_system_are_relayed(image):
    relay = Relay("https://us.example", Vault([Fernet.generate_key().decode()]), time.time)
    card = Card("t", image=image)
    assert relay.card(card, "acme", "r1", ACCOUNT, "https://board.example/api") == card


def test_metadata_does_not_come_along():
    made = io.BytesIO()
    picture = Image.new("RGB", (4, 4))
    exif = picture.getexif()
    exif[0x010E] = "CANARY"
    picture.save(made, "JPEG", exif=exif, comment=b"CANARY", icc_profile=b"CANARY" * 10)
    for body in (made.getvalue(), png(icc_profile=b"CANARY" * 10)):
        again, _ = reencoded(body)
        opened = Image.open(io.BytesIO(again))
        assert Image.open(io.BytesIO(body)).info.get("icc_profile")
        assert b"CANARY" not in again and not opened.getexif() and "icc_profile" not in opened.info


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "CMYK", "I;16", "LA"])
def test_every_kind_of_picture_becomes_one_of_two(mode):
    made = io.BytesIO()
    Image.new(mode, (3_000, 10)).save(made, "JPEG" if mode == "CMYK" else "PNG")
    body, kind = reencoded(made.getvalue())
    opened = Image.open(io.BytesIO(body))
    assert opened.width == 1_600 and f"image/{opened.format.lower()}" == kind


def test_bombs_are_refused_before_they_are_read():
    began, made = time.thread_time(), io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(made, "PNG")
    with pytest.raises(UnfurlError):
        reencoded(made.getvalue())
    assert time.thread_time() - began < 5
    for body in (b"\x89PNG\r\n\x1a\n", b"RIFF\x00\x00\x00\x00WEBP", b"\xff\xd8\xff", b"\x00" * 10_000, b"%PDF-1.7"):
        with pytest.raises(UnfurlError):
            reencoded(body)


def test_frames_after_the_first_are_left_out():
    made = io.BytesIO()
    frames = [Image.new("RGB", (4, 4), colour) for colour in ("red", "blue")]
    frames[0].save(made, "GIF", save_all=True, append_images=frames[1:])
    opened = Image.open(io.BytesIO(reencoded(made.getvalue())[0]))
    assert getattr(opened, "n_frames", 1) == 1
