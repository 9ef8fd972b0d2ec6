"""Pages that stand in front of the content are known, and pages about them are content."""

import pytest

from unfurler.sdk.page import read_page

FORM = '<form><input name="user"><input type="password" name="p"></form>'

WALLS = [
    (
        "challenge",
        "<title>Just a moment...</title><script src=/cdn-cgi/challenge-platform/h/orchestrate/chl_></script>",
    ),
    ("challenge", "<title>Attention Required! | Cloudflare</title><h1>Sorry, you have been blocked</h1>"),
    (
        "challenge",
        "<title>site.example</title><script src=https://geo.captcha-delivery.com/captcha/x.js></script>",
    ),
    ("challenge", "<head><title></title></head><iframe src=/_Incapsula_Resource?x=1></iframe>"),
    ("challenge", "<title>Access to this page has been denied.</title><div id=px-captcha></div>"),
    ("challenge", "<title>Pardon Our Interruption</title><h1>Pardon Our Interruption...</h1>"),
    ("challenge", "<title>DDoS-Guard</title><h1>Checking your browser</h1>"),
    (
        "challenge",
        "<title>x</title><noscript>Please enable JavaScript and cookies to continue</noscript><body></body>",
    ),
    ("error", "<title>Access Denied</title><h1>Access Denied</h1>You don't have permission. Reference #18.2"),
    ("error", "<title>404 Not Found</title><h1>Not Found</h1>"),
    ("error", "<title>502 Bad Gateway</title>"),
    ("error", "<title>Seite nicht gefunden | Shop</title>"),
    ("error", "<title>ERROR: The request could not be satisfied</title><h1>403 ERROR</h1>"),
    ("error", "<title>shop.example | 521: Web server is down</title>"),
    ("challenge", "<title>Please Wait... | Cloudflare</title>"),
    ("challenge", "<title></title><h1>JavaScript is not available.</h1>"),
    ("challenge", "<title>Making sure you&#39;re not a bot!</title>"),
    ("login", "<title>Login • Pictures</title><div id=root></div>"),
    ("login", "<title>Network – log in or sign up</title>"),
    ("login", f"<title>Sign in · Tracker</title>{FORM}"),
    ("login", f"<title>Anmelden - Intranet</title>{FORM}"),
    ("login", f"<title>Tracker</title><h1>Log in</h1>{FORM}"),
    ("login", f"<title>Tracker</title><meta property=og:title content='Log in or sign up to view'>{FORM}"),
    ("consent", "<title>Before you continue</title><form action=https://consent.google.com/save></form>"),
]
CONTENT = [
    f"<title>Boats</title><p>{'We build boats of every size. ' * 30}</p>"
    "<script src=/cdn-cgi/challenge-platform/scripts/jsd/main.js></script><script "
    "src=/_Incapsula_Resource?a></script>",
    "<title>Boats</title><p>All about boats.</p><script src=/cdn-cgi/challenge-platform/scripts/jsd/main.js></script>",
    "<title>Login screens through the ages</title><h1>Login screens through the ages</h1><p>A history in pictures.</p>",
    "<title>Just a moment of silence</title><h1>Just a moment of silence</h1>" + "<p>words</p>" * 20,
    "<title>404: a love letter</title><meta property=og:image content=/404.jpg><h1>404: a love letter</h1>",
    "<title>Access denied: how a border town lives</title><meta property=og:type content=article><p>text</p>",
    f"<title>A shop for boats</title><h1>Boats</h1><p>{'We build boats of every size. ' * 30}</p>{FORM}",
    "<title>An app</title><noscript>You need to enable JavaScript to run this app.</noscript><div id=root></div>",
]


@pytest.mark.parametrize(("wall", "html"), WALLS)
def test_a_wall_is_known(wall: str, html: str) -> None:
    assert read_page(html.encode(), "https://site.example/page").wall == wall


@pytest.mark.parametrize("html", CONTENT)
def test_content_is_no_wall(html: str) -> None:
    assert read_page(html.encode(), "https://site.example/page").wall is None


def test_a_host_for_consent_is_a_wall() -> None:
    for url in ("https://consent.site.example/collect", "https://site.example/consent/tcf/a%2Fb"):
        assert read_page(b"<title>Your choices</title>", url).wall == "consent"
