"""Any page: what its card says, what is left alone, what stands in front of the content."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from providers.generic import generic
from providers.generic import page as show
from providers.generic.files import file_card
from providers.generic.single_use import looks_single_use
from providers.generic.twins import unwrapped
from tests.providers.kit import RecordedApi, assert_golden, card_of
from unfurler.engine.registry import Installed, Registry
from unfurler.sdk import AccessDenied, Card, Document, Fact, Link, NothingToShow
from unfurler.sdk.page import FileFacts

FOLDER = Path(__file__).parent / "generic"
ARTICLE = "https://news.example.com/2024/05/harvest"

CLAIMS: list[tuple[str, str, dict[str, Any]]] = [(ARTICLE, "page", {})]
REFUSES = [
    "https://elsewhere.example/",
    "https://example.com.evil.example/",
    "https://notexample.com/",
    "https://example.com/unsubscribe/4711",
    "https://example.com/users/password/edit?reset_password_token=abc",
]


def html(
    head: str, body: str = "<p>Text that is long enough to be one, with some words about nothing at all.</p>"
) -> str:
    return f"<!doctype html><html><head><meta charset=utf-8>{head}</head><body>{body}</body></html>"


PAGES = {
    ARTICLE: html(
        """<title>A good harvest | The Daily Example</title>
        <meta property="og:title" content="A good harvest"><meta property="og:site_name" content="The Daily Example">
        <meta property="og:description" content="Apples &amp; pears: more than in any year before.">
        <meta property="og:image" content="/pictures/apples.jpg"><meta property="og:image:width" content="1200">
        <meta property="og:image:height" content="630"><meta name="author" content="Ada Example">
        <meta property="article:published_time" content="2024-05-12T08:30:00+02:00">"""
    ),
}


def page(head: str, url: str = "https://example.com/x", **document: Any) -> Card:
    found = Document(document.pop("answered_by", url), "text/html", "utf-8", html(head).encode(), **document)
    return card_of(generic, url, pages={url: found})


def test_the_card_of_an_article_is_the_agreed_one():
    assert_golden(card_of(generic, ARTICLE, pages=PAGES), FOLDER / "article.card.json")


def test_a_page_is_asked_for_once_without_its_fragment():
    api = RecordedApi(pages=PAGES)
    card_of(generic, f"{ARTICLE}#apples", api=api)
    assert api.calls == [f"FETCH {ARTICLE}"]


def test_a_page_with_nothing_but_a_title_has_its_host_as_site():
    made = page("<title>Apples</title>")
    assert (made.title, made.kicker, made.image) == ("Apples", "example.com", None)


def test_a_page_that_says_nothing_is_not_shown():
    with pytest.raises(NothingToShow) as stopped:
        page("")
    assert stopped.value.reason == "no-title"


def test_a_date_without_a_time_stays_a_date():
    made = page('<title>Apples</title><meta property="article:published_time" content="2024-05-02">')
    assert Fact("published 2 May 2024") in made.facts


def test_a_time_is_shown_in_each_readers_zone():
    when = datetime(2024, 5, 12, 6, 30, tzinfo=UTC)
    assert Fact("published", at=when) in card_of(generic, ARTICLE, pages=PAGES).facts


@pytest.mark.parametrize(
    ("image", "size", "shown"),
    [
        ("/a.jpg", None, True),
        ("/a.jpg", (200, 200), True),
        ("/a.jpg", (199, 400), False),
        ("/a.jpg", (400, 199), False),
        ("/static/logo.png", (600, 600), False),
        ("/brand/site-logo.png", None, False),
        ("/catalogue.jpg", None, True),
        ("/a.svg", None, False),
    ],
)
def test_a_picture_is_shown_unless_it_is_small_or_a_logo(image: str, size: tuple[int, int] | None, shown: bool):
    head = f'<title>Apples</title><meta property="og:image" content="{image}">'
    if size:
        head += f'<meta property="og:image:width" content="{size[0]}">'
        head += f'<meta property="og:image:height" content="{size[1]}">'
    assert page(head).image == (f"https://example.com{image}" if shown else None)


@pytest.mark.parametrize(
    ("answered_by", "note"),
    [
        ("https://example.com/y", ""),
        ("https://www.example.com/x", ""),
        ("https://elsewhere.example/x", "Leads to elsewhere.example"),
    ],
)
def test_a_redirect_to_another_host_is_said(answered_by: str, note: str):
    assert page("<title>Apples</title>", answered_by=answered_by).note == note


def test_a_page_that_wants_no_snippet_has_title_and_site_only():
    head = '<title>Apples</title><meta name="description" content="About apples."><meta name="author" content="Ada">'
    assert page(head).text == "About apples."
    assert page(head, nosnippet=True) == Card(title="Apples", kicker="example.com")
    assert page(head + '<meta name="robots" content="nosnippet">') == Card(title="Apples", kicker="example.com")


def test_a_refresh_is_followed_once():
    first, second, third = "https://example.com/1", "https://example.com/2", "https://example.com/3"
    api = RecordedApi(
        pages={
            first: html(f'<title>Wait</title><meta http-equiv="refresh" content="0; url={second}">'),
            second: html(f'<title>Apples</title><meta http-equiv="refresh" content="0; url={third}">'),
        }
    )
    assert card_of(generic, first, api=api).title == "Apples"
    assert api.calls == [f"FETCH {first}", f"FETCH {second}"]


def test_a_page_that_refreshes_itself_is_asked_for_once():
    api = RecordedApi(
        pages={ARTICLE: html(f'<title>Live</title><meta http-equiv="refresh" content="1; url={ARTICLE}">')}
    )
    assert card_of(generic, ARTICLE, api=api).title == "Live"
    assert len(api.calls) == 1


@pytest.mark.parametrize(("title", "reason"), [("Just a moment...", "wall-challenge"), ("404 Not Found", "wall-error")])
def test_what_stands_in_front_of_the_content_is_not_shown(title: str, reason: str):
    with pytest.raises(NothingToShow) as stopped:
        page(f"<title>{title}</title>")
    assert stopped.value.reason == reason


def test_a_sign_in_form_is_not_shown():
    body = '<form method=post action="/login"><input name=user><input type="password" name=p></form>'
    with pytest.raises(NothingToShow) as stopped:
        card_of(generic, ARTICLE, pages={ARTICLE: html("<title>Sign in</title>", body)})
    assert stopped.value.reason == "wall-login"


def test_what_the_site_refuses_is_passed_on():
    with pytest.raises(AccessDenied):
        card_of(generic, ARTICLE, pages={ARTICLE: AccessDenied("The source wants an account.")})


def test_a_file_that_is_none_of_ours_is_not_shown():
    found = Document(ARTICLE, "application/zip", None, b"PK\3\4", is_page=False)
    with pytest.raises(NothingToShow) as stopped:
        card_of(generic, ARTICLE, pages={ARTICLE: found})
    assert stopped.value.reason == "not-a-page"


def test_the_end_of_a_file_is_asked_for_only_where_it_was_cut():
    for whole, calls in ((True, 1), (False, 2)):
        found = Document(ARTICLE, "application/pdf", None, b"%PDF-1.7 odd", whole=whole, is_page=False)
        api = RecordedApi(pages={ARTICLE: found})
        try:
            card_of(generic, ARTICLE, api=api)
        except NothingToShow as stopped:
            assert stopped.reason == "not-a-page"
        assert len(api.calls) == calls


def test_a_file_says_its_kind_and_measures():
    video = FileFacts("video", "video/mp4", size_bytes=12_300_000, width=1920, height=1080, duration_s=3_725.4)
    made = file_card(video, "harvest.mp4", "example.com", "https://example.com/harvest.mp4")
    assert made.title == "harvest.mp4"
    assert [fact.text for fact in made.facts] == ["Video", "1920 × 1080", "1:02:05", "12 MB"]
    assert made.image is None


def test_a_picture_is_shown_itself_but_never_a_drawing():
    png = FileFacts("image", "image/png", width=640, height=480)
    assert file_card(png, "a.png", "example.com", "https://example.com/a.png").image == "https://example.com/a.png"
    svg = FileFacts("image", "image/svg+xml")
    assert file_card(svg, "a.svg", "example.com", "https://example.com/a.svg").image is None


SINGLE_USE = [
    "/reset-password?token=abc",
    "/reset-password/abc123",
    "/users/password/edit?reset_password_token=abc",
    "/password/reset/3f2a9c1b7d8e4f60a1b2",
    "/account/password_reset/MQ/5xk-0b1f2e3d4c5b6a7f8e9d/",
    "/invite/abc123",
    "/invitations/0e4b7f0c-7a58-4f6e-9c40-0e1d2c3b4a59/accept",
    "/accept-invitation?id=7",
    "/join?token=abc",
    "/confirm-email/MTIz:abc",
    "/users/confirmation?confirmation_token=abc",
    "/verify?email=ada%40example.com&code=123456",
    "/activate/9f8e7d6c5b4a39281706",
    "/auth/magic-link?key=abc",
    "/login?token=abc",
    "/__/auth/action?mode=resetPassword&oobCode=abc",
    "/unsubscribe",
    "/newsletter/unsubscribe?u=1&id=2",
    "/preferences/opt-out/abc",
    "/oauth/callback?code=abc&state=def",
    "/auth/google/callback?code=abc",
    "/signin-oidc?x=1",
    "/any?code=abc&state=def",
    "/sso/acs?SAMLResponse=abc",
    "/bucket/key?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=abc",
    "/bucket/key?X-Goog-Signature=abc",
    "/bucket/key?AWSAccessKeyId=a&Signature=b&Expires=1",
    "/container/blob?sv=2022&se=2030&sp=cw&sig=abc",
]
ORDINARY = [
    "/",
    "/2024/05/how-to-reset-your-password",
    "/help/reset-password",
    "/docs/auth/oauth2-authorization-code-flow",
    "/docs/login/configuring-two-factor-authentication",
    "/t/python-3-12-release-notes/4711",
    "/invitations",
    "/signup",
    "/join/us",
    "/verify",
    "/products?code=apple",
    "/search?q=unsubscribe",
    "/files/9f8e7d6c5b4a39281706.pdf",
    "/blog/the-magic-of-apples?utm_source=newsletter",
]


@pytest.mark.parametrize("path", SINGLE_USE)
def test_a_link_that_looks_single_use_is_left_alone(path: str):
    api = RecordedApi(pages={f"https://example.com{path}": PAGES[ARTICLE]})
    with pytest.raises(NothingToShow) as stopped:
        card_of(generic, f"https://example.com{path}", api=api)
    assert (stopped.value.reason, api.calls) == ("single-use", [])


@pytest.mark.parametrize("path", ORDINARY)
def test_an_ordinary_link_does_not_look_single_use(path: str):
    assert not looks_single_use(Link.parse(f"https://example.com{path}"))


VIDEO = "https://www.youtube.com/watch?v=abc"
LISTED = "https://www.youtube.com/oembed?url=https%3A%2F%2Fwww.youtube.com%2Fwatch%3Fv%3Dabc&format=json"
REPLY = '{"type": "video", "version": "1.0", "title": "A talk", "author_name": "Ada", "provider_name": "YouTube"}'


def of_youtube(**pages: Any) -> Card:
    found = Registry([Installed(generic, (), ("youtube.com",))]).match(Link.parse(VIDEO))
    assert found is not None
    return found.rule.function(found.link, RecordedApi(pages=pages["pages"]))


def test_a_listed_site_that_shows_a_wall_is_asked_by_oembed():
    wall = "<title>Before you continue to YouTube</title><form action='https://consent.youtube.com/save'></form>"
    card = of_youtube(pages={VIDEO: wall, LISTED: REPLY})
    assert (card.kicker, card.title, [fact.text for fact in card.facts]) == ("YouTube", "A talk", ["Ada"])


def test_a_listed_site_that_refuses_is_asked_by_oembed():
    assert of_youtube(pages={VIDEO: AccessDenied("No."), LISTED: REPLY}).title == "A talk"


def test_a_page_that_says_enough_is_not_asked_for_more():
    full = html('<title>Talk</title><meta property="og:image" content="https://i.ytimg.com/a.jpg">')
    api = RecordedApi(pages={VIDEO: full, LISTED: REPLY})
    found = Registry([Installed(generic, (), ("youtube.com",))]).match(Link.parse(VIDEO))
    assert found is not None
    found.rule.function(found.link, api)
    assert api.calls == [f"FETCH {VIDEO}"]


@pytest.mark.parametrize(
    ("endpoint", "asked"),
    [
        ("https://example.com/oembed?url=x", True),
        ("https://media.example.com/oembed?url=x", True),
        ("https://evil.example/oembed?url=x", False),
        ("https://notexample.com/oembed?url=x", False),
    ],
)
def test_an_endpoint_that_a_page_names_is_asked_only_on_its_own_site(endpoint: str, asked: bool):
    url = "https://example.com/x"
    head = f'<title>T</title><link rel="alternate" type="application/json+oembed" href="{endpoint}">'
    api = RecordedApi(pages={url: html(head), endpoint: REPLY})
    card_of(generic, url, api=api)
    assert (f"FETCH {endpoint}" in api.calls) is asked


@pytest.mark.parametrize("answer", ["", "[]", "{", '{"type":"rich","html":"<b>x</b>"}', "[" * 100_000])
def test_an_odd_oembed_answer_changes_nothing(answer: str):
    url, endpoint = "https://example.com/x", "https://example.com/o"
    head = f'<title>T</title><link rel="alternate" type="application/json+oembed" href="{endpoint}">'
    assert card_of(generic, url, pages={url: html(head), endpoint: answer}).title == "T"


def test_what_must_not_be_kept_is_fresh_for_no_time():
    assert page('<title>T</title><meta name="robots" content="noarchive">').fresh_s == 0
    assert page("<title>T</title>", fresh_s=30.0).fresh_s == 30


CANONICAL = '<title>Ferry returns</title><link rel="canonical" href="https://www.news.example.com/a/ferry">'


@pytest.mark.parametrize(
    "twin",
    [
        "https://amp.news.example.com/a/ferry",
        "https://m.news.example.com/a/ferry?id=7",
        "https://mobile.news.example.com/a/ferry",
        "https://news.example.com/a/ferry/amp/",
        "https://www.news.example.com/amp/a/ferry",
        "https://news.example.com/a/ferry.amp.html",
        "https://news.example.com/a/ferry?amp=1",
        "https://news.example.com/a/ferry?outputType=amp",
    ],
)
def test_a_twin_of_a_page_leads_to_the_page(twin):
    made = page(CANONICAL, twin)
    assert (made.url, made.note) == ("https://www.news.example.com/a/ferry", "")


def test_a_page_that_calls_itself_amp_leads_to_its_page():
    url = "https://news.example.com/mini/ferry"
    found = Document(url, "text/html", "utf-8", f"<html ⚡><head>{CANONICAL}</head>".encode())
    assert card_of(generic, url, pages={url: found}).url == "https://www.news.example.com/a/ferry"


@pytest.mark.parametrize(
    ("link", "canonical"),
    [
        ("https://news.example.com/a/ferry", "https://www.news.example.com/b"),
        ("https://m.news.example.com/a/ferry", "https://evil.example/a/ferry"),
        ("https://m.news.example.com/a/ferry", "https://news.example.com.evil.example/a/ferry"),
        ("https://m.news.example.com/a/ferry", "https://other.example.com/a/ferry"),
        ("https://m.news.example.com/a/ferry", "https://www.news.example.com/"),
        ("https://m.news.example.com/a/ferry", "javascript:alert(1)"),
        ("https://m.news.example.com/a/ferry", "https://user@news.example.com/a/ferry"),
    ],
)
def test_what_a_page_says_of_itself_leads_nobody_elsewhere(link, canonical):
    assert page(f'<title>Ferry</title><link rel="canonical" href="{canonical}">', link).url is None


@pytest.mark.parametrize(
    ("cached", "held"),
    [
        ("https://www.google.example.com/amp/s/amp.example.com/x", None),
        ("https://www.google.com/amp/s/amp.example.com/x?a=1", "https://amp.example.com/x?a=1"),
        ("https://www.google.co.uk/amp/amp.example.com/x", "http://amp.example.com/x"),
        ("https://amp-example-com.cdn.ampproject.org/c/s/amp.example.com/x", "https://amp.example.com/x"),
        ("https://cdn.ampproject.org/v/s/amp.example.com/x?amp_js_v=0.1", "https://amp.example.com/x?amp_js_v=0.1"),
        ("https://cdn.ampproject.org.evil.example/c/s/amp.example.com/x", None),
        ("https://cdn.ampproject.org/c/s/user@amp.example.com/x", None),
        ("https://www.google.com/amp/s/127.1/x", None),
        ("https://www.google.com/search?q=amp", None),
        ("https://www.google.com/amp/s/", None),
    ],
)
def test_an_address_of_a_cache_holds_that_of_the_page(cached, held):
    link = Link.parse(cached)
    assert unwrapped(link).url == (held or link.url)


def test_a_cached_copy_is_not_asked_for_but_its_page():
    cached, held = "https://www.google.com/amp/s/amp.example.com/x", "https://amp.example.com/x"
    api = RecordedApi(pages={held: html("<title>Ferry</title>")})
    made = show(Link.parse(cached), api)
    assert api.calls == [f"FETCH {held}"]
    assert (made.title, made.url, made.note) == ("Ferry", held, "Leads to amp.example.com")


def test_a_cached_copy_of_a_link_that_works_once_is_left_alone():
    api = RecordedApi()
    with pytest.raises(NothingToShow):
        show(Link.parse("https://www.google.com/amp/s/example.com/unsubscribe/7"), api)
    assert api.calls == []
